"""What a form accepts, asked as an officer, a careless client and a hostile one would."""

import json
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.expressions.spin import JsonNode
from engine.forms import accept, check, describe, prefill

FORMS = sorted((Path(__file__).parent.parent / "forms").glob("*.form"))


def form(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "components": list(components)}


def field(kind: str, key: str = "x", **settings: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key.title(), **settings}


def one(component: dict[str, Any], value: Any, **context: Any) -> tuple[Any, list[str]]:
    """What a form of this one field makes of a value: (kept value, messages)."""
    data, errors = accept(form(component), {component["key"]: value}, context)
    return data.get(component["key"]), errors.get(component["key"], [])


CHOICES = [{"label": "Red", "value": "r"}, {"label": "One", "value": 1}, {"label": "Yes", "value": True}]
REQUIRED = {"required": True}

# component, value, what is kept
GOOD = [
    (field("textfield"), "Ada", "Ada"),
    (field("textfield"), None, ""),
    (field("textarea"), "two\nlines", "two\nlines"),
    (field("textfield", validate={"maxLength": 3}), "  abc  ", "  abc  "),
    (field("textfield", validate={"minLength": 2, "maxLength": 2}), "😀", "😀"),
    (field("textfield", validate={"pattern": "^C-[0-9]+$"}), "C-12", "C-12"),
    (field("textfield", validate={"pattern": "[0-9]"}), "no anchors: 7", "no anchors: 7"),
    (field("textfield", validate={"pattern": "^.{2}$"}), "😀", "😀"),
    (field("textfield", validate={"pattern": "^[😀]{2}$"}), "😀", "😀"),
    (field("textfield", validate={"validationType": "email"}), "ann@example.org", "ann@example.org"),
    (field("textfield", validate={"validationType": "phone"}), "+4930664040900", "+4930664040900"),
    (field("textfield", validate={"minLength": 3}), "", ""),
    (field("number"), 12.5, 12.5),
    (field("number"), "12", 12),
    (field("number"), "12.50", Decimal("12.50")),
    (field("number"), "", None),
    (field("number", validate=REQUIRED), 0, 0),
    (field("number", serializeToString=True), "12.50", "12.50"),
    (field("number", serializeToString=True), 12.5, "12.5"),
    (field("number", decimalDigits=2), Decimal("1.500"), Decimal("1.500")),
    (field("number", increment="0.1"), 0.3, 0.3),
    (field("number", validate={"min": "0", "max": 100}), 100, 100),
    (field("number", validate={"min": "=lowest"}), 5, 5),
    (field("checkbox"), False, False),
    (field("checkbox", validate=REQUIRED), True, True),
    (field("radio", values=CHOICES, validate=REQUIRED), "r", "r"),
    (field("select", values=CHOICES), None, None),
    (field("radio", values=[{"label": "No", "value": False}], validate=REQUIRED), False, False),
    (field("select", values=["plain", "text"]), "plain", "plain"),
    (field("select", valuesKey="offered"), "b", "b"),
    (field("select", valuesExpression='=for n in offered return {label: "No. " + n, value: n}'), "a", "a"),
    (field("checklist", values=CHOICES), ["r", 1], ["r", 1]),
    (field("taglist", values=CHOICES), [], []),
    (field("datetime", subtype="date"), "2024-02-29", "2024-02-29"),
    (field("datetime", subtype="time"), "14:30+02:00", "14:30+02:00"),
    (field("datetime", subtype="datetime"), "2026-01-31T14:30Z", "2026-01-31T14:30Z"),
    (field("datetime", subtype="datetime"), datetime(2026, 1, 31, 14, 30), "2026-01-31T14:30:00"),
]

