"""Foreign databases with everything real: servers and connector runtimes that are killed, databases that go down and come back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, text

from engine import db, outpost
from engine.cli import main
from engine.config import Config, reachable
from engine.core import Engine, SourceFile
from engine.core import open as open_engine
from engine.delegates.foreign import Foreign
from engine.demo import PEOPLE
from engine.errors import Forbidden
from engine.identity import SYSTEM
from tests import servers
from tests.delegates.sql_calls import database
from tests.models import END, START, job, line, zeebe
from tests.serving import FORK, Server
from tests.test_secret_store import everything, mapped

ANN, ALEX = PEOPLE[0], PEOPLE[2]
JDBC, SECRET = "io.camunda:connector-jdbc:1", "0nly-outside"
ADD = {"connection.uri": "jdbc:postgresql://far:5432/ledger?user=u&password={{secrets.LEDGER}}", "data.query": "INSERT INTO entry (id, by_whom) VALUES (:id, :who)",
       "data.variables": "={id: id, who: who}"}  # fmt: skip
MODEL = zeebe(START + mapped("add", JDBC, ADD, {"resultVariable": "added"}).replace('retries="1"', 'retries="3"') + END + line("start", "add", "end"))
KINDS = ["sqlite", "postgresql", "mysql"]


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A foreign database with a table in which nothing can be twice by accident: it takes everything."""
    with database(request.param, tmp_path) as url:
        engine = create_engine(url)
        with engine.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE entry (id varchar(80), by_whom varchar(80))")
        engine.dispose()
        yield url


def entries(url: str, table: str = "entry") -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as tx:
        found = [tuple(row) for row in tx.execute(text(f"SELECT * FROM {table}"))]
    engine.dispose()
    return found


