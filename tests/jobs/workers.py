"""Workers in processes of their own, for tests that run several at once, stop them and kill them; and work that they can be seen at."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from engine.config import Config
from engine.core import Engine
from engine.core import open as open_engine
from engine.delegates import JOB_TYPES
from engine.delegates.call import Call
from engine.delegates.connector import JobFailed
from engine.jobs import wakeup
from engine.jobs.embedded import Embedded
from tests.models import END, START, job, line, zeebe
from tests.serving import FORK

TYPE = "test:effect"
PROCESS = zeebe(START + job("work", TYPE, '<zeebe:ioMapping><zeebe:input source="=slow" target="slow"/></zeebe:ioMapping>') + END + line("start", "work", "end"))
SIDES = [("sqlite", "embedded"), ("postgres", "embedded"), ("postgres", "procrastinate")]


def effect(call: Call) -> Any:
    """Fails until the table `effect` is there. Then writes a row, and takes as long as the variable `slow` says, with a file `begun`."""
    table = "SELECT name FROM sqlite_master WHERE name = 'effect'" if call.tx.dialect.name == "sqlite" else "SELECT to_regclass('effect')"
    if call.tx.execute(text(table)).scalar() is None:
        raise JobFailed("not yet", retries=5, backoff=timedelta(seconds=1))
    call.tx.execute(text("INSERT INTO effect (instance_id, worker) VALUES (:id, :pid)"), {"id": call.root_instance_id, "pid": os.getpid()})
    if call.inputs.get("slow"):
        Path(call.inputs["begun"]).touch()
        time.sleep(float(call.inputs["slow"]))
    return {}


def register() -> None:
    """Make the work known in this process."""
    JOB_TYPES[TYPE] = effect


def quick(side: str) -> wakeup.Wakeup:
    """A side that finds dead workers soon."""
    if side == "embedded":
        return Embedded(lease=timedelta(seconds=2), look_every=0.05)
    from engine.jobs.procrastinate import Procrastinate

    return Procrastinate(heartbeat=0.3, stalled=1.5, look_every=0.3)


class Worker:
    """One worker process."""

    def __init__(self, config: Config, side: str, concurrency: int = 1):
        self._process: Any = FORK.Process(target=_work, args=(config, side, concurrency), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    @property
    def alive(self) -> bool:
        return bool(self._process.is_alive())

    def kill(self) -> None:
        """As `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)
        self._process.join()

    def stop(self) -> int:
        """As `kill` does; the exit code."""
        self._process.terminate()
        self._process.join(30)
        return int(self._process.exitcode)


def _work(config: Config, side: str, concurrency: int) -> None:
    register()
    engine = open_engine(config)
    found = quick(side)
    wakeup.install(engine.database, found)
    signal.signal(signal.SIGTERM, lambda *_: found.stop())
    found.run(engine, concurrency)


def rows(engine: Engine) -> list[tuple[str, int]]:
    """What took effect: the instance and the process id of its worker."""
    with engine.database.connect() as tx:
        return [tuple(row) for row in tx.execute(text("SELECT instance_id, worker FROM effect"))]


def until(done: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
