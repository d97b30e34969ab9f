from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from engine.errors import NotFound
from engine.expressions import ExpressionError, juel
from engine.expressions.exposed import Exposed, names
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed


class Person(Exposed):
    exposed: ClassVar[frozenset[str]] = names("userName accessToken isRepresentative roles")
    userName = "ann"
    accessToken = "token"
    roles: ClassVar[list[str]] = ["officer"]
    password = "hidden"

    def isRepresentative(self) -> bool:
        return False


class Submission(Exposed):
    exposed: ClassVar[frozenset[str]] = names("formData signatureDocumentId")
    signatureDocumentId = "process/i-1/task/sign"
    formData = JsonNode.of({"a": {"b": "c"}, "n": 5, "flag": True, "list": [{"x": 1}]})


class Execution(Exposed):
    exposed: ClassVar[frozenset[str]] = names("getVariable processInstanceId")
    processInstanceId = "i-1"

    def getVariable(self, name: str) -> Any:
        return {"secure-x": 1}.get(name)


def fails() -> None:
    raise NotFound("no such thing")


SCOPE: dict[str, Any] = {
    "x": 5, "half": 2.5, "price": Decimal("10.00"), "text": "10", "name": "Bob", "blank": "", "nothing": None, "approved": True, "no": False,
    "list": [1, 2], "map": {"a": 1, "n": {"m": "deep"}, "a-b": 3}, "empties": [], "day": date(2024, 2, 5),
    "json": JsonNode.of('{"id":"1","l":[1,2]}'), "number": Typed(5), "response": Typed({"responseBody": JsonNode.of('{"id":"1","flag":true}')}),
    "submission": lambda task: Submission(), "completer": lambda task: Person(), "initiator": lambda: Person(), "execution": Execution(),
    "fails": fails, "довідка": 7,
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # text and composites
        ("plain text", "plain text"),
        ("", ""),
        ("Hello ${name}!", "Hello Bob!"),
        ("${name}${x}", "Bob5"),
        ("${nothing}!", "!"),
        ("#{name}", "Bob"),
        ("\\${x} costs", "${x} costs"),
        ("$ {x}", "$ {x}"),
        ("${'}'}", "}"),
        ("${'a\\'b'}", "a'b"),
        ('${"a\\"b"}', 'a"b'),
        ("v ${approved} ${half} ${list} ${map.n} ${price}", "v true 2.5 [1, 2] {m=deep} 10.00"),
        ("${ x }", 5),
        ("${\n  x\n}", 5),
        # arithmetic
        ("${1+1}", 2),
        ("${5/2}", 2.5),
        ("${4/2}", 2.0),
        ("${'1'+'2'}", 3),
        ("${'1.5'+1}", 2.5),
        ("${nothing+1}", 1),
        ("${nothing+nothing}", 0),
        ("${blank + 1}", 1),
        ("${5/0}", math.inf),
        ("${-5/0}", -math.inf),
        ("${7 % 3}", 1),
        ("${-7 mod 3}", -1),
        ("${7 div 2}", 3.5),
        ("${2 + 3 * 4}", 14),
        ("${(2 + 3) * 4}", 20),
        ("${10 - 2 - 3}", 5),
        ("${-x}", -5),
        ("${- -x}", 5),
        ("${price * 2}", Decimal("20.00")),
        ("${price / 3}", Decimal("3.33")),
        ("${price + 0.5}", Decimal("10.50")),
        ("${1e3}", 1000.0),
        ("${.5 + 1.}", 1.5),
        # comparison
        ("${text == 10}", True),
        ("${10 == text}", True),
        ("${text == '10'}", True),
        ("${x == 5.0}", True),
        ("${approved == 'true'}", True),
        ("${approved == 'yes'}", False),
        ("${nothing == null}", True),
        ("${x != null}", True),
        ("${nothing > 1}", False),
        ("${nothing < 1}", False),
        ("${nothing <= nothing}", True),
        ("${nothing < nothing}", False),
        ("${'a' < 'b'}", True),
        ("${10 > '9'}", True),
        ("${'10' > '9'}", False),
        ("${x gt 3 and x lt 6 or no}", True),
        ("${x ge 5 && x le 5}", True),
        ("${x eq 5}", True),
        ("${x ne 5}", False),
        ("${not approved}", False),
        ("${!no}", True),
        ("${list == list}", True),
        ("${map == map}", True),
        ("${day == day}", True),
        # logic stops early
        ("${no && missing}", False),
        ("${approved || missing}", True),
        ("${approved ? 'yes' : missing}", "yes"),
        ("${x > 3 ? x > 4 ? 'a' : 'b' : 'c'}", "a"),
        ("${'true' && approved}", True),
        ("${nothing || no}", False),
        # empty
        ("${empty nothing}", True),
        ("${empty blank}", True),
        ("${empty empties}", True),
        ("${not empty list}", True),
        ("${empty 0}", False),
        ("${empty map.n}", False),
        # properties
        ("${map.a}", 1),
        ("${map['a-b']}", 3),
        ("${map.n.m}", "deep"),
        ("${map.zz}", None),
        ("${map.zz.yy}", None),
        ("${nothing.foo}", None),
        ("${list[0]}", 1),
        ("${list[9]}", None),
        ("${list['1']}", 2),
        ("${list[-1]}", None),
        ("${list.empty}", False),
        ("${day.year}", 2024),
        ("${initiator().userName}", "ann"),
        ("${initiator().representative}", False),
        ("${довідка}", 7),
        # methods
        ("${name.equals('Bob')}", True),
        ("${list.size() > 1 and list.contains(2)}", True),
        ("${map.isEmpty()}", False),
        ("${map.containsKey('a')}", True),
        ("${name.toString().length()}", 3),
        ("${name.split('o')[1]}", "b"),
        ("${name.toUpperCase().substring(0, 2)}", "BO"),
        ("${map.get('a') + 1}", 2),
        ("${x.toString()}", "5"),
        ("${day.plusDays(1).toString()}", "2024-02-06"),
        ("${json.prop('id').value()}", "1"),
        ("${json.prop('l').elements().size()}", 2),
        ("${initiator().isRepresentative()}", False),
        ("${initiator().getUserName()}", "ann"),
        ("${initiator().roles.contains('officer')}", True),
        # functions of the platform
        ("${completer('task').accessToken}", "token"),
        ("${submission('t').formData.prop('a').prop('b').value()}", "c"),
        ("${submission('t').formData.prop('n').numberValue() + 1}", 6),
        ("${!submission('t').formData.prop('flag').boolValue()}", False),
        ("${submission('t').formData.prop('list').elements().get(0).prop('x').value()}", 1),
        ("process/${submission('t').signatureDocumentId}", "process/process/i-1/task/sign"),
        ("${S('{\"a\":[1,2]}').prop('a').elements().size()}", 2),
        ("${execution.getVariable('secure-x')}", 1),
        ("${execution.processInstanceId}", "i-1"),
        # transient variables
        ("${response.value.responseBody.prop('id').value()}", "1"),
        ("${response.value.responseBody.prop('flag').boolValue()}", True),
        ("${response.responseBody.prop('id').value()}", "1"),  # as in plain Camunda 7
        ("${response.responseBody.prop('id').value() + 1}", 2),
        ("${response.nothing}", None),
        ("${number + number.value}", 10),
        ("${number == 5 ? number : 0}!", "5!"),
        ("${response == null}", False),
        ("${empty response}", False),
    ],
)
def test_value(source: str, expected: Any) -> None:
    value = juel.evaluate(source, SCOPE)
    assert value == expected and type(value) is type(expected)
    assert juel.check(source) == []


