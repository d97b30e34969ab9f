"""The thread beside the web server: it goes on whatever happens, and ends when told."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from engine import db
from engine.core import Engine
from web.server import work


def test_the_worker_survives_a_lost_database_and_ends_when_told(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, engine.database = engine.database, db.open_database(f"sqlite:///{tmp_path}/nowhere/x.db")
    over = Event()
    worker = Thread(target=work, args=(engine, over, 0.01))
    worker.start()
    while caplog.text.count("could not be done") < 2:
        assert worker.is_alive()
    engine.database = good
    over.set()
    worker.join(5)
    assert not worker.is_alive()
