from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions import ExpressionError
from engine.expressions.json_text import JsonError, parsed, select, written
from engine.expressions.limits import LimitReached
from engine.expressions.spin import JsonNode, S

DOCUMENT = '{"text":"a","number":1,"decimal":1.5,"flag":true,"nothing":null,"list":[1,{"x":"y"}],"object":{"b":{"c":2}}}'


@pytest.fixture
def node() -> JsonNode:
    return JsonNode.of(DOCUMENT)


def test_text_comes_back_as_it_was(node: JsonNode) -> None:
    assert str(node) == node.toString() == DOCUMENT


def test_of() -> None:
    assert JsonNode.of(JsonNode(5)) == JsonNode(5)
    assert JsonNode.of("5").data == 5
    assert JsonNode.of({"a": [1]}).data == {"a": [1]}
    assert JsonNode("text").value() == "text"


def test_values(node: JsonNode) -> None:
    assert node.prop("text").value() == node.prop("text").stringValue() == "a"
    assert node.prop("number").value() == node.prop("number").numberValue() == 1
    assert node.prop("decimal").value() == 1.5
    assert node.prop("flag").value() is node.prop("flag").boolValue() is True
    assert node.prop("nothing").value() is None and node.prop("nothing").isNull()
    assert node.prop("object").prop("b").prop("c").value() == 2
    assert [element.toString() for element in node.prop("list").elements()] == ["1", '{"x":"y"}']
    assert node.fieldNames() == ["text", "number", "decimal", "flag", "nothing", "list", "object"]
    assert node.hasProp("text") and not node.hasProp("zz")


@pytest.mark.parametrize(
    ("name", "true_of"),
    [("text", "isString"), ("number", "isNumber"), ("flag", "isBoolean"), ("nothing", "isNull"), ("list", "isArray"), ("object", "isObject")],
)
def test_kinds(node: JsonNode, name: str, true_of: str) -> None:
    tests = ("isString", "isNumber", "isBoolean", "isNull", "isArray", "isObject")
    assert [test for test in tests if getattr(node.prop(name), test)()] == [true_of]
    assert node.prop(name).isValue() is (true_of in tests[:3])


def test_changes_show_in_the_whole_document(node: JsonNode) -> None:
    node.prop("object").prop("b").prop("c", 3).prop("d", JsonNode.of("[1]"))
    node.prop("list").append("z").insertAt(0, {"k": None}).removeAt(1).removeLast()
    node.deleteProp(["text", "number", "decimal", "flag", "nothing"])
    assert str(node) == '{"list":[{"k":null},{"x":"y"}],"object":{"b":{"c":3,"d":[1]}}}'


def test_what_is_put_in_is_a_copy() -> None:
    inner = {"a": 1}
    node = JsonNode({}).prop("inner", inner)
    inner["a"] = 2
    assert str(node) == '{"inner":{"a":1}}'
    node.prop("self", node)
    assert str(node) == '{"inner":{"a":1},"self":{"inner":{"a":1}}}'


def test_list_search() -> None:
    node = JsonNode.of('["a",{"b":1}]')
    assert node.contains("a") and node.indexOf({"b": 1}) == 1 and not node.contains("z")
    assert str(node.remove("a")) == '[{"b":1}]'


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (lambda node: node.prop("zz"), "no property 'zz'; it has text, number"),
        (lambda node: node.deleteProp("zz"), "no property 'zz'"),
        (lambda node: node.prop("list").prop("x"), "needs an object, and this node is a list"),
        (lambda node: node.prop("nothing").prop("x"), "this node is null"),
        (lambda node: node.value(), "this node is an object"),
        (lambda node: node.prop("list").value(), "this node is a list"),
        (lambda node: node.prop("number").stringValue(), "needs a text, and this node is a number"),
        (lambda node: node.prop("text").numberValue(), "needs a number"),
        (lambda node: node.prop("flag").numberValue(), "needs a number, and this node is a boolean"),
        (lambda node: node.prop("nothing").boolValue(), "needs a boolean"),
        (lambda node: node.prop("object").elements(), "needs a list"),
        (lambda node: node.prop("list").fieldNames(), "needs an object"),
        (lambda node: node.prop("object").append(1), "needs a list"),
        (lambda node: node.prop("list").removeAt(5), "no element 5"),
        (lambda node: node.prop("list").indexOf("zz"), "does not have that element"),
        (lambda node: node.prop("o", object()), "cannot be written as JSON"),
        (lambda node: node.jsonPath("$.list[*]").element(), "finds 2 nodes"),
        (lambda node: node.jsonPath("text"), "starts with $"),
        (lambda node: node.jsonPath("$..x"), "is not understood"),
        (lambda node: node.jsonPath("$.list[?(@.x)]"), "is not understood"),
    ],
)
def test_refusals(node: JsonNode, asked: Any, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        asked(node)
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", 1), ("$.text", ["a"]), ("$['text']", ["a"]), ("$.object.b.c", [2]), ("$.list[1].x", ["y"]), ("$.list[*]", [1, {"x": "y"}]),
        ("$.zz", []), ("$.list[9]", []), ("$.text.zz", []), ("$.object.*", [{"c": 2}]),
    ],
)  # fmt: skip
def test_json_path(path: str, found: Any) -> None:
    result = select(parsed(DOCUMENT), path)
    assert len(result) == found if isinstance(found, int) else result == found


def test_json_path_answers(node: JsonNode) -> None:
    assert node.jsonPath("$.text").stringValue() == "a"
    assert node.jsonPath("$.number").numberValue() == 1
    assert node.jsonPath("$.flag").boolValue() is True
    assert len(node.jsonPath("$.list[*]").elementList()) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": None}, '{"b":1,"a":null}'),
        ([True, False, "x\"y\n"], '[true,false,"x\\"y\\n"]'),
        ({"укр": "Їжак"}, '{"укр":"Їжак"}'),
        (Decimal("1.50"), "1.50"),
        (2.0, "2.0"),
        (10**30, str(10**30)),
        ({"d": date(2024, 2, 5)}, '{"d":"2024-02-05"}'),
        ({"t": datetime(2022, 2, 16, 13, 33, 30, 660000, tzinfo=UTC)}, '{"t":"2022-02-16T13:33:30.660Z"}'),
        ({"t": datetime(2022, 2, 16, 13, 33)}, '{"t":"2022-02-16T13:33:00"}'),
        ({"t": time(10, 5)}, '{"t":"10:05:00"}'),
        ({1: "b", None: "c"}, '{"1":"b","null":"c"}'),
        ({"node": JsonNode({"x": 1})}, '{"node":{"x":1}}'),
        (range(3), "[0,1,2]"),
    ],
)
def test_s_writes_compact_json(value: Any, text: str) -> None:
    assert S(value, "application/json").toString() == text


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "[1,]", "NaN", "[Infinity]", "nope", "[" * 100_000])
def test_broken_json(text: str) -> None:
    with pytest.raises(JsonError, match="JSON"):
        S(text)


def test_s_refuses() -> None:
    with pytest.raises(JsonError, match="only application/json"):
        S("<a/>", "application/xml")
    with pytest.raises(JsonError, match="null"):
        S(None)
    with pytest.raises(JsonError):
        written(float("nan"))
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(LimitReached):
        S(deep)
