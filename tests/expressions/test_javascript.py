from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from engine.errors import BpmnError
from engine.expressions import ExpressionError, javascript
from engine.expressions.exposed import Exposed, names
from engine.expressions.javascript import workers
from engine.expressions.limits import LimitReached
from engine.expressions.spin import JsonNode

CASES: list[tuple[str, Any]] = [
    ("1 + 1", 2),
    ("0.1 + 0.2", 0.30000000000000004),
    ("undefined", None),
    ("", None),
    ("NaN", None),
    ("(function () {})", None),
    ("[1, undefined, null, 'a', true, x => x]", [1, None, None, "a", True, None]),
    ("({ a: 1, b: undefined, c: { d: [] }, e() {} })", {"a": 1, "c": {"d": []}}),
    ("new Date(Date.UTC(2024, 0, 2))", "2024-01-02T00:00:00.000Z"),
    ("new Date(NaN)", None),
    ("2n ** 80n", 2**80),
    ("9007199254740991 + 0", 2**53 - 1),
    ("1e21", 1e21),
    ("new Map([['a', 1]])", {"a": 1}),
    ("new Set([1, 2])", [1, 2]),
    ("new String('a') + new Number(1)", "a1"),
    ("'й' + '😀' + String.fromCharCode(0xd800)", "й😀\ufffd"),
    ("JSON.parse('{\"a\": [1]}').a.map(n => n * 2)", [2]),
    ("let total = 0; for (const n of [1, 2, 3]) total += n; total", 6),
    ("const { a, ...rest } = { a: 1, b: 2 }; rest", {"b": 2}),
    ("function f(n) { return n < 2 ? 1 : n * f(n - 1) } f(10)", 3628800),
    ("[3, 1, 2].sort().join('-') + `${1 + 1}`", "1-2-32"),
    ("if (true) { 'yes' } else { 'no' }", "yes"),
    ("print('x'); console.log('y'); 5", 5),
    ("try { null.x } catch (error) { error.name }", "TypeError"),
    ("typeof require + typeof process + typeof std + typeof os + typeof Java + typeof fetch", "undefined" * 6),
]


@pytest.mark.parametrize(("script", "expected"), CASES, ids=[script for script, _ in CASES])
def test_gives_what_javascript_gives(script: str, expected: Any) -> None:
    assert javascript.run(script, {}) == expected
    assert javascript.check(script) == []


# variables go in and out


def test_variables_of_the_top_level_are_left_in_the_scope() -> None:
    scope: dict[str, Any] = {"items": [{"price": 2, "n": 3}], "gone": 1, "same": "x", "callable": len}
    script = "var total = items[0].price * items[0].n; items.push({}); again = 'yes'; _own = 1; let local = 2; const fixed = 3; function f() {} delete gone;"
    javascript.run(script, scope)
    assert scope == {"items": [{"price": 2, "n": 3}, {}], "same": "x", "callable": len, "total": 6, "again": "yes"}


def test_what_a_script_does_not_change_stays_as_it_is() -> None:
    node = JsonNode.of({"a": 1})
    values = {"d": date(2024, 1, 2), "m": Decimal("1.10"), "j": node, "big": 2**70, "n": None, "x": float("nan")}
    scope = dict(values)
    assert javascript.run("[d, m, j.a, big, n, x]", scope) == ["2024-01-02", 1.1, 1, 2**70, None, None]
    assert all(scope[name] is value for name, value in values.items())


def test_a_changed_json_node_stays_one() -> None:
    scope: dict[str, Any] = {"j": JsonNode.of({"a": 1})}
    javascript.run("j.b = 2", scope)
    assert scope["j"] == JsonNode.of({"a": 1, "b": 2})


def test_numbers_that_javascript_cannot_hold_keep_their_digits() -> None:
    scope: dict[str, Any] = {"id": 12345678901234567890}
    assert javascript.run("copy = id; next = id + 1n; `${id}`", scope) == "12345678901234567890"
    assert scope == {"id": 12345678901234567890, "copy": 12345678901234567890, "next": 12345678901234567891}


@pytest.mark.parametrize("name", ["JSON", "Object", "execution_", "with space", "__proto__", "toString", "undefined", "performance"])
def test_variables_of_any_name_can_be_read_and_set(name: str) -> None:
    scope: dict[str, Any] = {name: "old"}
    script = f"var was = execution.getVariable({name!r}); execution.setVariable({name!r}, 'new'); was + execution.getVariable({name!r})"
    assert javascript.run(script, scope) == "oldnew"
    assert scope[name] == "new"


class Execution(Exposed):
    exposed: ClassVar[frozenset[str]] = names("getVariable setVariable setTransientVariable removeVariable getVariables getProcessInstanceId")

    def __init__(self, variables: dict[str, Any]):
        self.variables = variables
        self.transient: dict[str, Any] = {}

    def getVariables(self) -> dict[str, Any]:
        return self.variables

    def setVariable(self, name: str, value: Any) -> None:
        self.variables[name] = value

    def setTransientVariable(self, name: str, value: Any) -> None:
        self.transient[name] = value

    def removeVariable(self, name: str) -> None:
        del self.variables[name]

    def getProcessInstanceId(self) -> str:
        return "instance-1"


def test_execution_as_models_use_it() -> None:
    host = Execution({"amount": 5, "old": 1})
    script = """
        var amount = execution.getVariable("amount");
        if (amount > 3 && !execution.hasVariable("approved")) {
            execution.setVariable("approved", true);
            execution.setTransientVariable("response", { statusCode: 200 });
            execution.removeVariable("old");
        }
        [execution.getVariable("approved"), execution.getVariable("missing"), execution.getProcessInstanceId(), execution.processInstanceId, approved]
    """
    assert javascript.run(script, {"execution": host}) == [True, None, "instance-1", "instance-1", True]
    assert host.variables == {"amount": 5, "approved": True}
    assert host.transient == {"response": {"statusCode": 200}}