# component, value, a piece of the message
BAD = [
    (field("textfield", validate=REQUIRED), "", "required"),
    (field("textfield", validate=REQUIRED), None, "required"),
    (field("textfield"), 5, "text"),
    (field("textfield"), {"a": 1}, "text"),
    (field("textfield"), ["a"], "text"),
    (field("textfield"), "nul\0", "cannot be stored"),
    (field("textfield"), "half \ud800", "cannot be stored"),
    (field("textfield", validate={"maxLength": 3}), "abcd", "at most 3"),
    (field("textfield", validate={"minLength": 3}), " ab ", "at least 3"),
    (field("textfield", validate={"maxLength": 1}), "😀", "at most 1"),
    (field("textfield", validate={"pattern": "^a$"}), "a\n", "form that is asked for"),
    (field("textfield", validate={"pattern": "^\\d$"}), "٣", "form that is asked for"),
    (field("textfield", validate={"pattern": "^a$", "patternErrorMessage": "Write a."}), "b", "Write a."),
    (field("textfield", validate={"validationType": "email"}), "ann@", "e-mail"),
    (field("textfield", validate={"validationType": "email"}), "a" * 400 + "@b", "e-mail"),
    (field("textfield", validate={"validationType": "phone"}), "030 123", "phone"),
    (field("number", validate=REQUIRED), None, "required"),
    (field("number"), "12,5", "number"),
    (field("number"), "NaN", "number"),
    (field("number"), float("nan"), "number"),
    (field("number"), float("inf"), "number"),
    (field("number"), True, "number"),
    (field("number"), "٣", "number"),
    (field("number"), "1e999", "too large"),
    (field("number"), "9" * 5000, "number"),
    (field("number"), 10**400, "too large"),
    (field("number", decimalDigits=0), 1.5, "whole number"),
    (field("number", decimalDigits=2), "1.555", "2 decimals"),
    (field("number", increment="0.5"), 0.7, "0.5 and 1.0"),
    (field("number", increment="0.1"), "1e300", "multiple"),
    (field("number", validate={"min": 1}), 0, "at least 1"),
    (field("number", validate={"max": 100}), 100.01, "at most 100"),
    (field("number", validate={"min": "=lowest"}), 4, "at least 5"),
    (field("number", validate={"min": "=nobody.knows"}), 4, "cannot be worked out"),
    (field("checkbox", validate=REQUIRED), False, "tick"),
    (field("checkbox"), "true", "ticked or not"),
    (field("checkbox"), 1, "ticked or not"),
    (field("radio", values=CHOICES, validate=REQUIRED), None, "choose"),
    (field("radio", values=CHOICES), "green", "offered"),
    (field("radio", values=[{"label": "Yes", "value": True}]), 1, "offered"),
    (field("select", values=[{"label": "One", "value": 1}]), True, "offered"),
    (field("select", valuesKey="offered"), "c", "offered"),
    (field("select", valuesKey="nobody.knows"), "c", "offered"),
    (field("select", valuesExpression="=offered"), {"deep": []}, "offered"),
    (field("checklist", values=CHOICES, validate=REQUIRED), [], "required"),
    (field("checklist", values=CHOICES), "r", "list"),
    (field("checklist", values=CHOICES), ["r", "r"], "twice"),
    (field("checklist", values=CHOICES), ["r"] * 100_000, "offered"),
    (field("taglist", values=CHOICES), [["r"]], "offered"),
    (field("datetime", subtype="date"), "2023-02-29", "date"),
    (field("datetime", subtype="date"), "20230228", "date"),
    (field("datetime", subtype="date"), "2023-02-28T10:00", "date"),
    (field("datetime"), "31.01.2026", "date"),
    (field("datetime", subtype="time"), "25:00", "time"),
    (field("datetime", subtype="time"), "12", "time"),
    (field("datetime", subtype="datetime"), "2026-01-31", "date and a time"),
    (field("datetime", subtype="datetime"), 1700000000, "date and a time"),
    (field("filepicker"), "files::1", "Files"),
]
KNOWN = {"lowest": 5, "offered": ["a", "b"]}


