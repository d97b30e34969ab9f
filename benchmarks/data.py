"""The data factory: a nested create in a step's transaction against the same statements by hand, a REST create, and pages of large tables.

Run as `python -m benchmarks.data [--rows N] [--url URL]`; the last lines are NAME MEASURED TARGET ok|short. `--rows` is how many rows the
larger table of the search has (default 1,000,000), `--url` another database than a fresh SQLite file.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, Date, DateTime, Float, MetaData, String, Table, Text, Uuid, insert, text
from waitress import create_server  # type: ignore[import-untyped]  # it ships no types

from engine import db
from engine.clock import SystemClock
from engine.config import Config
from engine.core import Engine, SourceFile
from engine.core import open as open_engine
from engine.data.origin import Origin
from engine.delegates import DELEGATES, Call
from engine.identity import SYSTEM, Person
from web.application import create_app

RATIO, REST_MS, GROWTH = 2.5, 3.0, 1.5
NESTED, REST, SEARCHES, PER_GROUP = 400, 400, 200, 50
OFFICER = Person("olena", "Olena Kovalenko", frozenset({"officer"}), frozenset(), "3010203040")
TABLES = b"""
CREATE TABLE profile (profile_id uuid PRIMARY KEY, title varchar(60) NOT NULL, born date);
CREATE TABLE purchase (purchase_id uuid PRIMARY KEY, number varchar(30) NOT NULL, total numeric(10, 2));
CREATE TABLE deal (deal_id uuid PRIMARY KEY, note text, profile_id uuid REFERENCES profile (profile_id),
                   purchase_id uuid REFERENCES purchase (purchase_id));
CREATE TABLE small (small_id uuid PRIMARY KEY, part integer NOT NULL, title text);
CREATE TABLE large (large_id uuid PRIMARY KEY, part integer NOT NULL, title text);
CREATE INDEX small_by_part ON small (part);
CREATE INDEX large_by_part ON large (part);
"""
DECLARED = b"""
signatures: optional
nested: {deal: {table: deal, links: {profile_id: {table: profile}, purchase_id: {table: purchase}}}}
search:
  in-small: {table: small, where: {part: equal}, sort: [title], pagination: page}
  in-large: {table: large, where: {part: equal}, sort: [title], pagination: page}
