"""What tests share: servers started once, a fresh engine for each test, people to act as."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from engine.clock import TestClock
from engine.config import REGISTRY, Config
from engine.core import Engine
from engine.core import open as open_engine
from engine.demo import HERE, PASSWORD, PEOPLE
from engine.demo_pki import make_pki
from engine.files import sources
from engine.identity import SYSTEM
from tests import servers

NO_SKIPS = os.environ.get("RATCHET_NO_SKIPS") == "1"
POSTGRES, MARIADB = "RATCHET_TEST_POSTGRES", "RATCHET_TEST_MYSQL"
SERVERS: dict[str, Any] = {POSTGRES: servers.Postgres, MARIADB: servers.MariaDb}
STARTED = pytest.StashKey[list[Any]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL and MariaDB once, before the workers; they find them by the environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    wanted = [name for name in SERVERS if name not in os.environ]
    with ThreadPoolExecutor() as threads:
        started = list(threads.map(lambda name: SERVERS[name].start(), wanted))
    config.stash[STARTED] = [server for server in started if server]
    os.environ.update({name: server.url for name, server in zip(wanted, started, strict=True) if server})


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in config.stash.get(STARTED, []):
        server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where nothing may skip, a skip is a failure."""
    report: Any = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and RATCHET_NO_SKIPS is set: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A certificate authority with key files for ann and bob (password "demo")."""
    owners = [(one.name, one.serial_number or "", f"{one.id}.p12") for one in PEOPLE if one.serial_number]
    return make_pki(tmp_path_factory.mktemp("pki"), owners, PASSWORD, TestClock().now())


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database: SQLite, or PostgreSQL for tests that are parametrized with `on_both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'ratchet.db'}"
        return
    if POSTGRES not in os.environ:
        pytest.skip("PostgreSQL is not installed here")
    with fresh_schema(os.environ[POSTGRES]) as url:
        yield url


class fresh_schema:
    """A schema of its own in the test server's database; the URL leads into it."""

    def __init__(self, server: str):
        self._engine, self._name = create_engine(server, isolation_level="AUTOCOMMIT"), f"t{uuid4().hex[:12]}"
        self._url = f"{server}?options=-csearch_path%3D{self._name}"

    def __enter__(self) -> str:
        with self._engine.connect() as tx:
            tx.execute(text(f"CREATE SCHEMA {self._name}"))
        return self._url

    def __exit__(self, *_: object) -> None:
        with self._engine.connect() as tx:
            tx.execute(text(f"DROP SCHEMA {self._name} CASCADE"))
        self._engine.dispose()


on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def config(database_url: str, tmp_path: Path, pki: Any) -> Config:
    return Config(database_url, tmp_path / "home", {"*": REGISTRY}, {"TRADES_PASSWORD": "s3cret-trades"}, pki.trust, pki.seal)


@pytest.fixture
def engine(config: Config, clock: TestClock) -> Iterator[Engine]:
    """A fresh engine with the demo's people: ann and bob (officers), alex (analyst), root (administrator)."""
    opened = open_engine(config, clock)
    for person in PEOPLE:
        opened.add_person(person, PASSWORD)
    yield opened
    opened.database.dispose()


@pytest.fixture
def demo_engine(engine: Engine) -> Engine:
    """The same, with the project's own processes deployed."""
    engine.deploy(sources([HERE / "processes", HERE / "forms"]), SYSTEM)
    return engine


@pytest.fixture
def client(engine: Engine) -> Callable[[str], Any]:
    """client("ann") is a test client of the web pages in which ann has logged in."""
    from web.application import create_app

    app = create_app(engine)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)

    def log_in(user: str) -> Any:
        made = app.test_client()
        made.post("/login", data={"username": user, "password": PASSWORD})
        return made

    return log_in
