"""Variables: where they are found, where they are written, what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from engine import db
from engine.expressions.spin import JsonNode
from engine.runtime.scopes import Scopes, ask, variable
from engine.runtime.values import NotKept, from_json, plain, to_json


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    made = db.open_database(f"sqlite:///{tmp_path / 'v.db'}")
    variable.create(made)
    return made


def scopes() -> Scopes:
    made = Scopes("i")
    made.open("sub", "i")
    made.open("act", "sub")
    return made


def test_reading_climbs_and_writing_goes_where_the_name_is() -> None:
    made = scopes()
    made.assign_local("i", "x", 1)
    made.assign_local("sub", "y", 2)
    made.assign("act", "x", 10)
    made.assign("act", "y", 20)
    made.assign("act", "new", 30)
    made.assign_local("act", "z", 40)
    assert made.visible("i") == {"x": 10, "new": 30}
    assert made.visible("act") == {"x": 10, "new": 30, "y": 20, "z": 40}
    assert made.get("act", "y") == 20
    with pytest.raises(KeyError):
        made.get("i", "y")


def test_inner_values_hide_outer_ones() -> None:
    made = scopes()
    made.assign_local("i", "x", 1)
    made.assign_local("act", "x", None)
    assert made.visible("act")["x"] is None
    made.close("act")
    assert made.visible("sub")["x"] == 1


def test_a_failed_step_leaves_no_trace() -> None:
    made = scopes()
    made.assign_local("i", "x", [1])
    with pytest.raises(ValueError, match="no"), made.all_or_nothing():
        made.assign("act", "x", [2])
        made.assign("act", "fresh", 1, transient=True)
        made.remove("i", "x")
        raise ValueError("no")
    assert made.visible("act") == {"x": [1]}
    assert not made.is_transient("act", "fresh")


def test_only_lasting_variables_are_saved_and_come_back(database: Engine) -> None:
    made = scopes()
    made.assign_local("i", "kept", {"a": [1]})
    made.assign_local("i", "gone", 1, transient=True)
    made.assign_local("act", "local", "l")
    with db.begin(database) as tx:
        made.save(tx)
    made.assign_local("i", "kept", 2)
    made.close("act")
    made.assign_local("i", "gone", 1)
    made.remove("i", "gone")
    with db.begin(database) as tx:
        made.save(tx)
        assert [tuple(row) for row in tx.execute(select(variable))] == [("i", "i", "kept", 2)]
        again = Scopes("i")
        again.load(ask(tx, "i").rows())
    assert again.visible("i") == {"kept": 2}


@pytest.mark.parametrize("value", [
    None, True, 3, 1.5, "x", [1, [2]], {"a": {"b": None}}, Decimal("1.10"), date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC),
    {"$ratchet": "date", "value": "evil"}, {"$ratchet": {"deep": Decimal("2")}}, [{"d": date(2026, 1, 2)}],
])  # fmt: skip
def test_values_come_back_as_they_were(value: Any) -> None:
    back = from_json(to_json(value))
    assert back == value and type(back) is type(value)


def test_spin_nodes_come_back_as_nodes() -> None:
    back = from_json(to_json({"n": JsonNode.of({"a": 1})}))
    assert isinstance(back["n"], JsonNode) and back["n"].data == {"a": 1}


def test_what_no_variable_may_hold() -> None:
    with pytest.raises(NotKept):
        to_json({"f": open})


def test_plain_values_for_pages() -> None:
    assert plain({"d": Decimal("2.50"), "w": Decimal("2"), "t": date(2026, 1, 2), "n": JsonNode.of([1])}) == {"d": 2.5, "w": 2, "t": "2026-01-02", "n": [1]}