def until(true: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def opened(config: Config) -> Engine:
    engine = open_engine(config)
    for person in PEOPLE:
        engine.add_person(person, "demo")
    engine.deploy([SourceFile("a/p.bpmn", MODEL)], SYSTEM)
    return engine


def state(engine: Engine, instance: str) -> str:
    return engine.instance(instance, SYSTEM).info.state


@pytest.fixture
def home(tmp_path: Path, pki: Any) -> Config:
    return Config(f"sqlite:///{tmp_path / 'r.db'}", tmp_path / "home", trust_folder=pki.trust, seal_folder=pki.seal)


def test_a_server_killed_between_the_foreign_commit_and_ours(home: Config, ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(home.database_url, home.home, {"far:5432/ledger": ledger}, {"LEDGER": SECRET}, home.trust_folder, home.seal_folder)
    engine, mark = opened(config), tmp_path / "die"
    mark.touch()
    monkeypatch.setenv("RATCHET_TEST_DIE_AFTER_FOREIGN_COMMIT", str(mark))
    instance = engine.start("p", {"id": "E-1", "who": "ann"}, ANN)
    assert (state(engine, instance), entries(ledger)) == ("active", []), "the token rests before the effect, under the key that will mark it"
    server = _Dying(config)
    server.start()
    until(lambda: not mark.exists())
    server.join()
    assert entries(ledger) == [("E-1", "ann")], "there it is done"
    assert state(engine, instance) == "active", "here it is not"
    monkeypatch.delenv("RATCHET_TEST_DIE_AFTER_FOREIGN_COMMIT")
    again = Server(config)
    again.start()
    until(lambda: state(engine, instance) == "completed", 90)
    again.kill()
    assert entries(ledger) == [("E-1", "ann")]
    assert ("", "added", {"modifiedRows": 1}) in engine.instance(instance, SYSTEM).variables
    engine.database.dispose()


class _Dying:
    """A worker in a process of its own that dies as tests/delegates/dying.py says."""

    def __init__(self, config: Config):
        self._process: Any = FORK.Process(target=_work_and_die, args=(config, os.environ["RATCHET_TEST_DIE_AFTER_FOREIGN_COMMIT"]), daemon=True)

    def start(self) -> None:
        self._process.start()

    def join(self) -> None:
        self._process.join(30)
        assert self._process.exitcode == -signal.SIGKILL


def _work_and_die(config: Config, mark: str) -> None:
    os.environ["RATCHET_TEST_DIE_AFTER_FOREIGN_COMMIT"] = mark
    from tests.delegates import dying

    assert dying
    engine = open_engine(config)
    engine.run_due()


class Connected:
    """`ratchet connect` in a process of its own."""

    def __init__(self, server: str, token: str, types: list[str], ledger: str, die: bool = False):
        self._process: Any = FORK.Process(target=_connect, args=(server, token, types, ledger, die), daemon=True)
        self._process.start()

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()

    def join(self) -> int:
        self._process.join(30)
        return int(self._process.exitcode)


def _connect(server: str, token: str, types: list[str], ledger: str, die: bool) -> None:
    class Dying(outpost.Api):
        def send(self, path: str, body: Any, method: str = "POST") -> Any:
            if path.endswith("/complete"):
                os.kill(os.getpid(), signal.SIGKILL)
            return super().send(path, body, method)

    there = outpost.world({"far:5432/ledger": ledger}, {"LEDGER": SECRET}, Foreign())
    api = (Dying if die else outpost.Api)(server, token)
    outpost.Outpost(api, types, there, f"w{os.getpid()}", lock_seconds=2).run(threading.Event())


@pytest.fixture
def remote(home: Config) -> Iterator[tuple[Engine, Server, str]]:
    """A server that leaves the connector to runtimes and knows nothing of secrets, its engine, and a token."""
    config = Config(home.database_url, home.home, trust_folder=home.trust_folder, seal_folder=home.seal_folder, remote_types=frozenset({JDBC}))
    engine, server = opened(config), Server(config)
    server.start()
    yield engine, server, engine.tokens.issue(ALEX, 3600)
    server.kill()
    engine.database.dispose()


def test_a_runtime_does_it_with_its_own_secrets(remote: tuple[Engine, Server, str], ledger: str) -> None:
    engine, server, token = remote
    instances = [engine.start("p", {"id": f"E-{n}", "who": "ann"}, ANN) for n in range(5)]
    runtimes = [Connected(server.url, token, [JDBC], ledger) for _ in range(2)]
    until(lambda: all(state(engine, one) == "completed" for one in instances))
    for one in runtimes:
        one.kill()
    assert sorted(entries(ledger)) == [(f"E-{n}", "ann") for n in range(5)]
    assert SECRET not in everything(engine)
    assert ("", "added", {"modifiedRows": 1}) in engine.instance(instances[0], SYSTEM).variables


def test_a_runtime_killed_between_the_commit_and_its_answer(remote: tuple[Engine, Server, str], ledger: str) -> None:
    engine, server, token = remote
    instance = engine.start("p", {"id": "E-1", "who": "ann"}, ANN)
    assert Connected(server.url, token, [JDBC], ledger, die=True).join() == -signal.SIGKILL
    assert entries(ledger) == [("E-1", "ann")] and state(engine, instance) == "active"
    other = Connected(server.url, token, [JDBC], ledger)
    until(lambda: state(engine, instance) == "completed")
    other.kill()
    assert entries(ledger) == [("E-1", "ann")]


def test_a_server_that_goes_away_and_comes_back(remote: tuple[Engine, Server, str], ledger: str) -> None:
    engine, server, token = remote
    runtime = Connected(server.url, token, [JDBC], ledger)
    first = engine.start("p", {"id": "E-1", "who": "ann"}, ANN)
    until(lambda: state(engine, first) == "completed")
    server.kill()
    second = engine.start("p", {"id": "E-2", "who": "ann"}, ANN)
    time.sleep(1)
    server.start()
    until(lambda: state(engine, second) == "completed")
    runtime.kill()
    assert sorted(entries(ledger)) == [("E-1", "ann"), ("E-2", "ann")]


def local(engine: Engine, server: Server, token: str, connections: dict[str, str], types: list[str] | None = None) -> outpost.Outpost:
    """A runtime in this process, to be taken step by step."""
    return outpost.Outpost(outpost.Api(server.url, token), types or [JDBC], outpost.world(connections, {"LEDGER": SECRET}, Foreign()), "here")


def test_failures_are_answered_without_secrets(remote: tuple[Engine, Server, str]) -> None:
    engine, server, token = remote
    instance = engine.start("p", {"id": "E-1", "who": "ann"}, ANN)
    there = local(engine, server, token, {"far:5432/ledger": f"postgresql+psycopg://u:{SECRET}@127.0.0.1:1/x"})
    for left in (2, 1, 0):
        assert there.step() == 1
        assert state(engine, instance) == ("active" if left else "incident")
    assert "ConnectionError" in engine.instance(instance, SYSTEM).incidents[0].message
    assert there.step() == 0 and SECRET not in everything(engine)


def test_a_token_that_is_not_accepted(remote: tuple[Engine, Server, str], monkeypatch: pytest.MonkeyPatch) -> None:
    engine, server, token = remote
    for wrong in ("nonsense", engine.tokens.issue(ANN, 60)):
        with pytest.raises(Forbidden):
            local(engine, server, wrong, {}).step()
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    refused = CliRunner().invoke(main, ["connect", "--server", server.url, "--token", "nonsense", "--types", JDBC])
    assert refused.exit_code == 1 and "refused (401)" in refused.output
    assert CliRunner().invoke(main, ["connect", "--server", server.url, "--token", token, "--types", "nothing"]).exit_code == 2


def test_each_runtime_for_its_own_database(home: Config, tmp_path: Path) -> None:
    places = {"far:5432/ledger": ":remote:north", "far:5432/other": ":remote:south"}
    config = Config(home.database_url, home.home, places, trust_folder=home.trust_folder, seal_folder=home.seal_folder)
    engine, server = opened(config), Server(config)
    engine.deploy([SourceFile("a/q.bpmn", MODEL.replace(b"5432/ledger", b"5432/other").replace(b'id="p" name="p"', b'id="q" name="q"'))], SYSTEM)
    server.start()
    token = engine.tokens.issue(ALEX, 3600)
    with database("sqlite", tmp_path) as north, database("sqlite", tmp_path) as south:
        for url in (north, south):
            made = create_engine(url)
            with made.begin() as tx:
                tx.exec_driver_sql("CREATE TABLE entry (id text, by_whom text)")
            made.dispose()
        for key in ("p", "q"):
            engine.start(key, {"id": key, "who": "x"}, ANN)
        while local(engine, server, token, {"far:5432/ledger": north}, [f"{JDBC}@north"]).step():
            pass
        assert entries(north) == [("p", "x")] and entries(south) == []
        assert local(engine, server, token, {"far:5432/other": south}, [f"{JDBC}@south"]).step() == 1
        assert entries(south) == [("q", "x")]
    server.kill()
    engine.database.dispose()


def test_a_statement_task_takes_only_what_it_names(home: Config, tmp_path: Path) -> None:
    header = '<zeebe:taskHeaders><zeebe:header key="statement" value="INSERT INTO entry VALUES (:id, :who)"/><zeebe:header key="connection" value="far"/></zeebe:taskHeaders>'
    model = zeebe(START + job("add", "ratchet:sql", header) + END + line("start", "add", "end"), key="s")
    config = Config(home.database_url, home.home, {"far": ":remote:"}, trust_folder=home.trust_folder, seal_folder=home.seal_folder)
    engine, server = opened(config), Server(config)
    engine.deploy([SourceFile("a/s.bpmn", model)], SYSTEM)
    server.start()
    with database("sqlite", tmp_path) as far:
        made = create_engine(far)
        with made.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE entry (id text, by_whom text)")
        instance = engine.start("s", {"id": "1", "who": "x", "private": "never travels"}, ANN)
        with db.read(engine.database) as tx:
            assert "never travels" not in str(tx.execute(text("SELECT headers FROM ratchet_job")).scalar_one())
        token = engine.tokens.issue(ALEX, 60)
        assert local(engine, server, token, {"far": far}, ["ratchet:sql"]).step() == 1
        assert entries(far) == [("1", "x")] and state(engine, instance) == "completed"
        made.dispose()
    server.kill()
    engine.database.dispose()


def test_a_runtime_has_no_database_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "connections.yaml"
    for wrong in (":registry:", ":remote:x"):
        file.write_text(f'{{"a": "{wrong}"}}')
        with pytest.raises(Exception, match="means nothing to a connector runtime"):
            reachable(file)


def test_a_database_that_goes_down_and_comes_back(home: Config) -> None:
    if not servers.POSTGRES_HOMES:
        pytest.skip("PostgreSQL is not installed here")
    far = servers.Postgres.start()
    assert far is not None
    made = create_engine(far.url)
    with made.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE entry (id varchar(80), by_whom varchar(80))")
    made.dispose()
    config = Config(home.database_url, home.home, {"far:5432/ledger": far.url}, {"LEDGER": SECRET}, home.trust_folder, home.seal_folder)
    engine = opened(config)
    first = engine.start("p", {"id": "E-1", "who": "ann"}, ANN)
    engine.run_due()
    assert state(engine, first) == "completed", "a connection is in the pool now"
    far.pause()
    second, begun = engine.start("p", {"id": "E-2", "who": "ann"}, ANN), time.monotonic()
    for _ in range(3):
        engine.run_due()
    assert time.monotonic() - begun < 5, "it fails fast"
    [incident] = engine.instance(second, SYSTEM).incidents
    assert "Cannot create the Database connection: ConnectionError" in incident.message
    far.resume()
    engine.retry(second, ALEX)
    engine.run_due()
    assert state(engine, second) == "completed"
    assert sorted(entries(far.url)) == [("E-1", "ann"), ("E-2", "ann")]
    with create_engine(far.url).connect() as tx:
        assert inspect(tx).has_table("ratchet_effect")
    engine.database.dispose()
    far.stop()
