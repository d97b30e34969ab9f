from __future__ import annotations

import pytest

from engine.data import declarations, fitting, rows, search
from engine.data.errors import DataError
from engine.data.schema import SchemaRefused, apply_tables

TABLES = """CREATE TABLE person (
    person_id uuid PRIMARY KEY, last_name varchar(40), first_name text, age integer, height numeric(5, 2), born date,
    active boolean, seen timestamp, notes json
); CREATE INDEX person_by_age ON person (age)"""
DECLARED = """
search:
  by-name: {table: person, where: {last_name: startsWith}, sort: [last_name]}
  has: {table: person, where: {last_name: {type: contains, exact: true}}}
  any-name:
    table: person
    returns: [person_id, last_name]
    where: {any: [{last_name: {type: contains, as: name}}, {first_name: {type: contains, as: name}}, {all: [{age: equal}, {active: equal}]}]}
    sort: [-last_name]
  paged: {table: person, where: {age: between}, sort: [age], pagination: page, limit: 3}
  all: {table: person, pagination: false}
  lists:
    table: person
    where: {age: in, first_name: notIn, last_name: startsWithArray, height: notEqual}
    sort: [last_name]
  needed: {table: person, where: {last_name: {type: equal, required: true}}}
  exactly: {table: person, where: {last_name: {type: startsWith, exact: true}}}
"""
PEOPLE = [("Byron", "Ada", 36, True), ("Коваленко", "Олена", 41, False), ("Kay", "Alan", 20, True), ("O%_x", "Quote'\"", 50, None), ("Bye", None, 36, False)]


@pytest.fixture
def people(tx, stamp):
    apply_tables(tx, TABLES)
    registry = fitting.reflect(tx, declarations.read(DECLARED))
    for last, first, age, active in PEOPLE:
        payload = {"lastName": last, "firstName": first, "age": age, "active": active, "height": age, "born": f"19{age}-01-01"}
        rows.create(tx, registry.resource("person"), payload, stamp)
    return registry


@pytest.fixture
def names(tx, people):
    def found(condition, in_text=False, /, **asked):
        answer = search.find(tx, people, condition, asked, in_text)
        return [row["lastName"] for row in (answer["content"] if isinstance(answer, dict) else answer)]

    return found


@pytest.mark.parametrize(
    ("condition", "asked", "expected"),
    [
        ("by-name", {"lastName": "by"}, ["Bye", "Byron"]),
        ("by-name", {"lastName": "%"}, []),
        ("by-name", {"lastName": "o%_"}, ["O%_x"]),
        ("by-name", {"lastName": None}, ["Bye", "Byron", "Kay", "O%_x", "Коваленко"]),
        ("has", {"lastName": "y"}, {"Bye", "Byron", "Kay"}),
        ("has", {"lastName": "BY"}, set()),
        ("has", {"lastName": "*"}, set()),
        ("has", {"lastName": "вал"}, {"Коваленко"}),
        ("exactly", {"lastName": "By"}, {"Bye", "Byron"}),
        ("exactly", {"lastName": "by"}, set()),
        ("exactly", {"lastName": "[B]"}, set()),
        ("any-name", {"name": "a"}, {"Kay", "Byron"}),
        ("any-name", {"name": "'\""}, {"O%_x"}),
        ("any-name", {"age": 36}, {"Byron", "Bye"}),
        ("any-name", {"age": 36, "active": True}, {"Byron"}),
        ("lists", {"age": [36, 41]}, ["Bye", "Byron", "Коваленко"]),
        ("lists", {"age": []}, []),
        ("lists", {"firstName": ["Ada", "Alan"]}, ["O%_x", "Коваленко"]),
        ("lists", {"firstName": []}, ["Bye", "Byron", "Kay", "O%_x", "Коваленко"]),
        ("lists", {"lastName": ["by", "o%"]}, ["Bye", "Byron", "O%_x"]),
        ("lists", {"height": 36}, ["Kay", "O%_x", "Коваленко"]),
        ("lists", {"age": [36], "lastName": ["byr"]}, ["Byron"]),
        ("person", {"age": 36, "active": False}, {"Bye"}),
        ("person", {"born": "1920-01-01"}, {"Kay"}),
        ("person", {"lastName": "byron"}, set()),
        ("needed", {"lastName": "BYRON"}, {"Byron"}),
        ("all", {}, {"Bye", "Byron", "Kay", "O%_x", "Коваленко"}),
    ],
)
def test_what_is_found(names, condition, asked, expected):
    found = names(condition, **asked)
    assert (found if isinstance(expected, list) else set(found)) == expected