def test_execution_without_a_host_writes_to_the_scope() -> None:
    scope: dict[str, Any] = {"a": 1, "b": 2}
    assert javascript.run("execution.setVariable('a', execution.getVariable('a') + 1); execution.removeVariable('b'); a", scope) == 2
    assert scope == {"a": 2}


@pytest.mark.parametrize("error", ["BpmnError", "org.camunda.bpm.engine.delegate.BpmnError"])
def test_errors_for_the_process_go_through(error: str) -> None:
    with pytest.raises(BpmnError) as raised:
        javascript.run(f"throw new {error}('LIMIT', 'too much')", {})
    assert (raised.value.code, raised.value.message) == ("LIMIT", "too much")


def test_a_script_that_failed_changed_nothing() -> None:
    scope: dict[str, Any] = {"a": 1}
    with pytest.raises(ExpressionError):
        javascript.run("a = 2; b = 3; execution.setVariable('c', 4); boom()", scope)
    assert scope == {"a": 1}


# broken scripts say what and where


@pytest.mark.parametrize(
    ("script", "message", "line", "column"),
    [
        ("var a = 1;\n  a.b.c()", "TypeError: cannot read property 'c' of undefined", 2, 3),
        ("function g(x) { return x.y.z }\ng({})", "TypeError: cannot read property 'z' of undefined", 1, 24),
        ("throw new Error('no')", "Error: no", 1, 11),
        ("throw { code: 1 }", 'The script threw {"code":1}', 1, 1),
        ("unknown", "ReferenceError: unknown is not defined", 1, 1),
        ("1 +\n * 2", "SyntaxError: unexpected token in expression: '*'", 2, 2),
        ("\0", "The script has a character that no text can have", 1, 1),
        ("\ud800", "The script has a character that no text can have", 1, 1),
        ("a = []; a.push(a)", "RangeError: a value is nested more than 100 levels deep, or contains itself", 1, 1),
    ],
)
def test_errors_have_a_place(script: str, message: str, line: int, column: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        javascript.run(script, {})
    error = raised.value
    assert (error.reason, error.line, error.source) == (message, line, script)
    assert abs(error.column - column) <= 1


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("var a = ;", "(line 1, column 9)"),
        ("let a = 1;\n  let a = 2", "(line 2, column 9)"),
        ("a.b(", "(line 1, column 5)"),
        ("return 5", "(line 1, column 1)"),
        ("1;" * 60_000, "(line 1, column 1)"),
    ],
)
def test_check_finds_what_is_broken(script: str, place: str) -> None:
    (problem,) = javascript.check(script)
    assert problem.endswith(place)


def test_check_runs_nothing() -> None:
    assert javascript.check("while (true) {}") == []


# limits


@pytest.mark.parametrize(
    "script",
    [
        "var a = []; while (true) a.push('xxxxxxxxxxx' + a.length)",
        "try { var a = []; while (true) a.push('xxxxxxxxxxx' + a.length) } catch (e) { while (true) a.push({}) }",
        "'x'.repeat(2 ** 29)",
        "new Array(1e9).fill(1)",
        "function f() { f() } f()",
        "10n ** 100000000n",
        "10n ** 5000n",
        "var a = []; for (var i = 0; i < 100000; i++) a = [a]; a",
        "Object.defineProperty(Object.prototype, 'toJSON', { value() { return { a: 1 } } }); ({})",
        "'x'.repeat(2 ** 24)",
        "var o = {}; o.o = o; o",
    ],
)
def test_a_script_that_wants_too_much_is_stopped(script: str) -> None:
    with pytest.raises(ExpressionError):
        javascript.run(script, {})


@pytest.mark.parametrize("script", ["while (true) {}", "for (;;) { try { for (;;) {} } catch (e) {} }", "/^(a+)+$/.test('a'.repeat(40) + 'b')"])
def test_a_script_without_end_is_stopped(script: str) -> None:
    with pytest.raises(LimitReached) as raised:
        javascript.run(script, {})
    assert raised.value.source == script


def test_what_the_engine_cannot_stop_ends_with_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MAX_SECONDS", 1.0)
    with pytest.raises(LimitReached):
        javascript.run("new Array(4e9).sort()", {})
    monkeypatch.undo()
    assert javascript.run("1 + 1", {}) == 2


def test_a_script_that_writes_its_answer_itself_is_refused() -> None:
    forged = """{"value": 1, "changed": {"a": 1}, "removed": ["execution", 5], "by": {"a": "getVariables"}}"""
    for name in ("join", "map", "filter"):
        with pytest.raises(ExpressionError):
            javascript.run(f"Array.prototype.{name} = () => {forged!r}; Object.keys = () => ['a']; [1]", {"execution": Execution({})})


def test_runs_share_nothing() -> None:
    javascript.run("Array.prototype.at = null; globalThis.left = 1; JSON.parse = null; execution.setVariable = null", {})
    assert javascript.run("[typeof left, typeof [].at, typeof JSON.parse, typeof execution.setVariable]", {}) == ["undefined", "function", "function", "function"]


def test_a_script_that_breaks_its_own_world_harms_only_itself() -> None:
    for broken in ("JSON.stringify", "Object.keys", "Array.prototype.filter", "String.prototype.toWellFormed"):
        try:
            javascript.run(f"{broken} = null; ({{ a: [1] }})", {})
        except ExpressionError as error:
            assert "TypeError" in error.reason
    assert javascript.run("({ a: [1] })", {}) == {"a": [1]}
