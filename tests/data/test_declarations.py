from __future__ import annotations

import pytest

from engine.data import declarations
from engine.data.declarations import Declarations, Nested
from engine.errors import DeploymentRefused

DEEP = """
nested:
  deep:
    table: a
    links:
      b_id:
        table: b
        links:
          c_id: {table: c}
"""


def test_links_have_links():
    found = declarations.read(DEEP)
    assert found.nested["deep"] == Nested("a", {"b_id": Nested("b", {"c_id": Nested("c")})})
    assert found.nested["deep"].tables() == ["a", "b", "c"]


def test_signatures_are_required_unless_said_otherwise():
    tables = "CREATE TABLE Pet (pet_id uuid PRIMARY KEY);"
    assert declarations.read("", tables).unsigned == frozenset()
    assert declarations.read("signatures: required", tables).unsigned == frozenset()
    assert declarations.read("signatures: optional", tables).unsigned == {"pet"}


def test_one_application_does_not_switch_off_the_signatures_of_another():
    both = Declarations.together([declarations.read("signatures: optional", "CREATE TABLE pet (a text)"), declarations.read(DEEP)])
    assert both.unsigned == {"pet"} and set(both.nested) == {"deep"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nested: [", "not YAML"),
        ("- 1", "mapping"),
        ("signature: optional", "does not know signature; known are enums, nested, partial, permissions, search, signatures"),
        ("signatures: no", "one of required, optional"),
        ("signatures: [1]", "one of required, optional"),
        ("nested: {x: {links: {}}}", "needs the name of its table"),
        ("nested: {x: {table: a, link: {}}}", "does not know link"),
        ("nested: {x: {table: a, links: [b]}}", "mapping"),
        ("nested: {x: {table: a, links: {b: c}}}", "mapping"),
        ("nested: {x: {table: a, links: {b_id: {table: b}, c_id: {table: b}}}}", "links twice to b"),
        ("nested: {1: {table: a}}", "mapping of names"),
    ],
)
def test_what_is_wrong(text, told):
    with pytest.raises(DeploymentRefused, match=told):
        declarations.read(text)