def test_a_variable_alone_gives_itself() -> None:
    assert juel.evaluate("${response}", SCOPE) is SCOPE["response"]
    assert juel.evaluate("${ map }", SCOPE) is SCOPE["map"]


def test_remainder_by_zero_of_doubles_is_no_number() -> None:
    assert math.isnan(juel.evaluate("${5.0 % 0}", {}))


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("${missing}", "no variable 'missing'"),
        ("${missing == null}", "no variable 'missing'"),
        ("${empty missing}", "no variable 'missing'"),
        ("Hi ${missing}", "line 1, column 6"),
        ("${x\n + missing}", "line 2, column 4"),
        ("${missing()}", "no function 'missing'"),
        ("${x()}", "no function 'x'"),
        ("${'a'+'b'}", "'a' is not a number"),
        ("${name == 1}", "'Bob' is not a number"),
        ("${approved + 1}", "not a number"),
        ("${x && approved}", "not a boolean"),
        ("${5 % 0}", "not possible"),
        ("${nothing.foo()}", "asked of null"),
        ("${name.foo}", "no property 'foo'"),
        ("${name.lenght()}", "did you mean length"),
        ("${name.length}", "write length()"),
        ("${name.substring(9)}", "outside the text"),
        ("${name.substring('a', 'b', 'c')}", "does not take 3 arguments"),
        ("${list.foo}", "not a number"),
        ("${json.id}", "prop('name')"),
        ("${json.prop}", "is a method"),
        ("${json.prop('zz')}", "no property 'zz'; it has id, l"),
        ("${json.value()}", "value() needs"),
        ("${submission()}", "submission() failed"),
        ("${initiator().password}", "no property 'password'"),
        ("${initiator().userName()}", "is a property"),
        ("${response.responseBody.prop('nothing')}", "nothing"),
        ("${map[list]}", "cannot be the key"),
        ("${list < map}", "cannot be compared"),
        ("${name.class}", "no reflection"),
        ("${name.getClass()}", "no reflection"),
        ("${name.__class__}", "no property '__class__'"),
        ("${submission.__globals__}", ""),
        ("${initiator().__dict__}", "no property"),
        ("${name['class']}", "no reflection"),
        ("${name['get'.concat('Class')]()}", "no reflection"),
        ("${'x'.repeat(2000000000)}", "at most"),
        ("${'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('(a+)+b')}", ""),
    ],
)
def test_failure(source: str, part: str) -> None:
    try:
        value = juel.evaluate(source, SCOPE)
    except ExpressionError as error:
        assert part in error.message
        assert error.source == source
    else:
        assert part == "" and value in (False, None)