@pytest.mark.parametrize(("component", "value", "kept"), GOOD)
def test_a_good_value_is_kept(component: dict[str, Any], value: Any, kept: Any) -> None:
    found, messages = one(component, value, **KNOWN)
    assert (found, messages) == (kept, []) and type(found) is type(kept)


@pytest.mark.parametrize(("component", "value", "message"), BAD)
def test_a_bad_value_is_named_in_a_sentence(component: dict[str, Any], value: Any, message: str) -> None:
    _, messages = one(component, value, **KNOWN)
    assert len(messages) == 1 and message in messages[0] and messages[0].endswith(".")


@pytest.mark.parametrize("submitted", [None, [], "text", 5, True])
def test_a_submission_that_is_no_object_is_refused(submitted: Any) -> None:
    assert accept(form(field("textfield")), submitted, {}) == ({}, {"": ["The data of a form must be an object of names and values."]})


def test_a_submission_nested_without_end_is_refused() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"x": deep}
    assert accept(form(field("textfield")), deep, {})[1] == {"": ["The data is nested too deep."]}


def test_unknown_names_and_disabled_fields_are_dropped() -> None:
    schema = form(
        field("textfield", "a"), field("textfield", "b", disabled=True), {"type": "text", "text": "hello"}, field("button", "send")
    )
    assert accept(schema, {"a": "1", "b": "2", "c": "3", "send": "4", "__proto__": {}}, {"b": "mine"}) == ({"a": "1"}, {})


def test_a_field_left_out_keeps_what_the_page_started_with() -> None:
    schema = form(field("textfield", "a", validate=REQUIRED), field("textfield", "b", defaultValue="usual"), field("checkbox", "c"))
    assert accept(schema, {}, {"a": "known"}) == ({"a": "known", "b": "usual", "c": False}, {})
    assert accept(schema, {"a": None}, {"a": "known"})[1] == {"a": ["This field is required."]}


def test_read_only_values_are_the_servers() -> None:
    schema = form(field("textfield", "a", readonly=True, validate={"maxLength": 1}), field("textfield", "b", readonly="=locked"))
    assert accept(schema, {"a": "forged", "b": "forged"}, {"a": "mine", "b": "mine too", "locked": True}) == (
        {"a": "mine", "b": "mine too"},
        {},
    )
    assert accept(schema, {"a": "forged", "b": "changed"}, {"locked": False}) == ({"a": "", "b": "changed"}, {})


def test_a_value_for_a_hidden_field_unlocks_nothing() -> None:
    schema = form(
        field("textfield", "key", conditional={"hide": "=true"}),
        field("textfield", "amount", readonly='=not(key = "open")'),
        field("textfield", "reason", conditional={"hide": '=key = "open"'}, validate=REQUIRED),
    )
    data, errors = accept(schema, {"key": "open", "amount": "9"}, {"amount": "1"})
    assert data["amount"] == "1" and "key" not in data and errors == {"reason": ["This field is required."]}


def test_hidden_fields_are_neither_asked_nor_kept() -> None:
    schema = form(field("checkbox", "company"), field("textfield", "vat", validate=REQUIRED, conditional={"hide": "=company != true"}))
    assert accept(schema, {"company": False, "vat": "DE1"}, {}) == ({"company": False}, {})
    assert accept(schema, {"company": True, "vat": ""}, {})[1] == {"vat": ["This field is required."]}
    assert accept(schema, {"company": True, "vat": "DE1"}, {}) == ({"company": True, "vat": "DE1"}, {})


def test_a_field_that_only_a_hidden_value_hid_is_asked() -> None:
    schema = form(
        field("textfield", "a", conditional={"hide": "=true"}), field("textfield", "b", validate=REQUIRED, conditional={"hide": '=a = "x"'})
    )
    assert accept(schema, {"a": "x", "b": "kept"}, {}) == ({"b": "kept"}, {})


