"""Health: open to probes, true about the database, silent about why."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from engine import db
from engine.core import Engine


def test_alive_and_ready(app: Flask) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.json) == (200, {"status": "up"})


def test_not_ready_without_its_database(app: Flask, engine: Engine, tmp_path: Path) -> None:
    good, engine.database = engine.database, db.open_database(f"sqlite:///{tmp_path}/nowhere/secret.db")
    answer = app.test_client().get("/health/ready")
    engine.database = good
    assert (answer.status_code, answer.json) == (503, {"status": "down"})
    assert app.test_client().get("/health/live").status_code == 200