def test_other_letters_than_a_to_z(tx, names):
    assert names("by-name", lastName="Кова") == ["Коваленко"]
    if tx.dialect.name == "sqlite":
        assert names("by-name", lastName="кова") == ["Коваленко"]


def test_pages_by_offset(names):
    everybody = names("by-name")
    assert [names("by-name", limit=2, offset=n) for n in (0, 2, 4, 6)] == [everybody[:2], everybody[2:4], everybody[4:], []]


def test_pages_with_a_total(tx, people):
    page = search.find(tx, people, "paged", {"ageFrom": 21, "pageSize": 2, "pageNo": 1})
    assert [row["age"] for row in page.pop("content")] == [41, 50]
    assert page == {"totalElements": 4, "totalPages": 2, "pageNo": 1, "pageSize": 2}
    assert search.find(tx, people, "paged", {"pageSize": 100})["pageSize"] == 3
    assert search.find(tx, people, "paged", {"ageTo": 0}) == {"content": [], "totalElements": 0, "totalPages": 0, "pageNo": 0, "pageSize": 3}


def test_only_what_is_returned(tx, people):
    assert set(search.find(tx, people, "any-name", {"age": 20})[0]) == {"personId", "lastName"}


def test_a_query_in_text(names):
    assert names("lists", True, age="36,41") == ["Bye", "Byron", "Коваленко"]
    assert names("lists", True, age=["20", "50"]) == ["Kay", "O%_x"]
    assert names("paged", True, ageFrom="36", ageTo="40", pageSize="5") in (["Byron", "Bye"], ["Bye", "Byron"])
    assert names("person", True, active="true", age="20") == ["Kay"]


@pytest.mark.parametrize(
    ("condition", "asked", "fields"),
    [
        ("by-name", {"lastName": 5, "firstName": "x"}, ["firstName"]),
        ("by-name", {"lastName": ["a"]}, ["lastName"]),
        ("by-name", {"limit": -1, "offset": "x"}, ["limit", "offset"]),
        ("by-name", {"limit": True}, ["limit"]),
        ("by-name", {"limit": 10**30}, ["limit"]),
        ("by-name", {"pageNo": 1}, ["pageNo"]),
        ("paged", {"ageFrom": "soon"}, ["ageFrom"]),
        ("lists", {"age": {"a": 5}}, ["age"]),
        ("needed", {}, ["lastName"]),
        ("person", {"notes": {}}, ["notes"]),
        ("person", {"last_name": "x", "lastName\"; DROP TABLE person; --": "x"}, ["last_name", "lastName\"; DROP TABLE person; --"]),
    ],
)
def test_what_cannot_be_asked(tx, people, condition, asked, fields):
    with pytest.raises(DataError) as refused:
        search.find(tx, people, condition, asked)
    assert (refused.value.code, list(refused.value.fields)) == ("VALIDATION_ERROR", fields)
    with pytest.raises(DataError) as refused:
        search.find(tx, people, condition, asked, True)
    assert refused.value.status == 400


@pytest.mark.parametrize("hostile", ["' OR '1'='1", '" OR ""="', "x'; DROP TABLE person; --", "%' ESCAPE '", "\\", "\\%", "?", ":a", "%s", "%(a)s", "$1"])
@pytest.mark.parametrize("condition", ["by-name", "has", "exactly", "needed", "person"])
def test_what_is_asked_is_only_a_value(names, tx, condition, hostile):
    assert names(condition, lastName=hostile) == []
    assert tx.exec_driver_sql("SELECT count(*) FROM person").scalar_one() == len(PEOPLE)


def test_a_hostile_value_in_a_list(names):
    assert names("lists", lastName=["'; DROP TABLE person; --", "by"]) == ["Bye", "Byron"]


@pytest.mark.parametrize("name", ["nothing", "ratchet-person", "person; DROP TABLE person", "person_hst"])
def test_what_is_no_condition(tx, people, name):
    with pytest.raises(DataError) as refused:
        search.find(tx, people, name, {})
    assert refused.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("{table: nowhere}", "no table nowhere"),
        ("{table: person, where: {nothing: equal}}", "no column nothing"),
        ("{table: person, sort: [nothing]}", "no column nothing"),
        ("{table: person, returns: [nothing]}", "no column nothing"),
        ("{table: person, where: {age: contains}}", "integer, which cannot be searched by contains"),
        ("{table: person, where: {notes: equal}}", "json, which cannot"),
        ("{table: person, where: {last_name: {type: equal, as: limit}}}", "choose another name"),
    ],
)
def test_conditions_that_do_not_fit(tx, people, declared, told):
    with pytest.raises(SchemaRefused, match=told):
        fitting.reflect(tx, declarations.read(f"search: {{x: {declared}}}"))