"""
PAYLOAD = {"note": "n", "profile": {"title": "Ada", "born": "1990-02-28"}, "purchase": {"number": "7", "total": 12.5}}
HEADERS = {"X-Source-System": "s", "X-Source-Application": "a", "X-Source-Business-Process": "p", "Content-Type": "application/json"}


def milliseconds(what: Callable[[], Any], times: int) -> float:
    """The median of so many runs, after some that do not count."""
    taken = []
    for number in range(times + times // 5):
        began = perf_counter()
        what()
        if number >= times // 5:
            taken.append((perf_counter() - began) * 1000)
    return median(taken)


def nested(engine: Engine) -> float:
    """How many times longer the delegate takes than Core, on one connection, taking turns."""
    token = engine.tokens.issue(OFFICER)
    origin = Origin(SYSTEM, process="p", process_instance_id="i", activity="a", activity_instance_id="t")
    delegate, ratios = DELEGATES["dataFactoryConnectorNestedCreateDelegate"], []
    with db.begin(engine.database) as tx:
        by_hand = Hand(tx)
        given = {"resource": "deal", "payload": PAYLOAD, "x_access_token": token}
        for _ in range(5):
            hand = milliseconds(by_hand.write, NESTED)
            ours = milliseconds(lambda: delegate(Call(tx, given, origin, "i", engine.world, "k")), NESTED)
            ratios.append(ours / hand)
            print(f"nested create of three rows with history: by hand {hand:.3f} ms, by the delegate {ours:.3f} ms")
    return median(ratios)


KEY = Uuid(as_uuid=False).with_variant(String(36), "sqlite")
COLUMNS: dict[str, dict[str, Any]] = {
    "profile": {"profile_id": KEY, "title": String(60), "born": Date},
    "purchase": {"purchase_id": KEY, "number": String(30), "total": Float},
    "deal": {"deal_id": KEY, "note": Text, "profile_id": KEY, "purchase_id": KEY},
}
ABOUT: dict[str, Any] = {
    "ddm_dml_op": "I", "curr_user": "3010203040", "source_system": "Low-code Platform", "source_application": "ratchet",
    "source_process": "p", "source_process_definition_id": None, "source_process_instance_id": "i", "business_activity": "a",
    "source_activity_instance_id": "t", "digital_sign": None, "digital_sign_derived": None, "ddm_digital_sign_checksum": None,
    "ddm_digital_sign_derived_checksum": None,
}  # fmt: skip


class Hand:
    """The same six rows as somebody would write them with SQLAlchemy Core: no savepoints, no checks."""

    def __init__(self, tx: Connection):
        self._tx, found = tx, MetaData()
        about = {"ddm_created_at": DateTime(timezone=True), **dict.fromkeys(ABOUT, Text)}
        self._tables = {
            name: (_table(name, columns, found), _table(f"{name}_hst", {**columns, **about}, found)) for name, columns in COLUMNS.items()
        }

    def write(self) -> None:
        profile = self._one("profile", title="Ada", born=date(1990, 2, 28))
        purchase = self._one("purchase", number="7", total=12.5)
        self._one("deal", note="n", profile_id=profile, purchase_id=purchase)

    def _one(self, name: str, **values: Any) -> str:
        (table, history), id = self._tables[name], str(uuid4())
        row = {f"{name}_id": id, **values}
        self._tx.execute(insert(table), row)
        self._tx.execute(insert(history), {**row, **ABOUT, "ddm_created_at": datetime.now(UTC)})
        return id


def _table(name: str, columns: dict[str, Any], found: MetaData) -> Table:
    return Table(name, found, *(Column(column, kind) for column, kind in columns.items()))


def rest(engine: Engine) -> float:
    """The median of creates over loopback, each a transaction of its own, through the server that `ratchet serve` uses."""
    server = create_server(create_app(engine), host="127.0.0.1", port=0, threads=8)
    Thread(target=server.run, daemon=True).start()
    wire = http.client.HTTPConnection("127.0.0.1", server.effective_port)
    headers, body = {**HEADERS, "X-Access-Token": engine.tokens.issue(OFFICER)}, json.dumps(PAYLOAD["profile"])

    def create() -> None:
        wire.request("POST", "/data/profile", body, headers)
        answer = wire.getresponse()
        told = answer.read()
        assert answer.status == 201, told

    found = milliseconds(create, REST)
    wire.close()
    server.close()
    print(f"REST create: {found:.2f} ms")
    return found


def searching(engine: Engine, rows: int) -> float:
    """How many times longer a page takes of the larger table than of one of 1,000 rows."""
    sizes, found = {"small": 1000, "large": rows}, {}
    for name, size in sizes.items():
        fill(engine, name, size)
        groups = size // PER_GROUP
        turn = iter(range(10**9))

        def page(name: str = name, groups: int = groups, turn: Any = turn) -> None:
            asked = {"part": next(turn) * 7919 % groups, "pageNo": 2, "pageSize": 10}
            answer = engine.data_find(f"in-{name}", asked, OFFICER)
            assert len(answer["content"]) == 10, answer  # type: ignore[call-overload]

        found[name] = milliseconds(page, SEARCHES)
        print(f"page 3 of 5 among {size:,} rows: {found[name]:.3f} ms")
    return found["large"] / found["small"]


def fill(engine: Engine, name: str, size: int) -> None:
    with db.begin(engine.database) as tx:
        for begin in range(0, size, 10_000):
            numbers = range(begin, min(begin + 10_000, size))
            rows = [{"id": str(uuid4()), "part": number // PER_GROUP, "title": f"row {number}"} for number in numbers]
            tx.execute(text(f"INSERT INTO {name} ({name}_id, part, title) VALUES (:id, :part, :title)"), rows)
    if engine.database.dialect.name == "postgresql":
        with engine.database.connect() as tx:
            tx.execute(text(f"ANALYZE {name}"))
            tx.commit()


def measured(engine: Engine, rows: int) -> list[tuple[str, float, float]]:
    engine.deploy([SourceFile("b/tables.sql", TABLES), SourceFile("b/registry.yaml", DECLARED)], SYSTEM)
    return [
        ("nested_create_times_by_hand", nested(engine), RATIO),
        ("rest_create_ms", rest(engine), REST_MS),
        ("search_page_times_of_1000_rows", searching(engine, rows), GROWTH),
    ]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--url")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'benchmark.db'}"
        engine = open_engine(Config(url, Path(folder)), SystemClock())
        lines = measured(engine, given.rows)
        engine.database.dispose()
    for name, found, target in lines:
        print(f"{name} {found:.2f} {target:g} {'ok' if found <= target else 'short'}")
    return 0 if all(found <= target for _, found, target in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
