"""FEEL, one line a case: what an expression gives, what it warns of, and where a broken one is broken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from engine.clock import TestClock
from engine.expressions import ExpressionError, feel
from engine.expressions.feel import DaysTime, Range, YearsMonths
from engine.expressions.feel.builtins import BUILTINS
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed

ORDER = {
    "id": "A-1",
    "customer": {"name": "Olena", "address": None},
    "items": [{"name": "pen", "price": 2.5, "count": 4}, {"name": "ink", "price": 12, "count": 1}, {"name": "cap", "price": 20.25}],
}

VALUES: list[tuple[str, dict[str, Any], Any]] = [
    # literals
    ("1", {}, 1),
    ("-2", {}, -2),
    ("1.50", {}, Decimal("1.50")),
    (".5", {}, Decimal("0.5")),
    ("1.2e3", {}, Decimal("1200")),
    ('"a\\n\\"b\\" \\u0041 \\d"', {}, 'a\n"b" A \\d'),
    ("true", {}, True),
    ("null", {}, None),
    ("[]", {}, []),
    ("[1, [2], null]", {}, [1, [2], None]),
    ("{}", {}, {}),
    ('{a: 1, "b c": 2, d e: 3, in: 4}', {}, {"a": 1, "b c": 2, "d e": 3, "in": 4}),
    ("{a: 1, b: {c: a + 1}}", {}, {"a": 1, "b": {"c": 2}}),
    ("{a: 1, b: {a: 2, c: a + 3}}.b.c", {}, 5),
    ("1 // the end", {}, 1),
    ("/* a */ 1 + /* b */ 2", {}, 3),
    ('@"2024-02-29"', {}, date(2024, 2, 29)),
    ('@"10:30:00"', {}, time(10, 30)),
    ('@"2024-02-29T10:30:00Z"', {}, datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
    ('@"P1Y2M"', {}, YearsMonths(14)),
    ('@"PT90M"', {}, DaysTime(5400 * 10**9)),
    ("[1..3]", {}, Range(1, 3)),
    ("]1..3[", {}, Range(1, 3, False, False)),
    # names and paths
    ("x", {"x": 5}, 5),
    ("x", {"x": 0.1}, Decimal("0.1")),
    ("x", {}, None),
    ("x.y.z", {}, None),
    ("order.customer.name", {"order": ORDER}, "Olena"),
    ("order.customer.address.city", {"order": ORDER}, None),
    ("order.items.name", {"order": ORDER}, ["pen", "ink", "cap"]),
    ("order.items.count", {"order": ORDER}, [4, 1, None]),
    ("`a b` + `c-d`", {"a b": 1, "c-d": 2}, 3),
    ("Monthly Salary * 12", {"Monthly Salary": 100}, 1200),
    ("loan.Monthly Payment", {"loan": {"Monthly Payment": 7}}, 7),
    ("a-b", {"a-b": 7, "a": 1, "b": 2}, 7),
    ("a-b", {"a": 1, "b": 2}, -1),
    ("a - b * c-d", {"a": 1, "b": 2, "c-d": 5}, -9),
    ("Date and Place", {"Date and Place": "x"}, "x"),
    ("don't", {"don't": 1}, 1),
    ("{foo+bar: 1, x: foo+bar + 1}.x", {}, 2),
    ("trueX and inside", {"trueX": True, "inside": True}, True),
    ("x.a", {"x": MappingProxyType({"a": 1})}, 1),
    ("x[2]", {"x": (1, 2)}, 2),
    ("node.a[2].b", {"node": JsonNode({"a": [1, {"b": 2.5}]})}, Decimal("2.5")),
    ("response.body", {"response": Typed({"body": "x"})}, "x"),
    # arithmetic
    ("1 + 2 * 3 - 4 / 2", {}, 5),
    ("0.1 + 0.2", {}, Decimal("0.3")),
    ("10 / 4", {}, Decimal("2.5")),
    ("10 / 5", {}, 2),
    ("2 ** 3 ** 2", {}, 64),
    ("-3 ** 2", {}, 9),
    ("1 / 0", {}, None),
    ('"a" + "b"', {}, "ab"),
    ('"a" + 1', {}, None),
    ("null + 1", {}, None),
    ("10000000000000000000000000000000001 * 10", {}, Decimal("1.000000000000000000000000000000000E+35")),
    # comparison
    ("1 = 1.0", {}, True),
    ("x = 0.1", {"x": 0.1}, True),
    ("xs = [0.1]", {"xs": [0.1]}, True),
    ('1 = "1"', {}, None),
    ("null = null", {}, True),
    ("x = null", {}, True),
    ("null > 1", {}, None),
    ('"a" < "b"', {}, True),
    ("{a: 1, b: [2]} = {b: [2], a: 1}", {}, True),
    ("x between 1 and 5 and y", {"x": 3, "y": True}, True),
    ("x in [1..5)", {"x": 5}, False),
    ("x in (1, > 4)", {"x": 5}, True),
    ('"a" in ["a", "b"]', {}, True),
    ("5 in [1..x]", {}, None),
    ("x instance of number", {"x": 1.5}, True),
    ("[1, 2] instance of list<number>", {}, True),
    ('{a: "x"} instance of context<a: string>', {}, True),
    # three values
    ("true and null", {}, None),
    ("false and null", {}, False),
    ("null or true", {}, True),
    ("1 or false", {}, None),
    ("a and b and c", {"a": True, "b": True, "c": False}, False),
    ("not(x)", {}, None),
    # control
    ('if x > 1 then "a" else "b"', {"x": 2}, "a"),
    ('if x > 1 then "a" else "b"', {}, "b"),
    ("for x in [1, 2], y in [x, 10] return x * y", {}, [1, 10, 4, 20]),
    ("for i in 3..1 return i", {}, [3, 2, 1]),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", {}, [1, 1, 2, 6, 24]),
    ("for x in null return x", {}, None),
    ("for item in order.items return item.name", {"order": ORDER}, ["pen", "ink", "cap"]),
    ("some x in [1, 2] satisfies x > 1", {}, True),
    ("every x in [] satisfies x > 1", {}, True),
    ("every x in [1, null] satisfies x > 0", {}, None),
    ("(function(a, b) a - b)(b: 1, a: 5)", {}, 4),
    ("{f: function(n) if n < 2 then 1 else n * f(n - 1)}.f(5)", {}, 120),
    ("double(x)", {"double": lambda x: x * 2, "x": 4}, 8),
    # filters
    ("[1, 2, 3][2]", {}, 2),
    ("[1, 2, 3][-1]", {}, 3),
    ("[1, 2, 3][4]", {}, None),
    ("[1, 2, 3][i]", {"i": 1}, 1),
    ("[1, 2, 3][item > 1]", {}, [2, 3]),
    ("[1.5, 2][item > 1.7]", {}, [2]),
    ("xs[item > 1.7]", {"xs": [1.5, 2.5]}, [Decimal("2.5")]),
    ("order.items[price > 10].name", {"order": ORDER}, ["ink", "cap"]),
    ('order.items[name = "pen"][1].price * 2', {"order": ORDER}, 5),
    ("xs[active]", {"xs": [{"active": True}, {"active": False}]}, [{"active": True}]),
    ("xs[even(item)]", {"xs": [1, 2]}, [2]),
    ("[][flag]", {}, []),
    ("null[1]", {}, None),
    ("5[1]", {}, 5),
    # dates
    ('date("2024-01-31") + duration("P1M")', {}, date(2024, 2, 29)),
    ('date("2024-03-01") - date("2024-02-01")', {}, DaysTime(29 * 86400 * 10**9)),
    ('date and time("2024-01-01T10:00:00") + @"PT36H"', {}, datetime(2024, 1, 2, 22)),
    ('@"23:30:00" + @"PT1H"', {}, time(0, 30)),
    ('@"P1D" * 2.5 = @"PT60H"', {}, True),
    ('@"2024-05-01".weekday', {}, 3),
    ('@"P1Y2M".months', {}, 2),
    ('string(@"2024-05-01T10:00:00@Europe/Kyiv")', {}, "2024-05-01T10:00:00@Europe/Kyiv"),
    ('@"2024-05-01T10:00:00@Europe/Kyiv" = @"2024-05-01T07:00:00Z"', {}, True),
    ('@"10:00:00" < @"10:00:00Z"', {}, None),
    ("d > limit", {"d": date(2024, 1, 2), "limit": date(2024, 1, 1)}, True),
    ('duration("PT-5M")', {}, DaysTime(-300 * 10**9)),
    ('string(date and time("2018-04-29T09:30:00+02:00[Europe/Berlin]"))', {}, "2018-04-29T09:30:00@Europe/Berlin"),
    ("now()", {}, datetime(2026, 1, 1, 9, tzinfo=UTC)),
    ("today()", {}, date(2026, 1, 1)),
    # Camunda's additions
    ("is defined(x.y)", {}, False),
    ("is defined(x)", {"x": 0}, True),
    ("get or else(x, 1)", {}, 1),
    ('get value({a: {b: 3}}, ["a", "b"])', {}, 3),
    ('context put({x: 1}, ["y", "z"], 2)', {}, {"x": 1, "y": {"z": 2}}),
    ('put({x: 1}, "y", 2)', {}, {"x": 1, "y": 2}),
    ("put all({x: 1}, {y: 2})", {}, {"x": 1, "y": 2}),
    ("get entries({a: 1})", {}, [{"key": "a", "value": 1}]),
    ('string join(["a", null, "c"], ", ", "[", "]")', {}, "[a, c]"),
    ('to base64("FEEL")', {}, "RkVFTA=="),
    ('trim("  a b ")', {}, "a b"),
    ('extract("1234, 1256, 1378", "12[0-9]*")', {}, ["1234", "1256"]),
    ("is empty([])", {}, True),
    ('is blank(" ")', {}, True),
    ("duplicate values([1, 2, 1, [1], [1]])", {}, [1, [1]]),
    ("partition([1, 2, 3, 4, 5], 2)", {}, [[1, 2], [3, 4], [5]]),
    ('last day of month(@"2024-02-10")', {}, date(2024, 2, 29)),
    ("assert(x, x > 1)", {"x": 2}, 2),
    ('fromAi(toolCall.city, "the city", "string")', {"toolCall": {"city": "Kyiv"}}, "Kyiv"),
    ('fromAi(value: toolCall.city, schema: {type: "string"})', {"toolCall": {"city": "Kyiv"}}, "Kyiv"),
    ('cycle(3, duration("PT1H"))', {}, "R3/PT1H"),
    ('cycle(duration("P1M"))', {}, "R/P1M"),
    ('cycle(null, duration("PT10S"))', {}, "R/PT10S"),
    ('cycle("often")', {}, None),
    (
        'if error.code = "404" then bpmnError("NOT_FOUND", "gone", {id: 1}) else null',
        {"error": {"code": "404"}},
        {"errorType": "bpmnError", "code": "NOT_FOUND", "message": "gone", "variables": {"id": 1}},
    ),
    ('from json("{\\"a\\": [1, 2.5]}").a', {}, [1, Decimal("2.5")]),
    ('to json({a: [1, "x", null, @"2024-01-01"]})', {}, '{"a":[1,"x",null,"2024-01-01"]}'),
    ("or(false, null, true)", {}, True),
    # the rest of the standard
    ('contains("foobar", "oba")', {}, True),
    ("list contains([1.5, null], x)", {"x": 1.5}, True),
    ("count(xs)", {"xs": (1, 2)}, 2),
    ("sum(order.items.price)", {"order": ORDER}, Decimal("34.75")),
    ("min(3, 1, 2)", {}, 1),
    ("sort([3, 1, 2])", {}, [1, 2, 3]),
    ("sort(order.items, function(a, b) a.name < b.name).name", {"order": ORDER}, ["cap", "ink", "pen"]),
    ("flatten([[1, [2]], 3])", {}, [1, 2, 3]),
    ('upper case(string: "a")', {}, "A"),
    ('upper case(text: "a")', {}, None),
    ('string({a: [1, "x"], "b c": null})', {}, '{a: [1, "x"], b c: null}'),
    ("string(x)", {"x": 2.5}, "2.5"),
    ('number("1,500.5", ",")', {}, Decimal("1500.5")),
    ("x.start + x.end", {"x": Range(1, 3)}, 4),
]


@pytest.mark.parametrize(("source", "context", "expected"), VALUES, ids=[source for source, _, _ in VALUES])
def test_value(source: str, context: dict[str, Any], expected: Any) -> None:
    value = feel.evaluate(source, context, clock=TestClock())
    assert value == expected
    assert type(value) is type(expected) or isinstance(value, int | Decimal)


@pytest.mark.parametrize(
    ("source", "line", "column", "word"),
    [
        ("", 1, 1, "a value"),
        ("1 +", 1, 4, "a value"),
        ("if a\n thn b", 2, 7, "then"),
        ("if a then b", 1, 12, "else"),
        ('"abc', 1, 1, "quote"),
        ("[1, 2", 1, 6, "]"),
        ("{a 1}", 1, 5, "':'"),
        ("a.", 1, 3, "dot"),
        ("f(a: 1, 2)", 1, 2, "arguments"),
        ("1 2", 1, 3, "end"),
        ("a # b", 1, 3, "#"),
        ("for x [1] return x", 1, 7, "in"),
        ("/* a", 1, 1, "comment"),
        ("1e99999", 1, 1, "large"),
    ],
)
def test_a_broken_text_says_where(source: str, line: int, column: int, word: str) -> None:
    for _ in range(2):  # the second time it comes out of the cache
        with pytest.raises(ExpressionError, match=word) as raised:
            feel.evaluate(source, {})
        assert (raised.value.line, raised.value.column) == (line, column)
    assert word in feel.check(source)[0]


@pytest.mark.parametrize(
    ("source", "warning"),
    [
        ("foo + 1", "Nothing is called 'foo' (line 1, column 1)"),
        ("\n  foo(1)", "There is no function 'foo' (line 2, column 3)"),
        ("{a: 1}.b", "The context has no 'b' (line 1, column 8)"),
        ('1 < "a"', "A number < a string has no answer (line 1, column 3)"),
        ("upper case(5)", "upper case: 'string' must be a string, not a number (line 1, column 1)"),
        ("1 / 0", "/ failed: division by zero (line 1, column 3)"),
        ("[1][2]", "The list has no item 2: it has 1 (line 1, column 4)"),
        ("{a: 1, a: 2}", "A context has a key twice (line 1, column 1)"),
        ("count + 1", "Nothing is called 'count' (line 1, column 1)"),
        ('null + ["a"]["b"]', "A filter needs a condition or a position, not a string (line 1, column 13)"),
    ],
)
def test_null_says_why(source: str, warning: str) -> None:
    warnings: list[str] = []
    assert feel.evaluate(source, {}, warnings.append) is None
    assert warnings[0] == warning


@pytest.mark.parametrize("source", ["is defined(a.b)", "get or else(a.b, 1)", "[][a]", "1 + 1"])
def test_asking_is_no_reason_to_warn(source: str) -> None:
    warnings: list[str] = []
    feel.evaluate(source, {}, warnings.append)
    assert warnings == []


def test_a_filter_warns_once() -> None:
    warnings: list[str] = []
    assert feel.evaluate("xs[item > limt]", {"xs": list(range(50))}, warnings.append) == []
    assert warnings == ["Nothing is called 'limt' (line 1, column 11)"]


def test_assert_fails_in_its_place() -> None:
    with pytest.raises(ExpressionError, match=r"too small.*line 2, column 1"):
        feel.evaluate('1 +\nassert(x, x > 1, "too small")', {"x": 1})


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", None, True),
        ("< 10", 5, True),
        ("< 10, [20..30]", 25.0, True),
        ("< 10, [20..30]", 15, False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ('not("a", "b")', "c", True),
        ("null", None, True),
        ("3", None, False),
        ("< 3", None, False),
        ("true", False, False),
        ("not(?)", False, True),
        ("? > 3 and ? < 5", 4, True),
        ('contains(?, "x")', "axb", True),
        ("limit", 7, True),
        (">= limit", 7.5, True),
        ("allowed", 2, True),
        ('[date("2024-01-01")..date("2024-12-31")]', date(2024, 5, 1), True),
        ("(1..3], 9", 1, False),
    ],
)
def test_unary_tests(tests: str, value: Any, expected: bool) -> None:
    assert feel.matches(tests, value, {"limit": 7, "allowed": [1, 2]}) is expected


@pytest.mark.parametrize(
    ("tests", "value"),
    [("< 3", None), ("not(< 3)", None), ("< 3", "a"), ('not("a")', 5), ("not(limit)", "x"), ("[1..3]", "a")],
)
def test_what_cannot_be_compared_passes_no_test(tests: str, value: Any) -> None:
    assert feel.matches(tests, value, {"limit": 7}) is False


def test_a_broken_pattern_says_why() -> None:
    warnings: list[str] = []
    assert feel.evaluate('\n matches("a", "(")', {}, warnings.append) is None
    assert warnings[0].startswith("matches: ") and warnings[0].endswith("(line 2, column 2)")


@pytest.mark.parametrize(
    ("source", "doubts"),
    [
        ("upper case(x) + y", []),
        ("{f: function(a) a, b: f(1)}", []),
        ("for f in fs return f(1)", []),
        (
            "foo(1) + bar baz",
            ["There is no function 'foo', unless a variable holds one (line 1, column 1)", "'bar baz' is read as one name"],
        ),
        ("a > 1 and\n uppercase(b)", ["There is no function 'uppercase', unless a variable holds one (line 2, column 2)"]),
        ("{`a b`: 1, c: `a b`}", []),
    ],
)
def test_doubts(source: str, doubts: list[str]) -> None:
    found = feel.doubts(source)
    assert len(found) == len(doubts)
    assert all(map(str.startswith, found, doubts))


def test_doubts_of_a_broken_text_are_an_error() -> None:
    with pytest.raises(ExpressionError):
        feel.doubts("1 +")


def test_check_reads_unary_tests_too() -> None:
    assert feel.check("< 10, 20", unary=True) == []
    assert feel.doubts("foo(?)", unary=True) != []
    assert feel.check("< 10, 20") != []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("before(1, 10)", True),
        ("before(1, [1..10])", False),
        ("before(1, (1..10])", True),
        ("before([1..10), [10..20])", True),
        ("before([1..10], [10..20])", False),
        ("after([11..20], 10)", True),
        ("meets([1..5], [5..10])", True),
        ("meets([1..5), [5..10])", False),
        ("met by([5..10], [1..5])", True),
        ("overlaps([1..5], [5..8])", True),
        ("overlaps([1..5), [5..8])", False),
        ("overlaps([3..5], [1..8])", True),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps before([1..5], [1..5])", False),
        ("overlaps before([1..5), (1..5])", True),
        ("overlaps after([3..8], [1..5])", True),
        ("overlaps after([6..8], [1..5])", False),
        ("finishes(10, [1..10])", True),
        ("finishes([5..10), [1..10])", False),
        ("finished by([1..10], [5..10])", True),
        ("includes([1..10], 5)", True),
        ("includes((1..10], 1)", False),
        ("includes([1..10], [4..6])", True),
        ("during([4..6], [1..10])", True),
        ("starts(1, [1..10])", True),
        ("starts([1..5], [1..10])", True),
        ("started by([1..10], 1)", True),
        ("coincides([1..5], [1..5])", True),
        ("coincides(3, 4)", False),
    ],
)
def test_relations_of_ranges(source: str, expected: bool) -> None:
    assert feel.evaluate(source, {}) is expected


def test_a_value_with_a_special_name_does_not_stay_for_others() -> None:
    assert feel.evaluate("x-y", {"x-y": 1}) == 1
    assert feel.evaluate("x-y", {"x": 5, "y": 3}) == 2


def test_the_context_is_left_as_it_was() -> None:
    context = {"a": {"b": [1, 2.5]}, "c": (1,)}
    feel.evaluate('context put(a, "b", append(a.b, c))', context)
    assert context == {"a": {"b": [1, 2.5]}, "c": (1,)}


def test_functions_of_a_host_may_fail() -> None:
    warnings: list[str] = []
    assert feel.evaluate("f(1, 2)", {"f": lambda x: x}, warnings.append) is None
    assert "argument" in warnings[0]


def test_durations_write_themselves() -> None:
    assert [str(YearsMonths(months)) for months in (0, 14, -14, 12)] == ["P0M", "P1Y2M", "-P1Y2M", "P1Y"]
    texts = ["PT0S", "P1DT2H3M4.5S", "-PT1M", "P2D"]
    assert [str(feel.evaluate(f'@"{text}"', {})) for text in texts] == texts


def test_every_builtin_refuses_nonsense_with_null() -> None:
    """None of them may raise, whatever it is given."""
    odd: list[Any] = [None, True, -1, Decimal("1e6000"), "", "x" * 100, [], [[]], {}, {"a": None}, date.max, datetime.min, time.max]
    odd += [YearsMonths(10**29), DaysTime(-(10**29)), Range(1, 2), abs]
    odd += [feel.evaluate(text, {}) for text in ('@"-999999999-01-01"', '@"99999-12-31T10:00:00@Europe/Kyiv"', '@"10:00:00.000000001Z"')]
    for name in BUILTINS:
        if name == "assert":
            continue
        for first in odd:
            feel.evaluate(f"{name}(a)", {"a": first})
            for second in odd:
                feel.evaluate(f"{name}(a, b)", {"a": first, "b": second})
                feel.evaluate(f"{name}(a, b, a)", {"a": first, "b": second})
