"""The server is killed, really, at random moments of a submit: afterwards the step happened whole or not at all."""

from __future__ import annotations

import base64
import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine import db
from engine.config import Config
from engine.core import Engine
from engine.core import open as open_engine
from engine.demo import HERE, PASSWORD, PEOPLE
from engine.demo_pki import make_pki
from engine.files import sources
from engine.identity import SYSTEM
from tests.serving import Server
from tests.signing_client import sign_with_p12

ANN = PEOPLE[0]
TABLES = ("person_profile", "person_edu_profile", "orders", "transaction")
KILLS = int(os.environ.get("RATCHET_KILLS", "100"))
FORM = {"last_name": "Byron", "first_name": "Ada", "birthday": "1995-12-10", "order_type": "Enrolment", "order_date": "2026-01-01"}


class Served(Server):
    """A server over one database, started and killed again and again, and a client of it."""

    def __init__(self, folder: Path):
        self.pki = make_pki(folder / "pki", [(ANN.name, ANN.serial_number or "", "ann.p12")], PASSWORD)
        self.config = Config(f"sqlite:///{folder / 'r.db'}", folder / "home", trust_folder=self.pki.trust, seal_folder=self.pki.seal)
        super().__init__(self.config)

    def post(self, path: str, body: Any, token: str) -> int:
        """The status of a request to the API; 0 where the server died under it."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{path}: {refused.status} {refused.read()!r}") from refused
        except (OSError, HTTPException):
            return 0


@pytest.fixture
def served(tmp_path: Path) -> Any:
    made = Served(tmp_path)
    engine = open_engine(made.config)
    for person in PEOPLE:
        engine.add_person(person, PASSWORD)
    engine.deploy(sources([HERE / "processes/nested-entities", HERE / "forms"]), SYSTEM)
    yield made, engine
    made.kill()
    engine.database.dispose()


def at_signing(engine: Engine, number: int) -> tuple[str, str]:
    """A new instance whose signing task is open: the ids of both."""
    instance = engine.start("nested_entity_test_process", {}, ANN)
    (task,) = [task for task in engine.tasks(ANN) if task.instance_id == instance]
    engine.submit(task.id, {**FORM, "order_number": f"O-{number}"}, ANN)
    (task,) = [task for task in engine.tasks(ANN) if task.instance_id == instance]
    return instance, task.id


def state(engine: Engine, instance: str) -> tuple[str, tuple[int, ...], int]:
    """What there is of an instance's last step: its state, its rows in the four tables and their histories, its submission."""
    with db.read(engine.database) as tx:
        rows = []
        for table in TABLES:
            found = tx.execute(text(f"SELECT count(*) FROM {table}_hst WHERE source_process_instance_id = :id"), {"id": instance})
            rows.append(found.scalar_one())
        submitted = tx.execute(text("SELECT count(*) FROM ratchet_submission WHERE instance_id = :id"), {"id": instance}).scalar_one()
        kept = tx.execute(text("SELECT state FROM ratchet_instance WHERE id = :id"), {"id": instance}).scalar_one()
    return kept, tuple(rows), submitted


def whole_counts(engine: Engine) -> set[int]:
    with db.read(engine.database) as tx:
        return {tx.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in TABLES}


NOTHING, EVERYTHING = ("active", (0, 0, 0, 0), 1), ("completed", (1, 1, 1, 1), 2)


def test_a_killed_submit_happened_whole_or_not_at_all(served: tuple[Served, Engine]) -> None:
    server, engine = served
    key = (server.pki.people / "ann.p12").read_bytes()
    token = engine.tokens.issue(ANN, 3600)
    outcomes = {NOTHING: 0, EVERYTHING: 0}
    server.start()
    seconds = _time_of_one_submit(server, engine, key, token)
    for number in range(KILLS):
        instance, task = at_signing(engine, number)
        signing = engine.prepare_signature(task, {}, ANN)
        body = {"request_id": signing.id, "signature": base64.b64encode(sign_with_p12(key, PASSWORD, signing.document)).decode()}
        sender = threading.Thread(target=server.post, args=(f"/api/tasks/{task}/complete", body, token))
        sender.start()
        time.sleep(random.uniform(0, seconds * 1.3))
        server.kill()
        sender.join()
        found = state(engine, instance)
        assert found in outcomes, found
        outcomes[found] += 1
        if found == NOTHING:
            assert [one.state for one in engine.instance(instance, SYSTEM).tasks] == ["completed", "open"]
        server.start()
    assert len(whole_counts(engine)) == 1
    assert min(outcomes.values()) > 0, f"every kill came too early or too late: {outcomes}"


def _time_of_one_submit(server: Served, engine: Engine, key: bytes, token: str) -> float:
    instance, task = at_signing(engine, 1_000_000)
    signing = engine.prepare_signature(task, {}, ANN)
    body = {"request_id": signing.id, "signature": base64.b64encode(sign_with_p12(key, PASSWORD, signing.document)).decode()}
    begun = time.monotonic()
    assert server.post(f"/api/tasks/{task}/complete", body, token) == 200
    assert state(engine, instance) == EVERYTHING
    return time.monotonic() - begun