def test_groups_and_dotted_keys_make_objects() -> None:
    group = {
        "type": "group",
        "path": "home",
        "components": [field("textfield", "street", validate=REQUIRED), field("textfield", "geo.town")],
    }
    assert accept(form(group), {"home": {"street": "High St", "geo": {"town": "York"}}}, {})[0] == {
        "home": {"street": "High St", "geo": {"town": "York"}}
    }
    assert accept(form(group), {"home": "nonsense"}, {})[1] == {"home.street": ["This field is required."]}
    assert accept(form({**group, "path": ""}), {"street": "High St"}, {}) == ({"street": "High St", "geo": {"town": ""}}, {})


OWNERS = {
    "type": "dynamiclist",
    "path": "owners",
    "isRepeating": True,
    "components": [
        field("textfield", "name", validate=REQUIRED),
        field("number", "share", validate={"max": "=100 - i[1]"}),
        field("textfield", "note", conditional={"hide": "=this.share < 50"}),
        field("textfield", "id", readonly=True),
    ],
}


def test_lists_are_judged_row_by_row() -> None:
    rows = [{"name": "Ada", "share": 60, "note": "most", "id": "forged", "more": 1}, {"name": "", "share": 99, "note": "dropped"}]
    data, errors = accept(form(OWNERS), {"owners": rows}, {"owners": [{"id": "7"}]})
    assert data["owners"][0] == {"name": "Ada", "share": 60, "note": "most", "id": "7"}
    assert data["owners"][1] == {"name": "", "share": 99, "note": "dropped", "id": ""}
    assert errors == {"owners[1].name": ["This field is required."], "owners[1].share": ["Must be at most 98."]}
    assert accept(form(OWNERS), {"owners": [{"name": "Ada", "share": 1, "note": "x"}]}, {})[0]["owners"] == [
        {"name": "Ada", "share": 1, "id": ""}
    ]


def test_rows_that_are_none_are_refused() -> None:
    for rows in ("text", [1], {"0": {}}, [[]]):
        assert accept(form(OWNERS), {"owners": rows}, {})[1]["owners"] == ["Must be a list of rows."]
    assert accept(form(OWNERS), {"owners": [{}] * 1001}, {})[1]["owners"] == ["Must have at most 1000 rows."]
    fixed = {**OWNERS, "allowAddRemove": False}
    assert accept(form(fixed), {"owners": [{}, {}]}, {"owners": [{"name": "a"}]})[1]["owners"] == ["Rows cannot be added or removed here."]
    assert accept(form(OWNERS), {"owners": []}, {}) == ({"owners": []}, {})
    assert accept(form({**OWNERS, "conditional": {"hide": "=true"}}), {"owners": [{}]}, {}) == ({}, {})


def test_lists_inside_lists() -> None:
    inner = {"type": "dynamiclist", "path": "tags", "components": [field("textfield", "t", validate={"maxLength": 2})]}
    schema = form({"type": "dynamiclist", "path": "rows", "components": [inner]})
    data, errors = accept(schema, {"rows": [{"tags": [{"t": "a"}, {"t": "long"}]}, {"tags": []}]}, {})
    assert list(errors) == ["rows[0].tags[1].t"] and data["rows"][1] == {"tags": []}


def test_expressions_are_worked_out_here() -> None:
    schema = form(
        field("number", "price", readonly="=true"),
        field("number", "pieces"),
        {"type": "expression", "key": "gross", "expression": "=net * 2"},
        {"type": "expression", "key": "net", "expression": "=price * pieces"},
        {"type": "expression", "key": "nothing"},
    )
    data, _ = accept(schema, {"price": 1, "pieces": 3, "gross": 0, "net": 0}, {"price": 10})
    assert data == {"price": 10, "pieces": 3, "gross": 60, "net": 30, "nothing": None}


def test_days_gone_by_are_refused_where_the_form_says_so() -> None:
    schema = form(field("datetime", disallowPassedDates=True))
    today = date(2026, 3, 1)
    assert accept(schema, {"x": "2026-02-28"}, {}, today)[1] == {"x": ["Must not be in the past."]}
    assert accept(schema, {"x": "2026-03-01"}, {}, today)[1] == accept(schema, {"x": "2020-01-01"}, {})[1] == {}


