"""Camunda's dialect, as its documentation describes it: null instead of failure, its own functions, its unary tests; one line a case."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import TestClock
from engine.expressions import feel

VALUES: list[tuple[str, Any]] = [
    # nothing fails, it is null
    ("nothing", None),
    ("nothing.at.all", None),
    ("nothing > 1", None),
    ("nothing = null", True),
    ("null != nothing", False),
    ("nothing + 1", None),
    ("-nothing", None),
    ("nothing and true", None),
    ("nothing and false", False),
    ("nothing or true", True),
    ('true and "otherwise"', None),
    ("not(nothing)", None),
    ("nothing[1]", None),
    ("nothing[item > 1]", None),
    ("count(nothing)", None),
    ("for x in nothing return x", None),
    ("some x in nothing satisfies x > 1", None),
    ("[nothing, 1]", [None, 1]),
    ("{a: nothing}", {"a": None}),
    ("unknown thing(1)", None),
    ("person.name.length", None),
    ("{}.y = null", True),
    ("{x: null}.x = null", True),
    ("[{a: 1}, {b: 2}].a", [1, None]),
    ("[{a: 1}, {b: 2}][a < 10]", [{"a": 1}]),
    ("if nothing > 1 then 1 else 2", 2),
    ("1 in nothing", False),
    ("nothing instance of Any", False),
    # a name of a function is free for variables
    ("date = null", True),
    ("count", None),
    ("is defined(number)", False),
    # lists and contexts
    ("[1, 2, 3, 4][0]", None),
    ("[1, 2, 3, 4][-5]", None),
    ("[1, 2, 3, 4][even(item)]", [2, 4]),
    ("[1, 2, 3][number_of_it]", 2),
    ('[{a: "p1", b: 5}, {a: "p2", b: 10}][b > 7].a', ["p2"]),
    ("[[{a: 1}], [{a: 2}]].a", [[1], [2]]),
    ("{a: 1, b: a + 1, c: {d: b * 2}}.c.d", 4),
    ("order.`total price`", 5),
    ("`first name`", "Olena"),
    ("two  blanks", 2),
    ("{double: function(x) x * 2}.double(4)", 8),
    ("{f: function(a, b) if b = null then a else b}.f(a: 1)", 1),
    (
        "{ids: union(x.id, y.id), of: function(files, at) get or else(files[id = at][1], {}), "
        "all: for at in ids return context merge([of(x, at), of(y, at)])}.all",
        [{"id": 1, "text": "b"}, {"id": 2, "text": "c"}],
    ),
    ("for p in distinct values([1, 2, 1]) return [1, 2, 1][item = p]", [[1, 1], [2]]),
    # conversion
    ('date and time(@"2020-07-31T14:27:30@Europe/Berlin", "America/Los_Angeles").hour', 5),
    ('date and time(@"2020-07-31T14:27:30", "Europe/Berlin") = @"2020-07-31T14:27:30@Europe/Berlin"', True),
    ('date and time(@"2020-07-31T14:27:30Z", "+02:00").hour', 16),
    ('date and time(@"2020-07-31T14:27:30", "Nowhere")', None),
    ('date("2024-06-31")', None),
    ('@"2024-06-31T10:00:00"', None),
    ("date(2024, 6, 31)", None),
    ('date and time(date("2012-12-24"), time("T23:59:00"))', datetime(2012, 12, 24, 23, 59)),
    ('date and time("2018-04-29T09:30:00+02:00[Europe/Berlin]").timezone', "Europe/Berlin"),
    ('time("13:30").hour', 13),
    ('number("1 500,5", " ", ",")', Decimal("1500.5")),
    ('number("many")', None),
    ('to json(@"2025-11-24T10:00:00@Europe/Berlin")', '"2025-11-24T10:00:00+01:00[Europe/Berlin]"'),
    ('to json({a: [1, 1.5, true, null], b: @"P3Y", c: @"2023-06-14"})', '{"a":[1,1.5,true,null],"b":"P3Y","c":"2023-06-14"}'),
    ('from json("{broken")', None),
    ('from json("\\"2023-06-14\\"")', "2023-06-14"),
    # numbers
    ('decimal(2.5, 0, "half_up")', 3),
    ('decimal(2.5, 0, "FLOOR")', 2),
    ('decimal(2.5, 0, "sideways")', None),
    ("round up(5.5)", 6),
    ("round down(-5.5)", -5),
    ("round half up(-1.126, 2)", Decimal("-1.13")),
    ("round half down(5.5)", 5),
    ("ceiling(-1.56, 1)", Decimal("-1.5")),
    ("modulo(-12, 5)", 3),
    # strings
    ('substring("foobar", 3, 10)', "obar"),
    ('substring after("foobar", "x")', ""),
    ('string join(["a", 1])', None),
    ('string join(["a", null, "c"], null)', "ac"),
    ('split("a;b;c;;", ";")', ["a", "b", "c", "", ""]),
    ('extract("none", "[0-9]")', []),
    ("string length(uuid())", 36),
    ('"\\u269D \\U101EF"', "\u269d \U000101ef"),
    # lists
    ("sublist([1, 2, 3], 2, 5)", [2, 3]),
    ("sublist([1, 2, 3], 4)", []),
    ("sublist([1, 2, 3], 0)", None),
    ("insert before([1], 5, 2)", [1, 2]),
    ("insert before([1, 3], -1, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], 5)", [1, 2, 3]),
    ("append([1])", [1]),
    ("append([1], [2], 3)", [1, [2], 3]),
    ("concatenate([1], 2, null)", [1, 2, None]),
    ("union([1, 2], 2, [3])", [1, 2, 3]),
    ("index of([1, null, 2, null], null)", [2, 4]),
    ("all(false, null, true)", False),
    ("any([])", False),
    ("mode(6, 1, 9, 6, 1)", [1, 6]),
    ("median([])", None),
    ("partition([], 2)", []),
    ("partition([1, 2], 0)", None),
    # contexts
    ('get value({a: {b: 3}}, ["b"])', None),
    ("get value({a: 1}, [])", None),
    ("context put({x: 1}, [], 2)", None),
    ('context put({x: 1, y: null}, ["y", "z"], 2)', {"x": 1, "y": {"z": 2}}),
    ('context put({x: 1}, ["x", "z"], 2)', None),
    ("context merge([{x: 1, y: 0}, {y: 2}])", {"x": 1, "y": 2}),
    ("context merge([{x: 1}, 2])", None),
    # dates
    ('(now() - @"1970-01-01T00:00Z") / @"PT1S" * 1000', 1_767_258_000_000),
    ('years and months duration(date("1990-05-02"), today()).years', 35),
    ('day of week(today()) in ("Saturday", "Sunday")', False),
    ('(for x in 1..7 return today() + @"P1D" * x)[day of week(item) = "Tuesday"][1]', date(2026, 1, 6)),
    ('@"2020-01-01T10:00:00" instance of date time', True),
    ('@"P1D" instance of day-time-duration', True),
    ('@"P1Y" instance of year-month-duration', True),
    ('@"2021-01-01" < @"2021-01-02T00:00:00"', None),
    # tests inside of expressions
    ("5 in (> 3 and < 10)", True),
    ("5 in (odd(?), 6)", True),
    ('"abc" in (starts with(?, "x"))', False),
    ("5 in > 3", True),
    # words that are keywords elsewhere only
    ("instance.id", 7),
    ("{between: 1, then: between + 1}.then", 2),
    # a unary test alone is a value
    ("> 5", feel.Comparison(">", 5)),
]
CONTEXT: dict[str, Any] = {
    "number_of_it": 2,
    "order": {"total price": 5},
    "first name": "Olena",
    "two  blanks": 2,
    "instance": {"id": 7},
    "x": [{"id": 1, "text": "a"}],
    "y": [{"id": 1, "text": "b"}, {"id": 2, "text": "c"}],
    "person": {"name": "Olena"},
}


@pytest.mark.parametrize(("source", "expected"), VALUES, ids=[source for source, _ in VALUES])
def test_value(source: str, expected: Any) -> None:
    assert feel.evaluate(source, CONTEXT, clock=TestClock()) == expected


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("> 5 and < 10", 7, True),
        ("> 5 and < 10", 12, False),
        ("< 5 or > 10", 12, True),
        ('"a", "b"', "c", False),
        ("[1, 2, 3]", 2, True),
        ("[[1, 2], [3]]", [3], True),
        ("allowed", 2, True),
        ("limit > 3", False, True),
        ("limit > 9", False, True),
        ("limit > 9", True, False),
        ("true", False, False),
        ("not(true)", False, True),
        ("null", None, True),
        ("not(null)", 1, True),
        ("]2..5[", 5, False),
        ('(@"08:00:00"..@"10:00:00")', datetime(2024, 1, 1, 9, tzinfo=UTC).time(), True),
        ('ends with(?, "@example.org")', "a@example.org", True),
        ("some x in ? satisfies x > 2", [1, 3], True),
        ("? in (1, 2)", 2, True),
        ("? in (1, 2)", 3, False),
        ("5 in (? > 3) and ? > 1", 1, False),
    ],
)
def test_unary_tests(tests: str, value: Any, expected: bool) -> None:
    assert feel.matches(tests, value, {"limit": 7, "allowed": [1, 2]}) is expected


@pytest.mark.parametrize(
    "source",
    [
        '{\n  "name": applicantName, // who asks\n  "total": sum(for i in items return i.price * i.count)\n}',
        'if response.statusCode >= 400 then bpmnError("HTTP_ERROR", string(response.statusCode)) else null',
        'if error.code = "503" then jobError("later", {}, job.retries - 1, @"PT10S") else ignoreError()',
        'fromAi(value: toolCall.type, description: "its type", schema: {type: "string", enum: ["a", "b"]})',
        'if list contains(["IRN", "PRK"], country) or amount >= 1000000 then "block" else if score < 0.5 then "review" else "pass"',
        '"https://example.org/users/" + string(user.id) + "?q=" + get or else(query, "")',
        "is defined(a.b) and a.b != null and not(is empty(a.list))",
        "items[price > limit and not(done)][-1].`unit price`",
        'date and time(dueDate) + duration("P" + string(days) + "D")',
        'matches(mail, "^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$")',
        "{toolCallResult: response.body.items[1].name}",
        "for x in tasks, y in x.parts return {x: x.id, y: y, last: partial[-1]}",
        "function(a, b) a.due < b.due",
        'get value(context put({}, ["a", "b"], 1), ["a", "b"])',
        "null",
    ],
)
def test_what_models_say_can_be_read(source: str) -> None:
    assert feel.check(source) == []
