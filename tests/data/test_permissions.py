from __future__ import annotations

import pytest

from engine.data import permissions
from engine.data.errors import DataError
from engine.identity import Person

RULES = permissions.read({"a": {"read": "officer", "delete": []}, "b": {"search": ["x"]}, "*": {"delete": ["admin"], "create": ["registrars"]}})
OFFICER = Person("o", "O", frozenset({"officer"}), frozenset({"registrars"}))
ADMIN = Person("r", "R", frozenset({"admin"}))


@pytest.mark.parametrize(
    ("names", "action", "officer", "admin"),
    [
        (("a",), "read", True, False),
        (("a",), "search", True, False),
        (("find-a", "a"), "search", True, False),
        (("b", "a"), "search", False, False),
        (("a",), "update", True, True),
        (("a",), "delete", False, False),
        (("c",), "delete", False, True),
        (("c",), "create", True, False),
        (("c",), "read", True, True),
    ],
)
def test_who_may(names, action, officer, admin):
    for who, may in ((OFFICER, officer), (ADMIN, admin)):
        if may:
            permissions.require(RULES, names, action, who)
        else:
            with pytest.raises(DataError, match=f"{who.id} may not {action}") as refused:
                permissions.require(RULES, names, action, who)
            assert (refused.value.code, refused.value.status) == ("FORBIDDEN_OPERATION", 403)


@pytest.mark.parametrize("node", [{"a": {"write": "x"}}, {"a": ["read"]}, [], {"a": {"read": [1]}}])
def test_what_is_wrong(node):
    with pytest.raises(ValueError, match=r"must be|does not know"):
        permissions.read(node if node else ["x"])