def test_a_condition_that_gives_null_holds_as_in_the_browser() -> None:
    hidden = form(field("number", "a"), field("textfield", "b", validate=REQUIRED, conditional={"hide": "=a > 5"}))
    assert accept(hidden, {"a": None, "b": ""}, {}) == ({"a": None}, {})
    assert "b" in accept(hidden, {"a": 1, "b": ""}, {})[1]
    locked = form(field("textfield", "b", readonly="=nobody.knows > 5"))
    assert accept(locked, {"b": "forged"}, {"b": "mine"}) == ({"b": "mine"}, {})


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a*)*b", "(x+x+)+y", "^(?=(a+)+$)", "^(.*)*$x"])
def test_no_pattern_runs_for_ever(pattern: str) -> None:
    started = time.perf_counter()
    one(field("textfield", validate={"pattern": pattern}), "a" * 40 + "x" * 2000 + "!")
    assert time.perf_counter() - started < 3


def test_a_text_too_long_for_its_pattern_is_refused() -> None:
    _, messages = one(field("textfield", validate={"pattern": "^(a|b|c|d)*$"}), "a" * 2_000_000)
    assert messages == ["This text takes too long to be checked. Please make it shorter, or tell whoever made this form."]


def test_prefill_gives_the_fields_and_what_expressions_name() -> None:
    schema = form(
        field("textfield", "name", description="=hint"),
        field("datetime", "born", subtype="date"),
        field("number", "share"),
        field("textfield", "order"),
        field("select", "bank", valuesKey="banks.list"),
        {"type": "text", "text": "Dear {{officer}}"},
        OWNERS,
    )
    known = {
        "born": "1995-12-10T00:00:00.000Z",
        "share": "62.5",
        "order": 7,
        "hint": "h",
        "officer": "o",
        "banks": {"list": []},
        "secret": 1,
    }
    assert prefill(schema, known) == {
        **{"name": "", "born": "1995-12-10", "share": Decimal("62.5"), "order": "7", "bank": None},
        **{"hint": "h", "officer": "o", "banks": {"list": []}},
        "owners": [{"name": "", "share": None, "note": "", "id": ""}],
    }


def test_prefill_gives_json() -> None:
    schema = form(field("textfield", "a"), field("datetime", "b"), field("datetime", "c", subtype="datetime"), field("select", "d"))
    known = {"a": "x", "b": date(2026, 1, 2), "c": datetime(2026, 1, 2, 3, 4), "d": JsonNode.of({"n": 1})}
    assert json.loads(json.dumps(prefill(schema, known))) == {"a": "x", "b": "2026-01-02", "c": "2026-01-02T03:04:00", "d": {"n": 1}}


def test_what_nobody_touched_is_accepted_as_it_is() -> None:
    schema = form(field("textfield", "a"), field("number", "b"), field("checklist", "c", values=CHOICES), OWNERS)
    known = {"a": "x", "owners": [{"name": "Ada", "share": 51}]}
    assert accept(schema, prefill(schema, known), known) == accept(schema, {}, known)


def test_no_answer_shares_its_empty_lists() -> None:
    schema = form(field("checklist", values=CHOICES))
    accept(schema, {}, {})[0]["x"].append("mine")
    prefill(schema, {})["x"].append("mine")
    assert accept(schema, {}, {})[0] == {"x": []}


