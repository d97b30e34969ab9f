"""Eight clients write the same rows for some seconds: what was confirmed is there, once; what was refused is not."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from flask import Flask

from engine import db
from engine.core import Engine, SourceFile
from engine.demo import PEOPLE
from tests.conftest import on_both
from web.application import create_app

ANN, ALEX = PEOPLE[0], PEOPLE[2]
CLIENTS, ROWS = 8, 3
ZERO = b'{"n":0}'
SECONDS = float(os.environ.get("RATCHET_TOGETHER_SECONDS", "2"))
TABLES = b"CREATE TABLE counter (counter_id uuid PRIMARY KEY, n integer NOT NULL, label text UNIQUE);"
SOURCE = {"X-Source-System": "s", "X-Source-Application": "a", "X-Source-Business-Process": "p"}


class Client:
    """Counts up by reading, then writing under the ETag that it read; and claims labels that only one can have."""

    def __init__(self, app: Flask, token: str, urls: list[str], number: int):
        self._client, self._urls, self._number = app.test_client(), urls, number
        self._headers = {**SOURCE, "X-Access-Token": token}
        self.counted, self.claimed, self.lost = [0] * len(urls), [], 0

    def _ask(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        return self._client.open(path, method=method, json=json, headers={**self._headers, **headers})

    def run(self, until: float) -> Client:
        turn = 0
        while monotonic() < until:
            turn += 1
            at = (turn + self._number) % len(self._urls)
            read = self._ask("GET", self._urls[at])
            done = self._ask("PUT", self._urls[at], {"n": read.json["n"] + 1}, **{"If-Match": read.headers["ETag"]})
            assert done.status_code in (204, 412), done.text
            self.counted[at] += done.status_code == 204
            made = self._ask("POST", "/data/counter", {"n": -1, "label": f"label {turn}"})
            assert made.status_code in (201, 409), made.text
            self.claimed += [turn] if made.status_code == 201 else []
        return self


@on_both
def test_nothing_is_lost_and_nothing_is_done_twice(engine: Engine) -> None:
    engine.deploy([SourceFile("t/tables.sql", TABLES), SourceFile("t/registry.yaml", b"signatures: optional")], ALEX)
    app, token = create_app(engine), engine.tokens.issue(ANN)
    urls = [f"/data/counter/{engine.data_create('counter', ZERO, SOURCE, ANN)}" for _ in range(ROWS)]
    until = monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients = list(threads.map(lambda number: Client(app, token, urls, number).run(until), range(CLIENTS)))
    for at, url in enumerate(urls):
        counted = sum(client.counted[at] for client in clients)
        assert counted and engine.data_read("counter", url.rpartition("/")[2], ANN)["n"] == counted
        assert len(engine.data_history("counter", url.rpartition("/")[2], ANN)) == counted + 1
    claimed = [turn for client in clients for turn in client.claimed]
    assert len(set(claimed)) == len(claimed)
    with db.read(engine.database) as tx:
        kept = tx.exec_driver_sql("SELECT count(*), (SELECT count(*) FROM counter_hst WHERE n = -1) FROM counter WHERE n = -1").one()
    assert tuple(kept) == (len(claimed), len(claimed))