@pytest.mark.parametrize(
    "source",
    ["${", "${}", "${x", "${x +}", "${'it''s'}", "${'open}", "${x ? 1}", "${a b}", "${f(}", "${f(1,}", "${f(1 2)}", "${x.}", "${x[}", "${x[1}", "${1..2}",
     "${@}", "${x = 5}", "${(x}", "${x}}}${", "${not}", "${" + "(" * 500 + "x" + ")" * 500 + "}", "#{", "${x; y}"],
)  # fmt: skip
def test_broken_text_is_named_before_it_runs(source: str) -> None:
    found = juel.check(source)
    assert len(found) == 1 and ("line 1, column" in found[0] or "deeply" in found[0])
    with pytest.raises(ExpressionError):
        juel.evaluate(source, SCOPE)


def test_an_error_of_a_function_goes_through() -> None:
    with pytest.raises(NotFound):
        juel.evaluate("${fails()}", SCOPE)


def test_long_chains_end_in_a_message() -> None:
    for source in ("${x" + ".a" * 5000 + "}", "${1" + " + 1" * 5000 + "}", "${" + "!" * 5000 + "approved}"):
        with pytest.raises(ExpressionError, match="nested too deeply"):
            juel.evaluate(source, SCOPE)


def test_names() -> None:
    assert juel.names("Hi ${a.b[c]} ${f(d) ? 'x' : e == null}") == {"a", "c", "f", "d", "e"}