def test_describe_shows_labels_and_choices_in_words() -> None:
    schema = form(
        field("textfield", "a", label="Name"),
        field("number", "b", label="Share", appearance={"suffixAdorner": "%"}),
        field("checkbox", "c", label="Sure"),
        field("select", "d", label="Colour", values=CHOICES),
        field("checklist", "e", label="Several", values=CHOICES),
        {"type": "datetime", "key": "f", "dateLabel": "When", "subtype": "datetime"},
        field("textfield", "g", label='="Order " + a'),
        field("textfield", "h"),
        OWNERS,
    )
    data = {
        "a": "Ada",
        "b": 62.50,
        "c": True,
        "d": 1,
        "e": ["r", True],
        "f": "2026-01-31T14:30",
        "g": "",
        "owners": [{"name": "Bo"}, {"name": "Cy"}],
    }
    assert describe(schema, data) == [
        *(("Name", "Ada"), ("Share", "62.5 %"), ("Sure", "Yes"), ("Colour", "One"), ("Several", "Red, Yes")),
        *(("When", "2026-01-31 14:30"), ("Order Ada", "—"), ("Name (1)", "Bo"), ("Name (2)", "Cy")),
    ]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_of_ours_is_sound(path: Path) -> None:
    schema = json.loads(path.read_text())
    assert check(schema) == [] and schema["id"] == path.stem and schema["schemaVersion"] >= 16


# schema, a piece of the problem
BROKEN = [
    ([], "not a form"),
    ({"components": {}}, "not a form"),
    (form({"type": "sausage"}, {"type": "ham"}), "Unknown types of components: ham, sausage."),
    (form("text"), "must be a JSON object"),  # type: ignore[arg-type]
    (form({"type": "textfield", "id": "F1"}), "F1: it has no key"),
    (form({"type": "dynamiclist", "id": "L1"}), "L1: it has no path"),
    (form(field("textfield", "a b")), "must be letters"),
    (form(field("textfield", "a.")), "must be letters"),
    (form(field("textfield", "a"), field("number", "a")), "a: two components"),
    (form(field("textfield", "a"), {"type": "group", "components": [field("number", "a")]}), "a: two components"),
    (form(field("textfield", "a"), field("number", "a.b")), "a is a field of its own"),
    (form({"type": "dynamiclist", "path": "r", "components": [field("textfield", "a"), field("textfield", "a")]}), "r[].a: two components"),
    (form(field("number", validate={"min": "low"})), "validate.min must be a number"),
    (form(field("number", validate={"max": "=1 +"})), "expression of validate.max is broken"),
    (form(field("textfield", validate=["required"])), "validate must be"),
    (form(field("textfield", conditional={"hide": "=a = "})), "expression of conditional.hide is broken"),
    (form(field("textfield", validate={"pattern": "(a"})), "broken"),
    (form(field("textfield", validate={"pattern": "(?i)a"})), "kind of group"),
    (form(field("textfield", validate={"pattern": "ab\\2"})), "character 3"),
    (form(field("textfield", validate={"pattern": "((((a{99}){99}){99}){99})"})), "repeats too much"),
    (form(field("textfield", validate={"pattern": "(" * 500})), "nested too deep"),
    (form(field("radio")), "nothing to choose"),
    (form(field("select", values=[{"label": "No value"}])), "has no value"),
    (form(field("select", valuesExpression="offered")), "must start with ="),
    (form(field("filepicker")), "Files cannot be handed in"),
    (form(*({"type": "text"} for _ in range(1001))), "more than 1000"),
]


@pytest.mark.parametrize(("schema", "problem"), BROKEN)
def test_check_finds_what_is_broken(schema: Any, problem: str) -> None:
    assert any(problem in found for found in check(schema)), check(schema)


def test_check_finds_nothing_in_a_sound_form() -> None:
    rows = {"type": "dynamiclist", "path": "r", "components": [field("textfield", "a")]}
    shown = [{"type": kind} for kind in ("text", "html", "image", "table", "iframe", "spacer", "separator", "button")]
    assert check(form(*shown, rows, field("textfield", "a"), {"type": "group", "path": "g", "components": [field("textfield", "a")]})) == []


def test_check_stops_at_a_form_nested_without_end() -> None:
    deep: dict[str, Any] = {"type": "group", "components": []}
    for _ in range(5_000):
        deep = {"type": "group", "components": [deep]}
    assert any("too deep" in problem for problem in check(form(deep)))
