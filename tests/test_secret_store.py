"""Secrets in the database, in files and in the environment: where they go in, and that after failures of every kind they are nowhere."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import inspect, text

from engine import db
from engine.cli import main
from engine.clock import TestClock
from engine.config import BadSetting, Config, given_secrets
from engine.core import Engine, SourceFile
from engine.core import open as open_engine
from engine.demo import PEOPLE
from engine.errors import Forbidden, NotFound, RatchetError, Refused
from engine.identity import SYSTEM
from engine.secret_store import SecretsUnreadable
from tests.conftest import on_both
from tests.models import END, START, job, line, zeebe

ANN, ALEX, ROOT = PEOPLE[0], PEOPLE[2], PEOPLE[3]
VALUE = "vErY-s3cret/v@lue"


def everything(engine: Engine) -> str:
    """All that all tables hold, but for the sealed secrets themselves."""
    with db.read(engine.database) as tx:
        return "\n".join(str(tuple(row)) for table in inspect(tx).get_table_names() for row in tx.execute(text(f'SELECT * FROM "{table}"')))


def secret_of(engine: Engine, name: str) -> str:
    with db.read(engine.database) as tx:
        engine.world.secrets.refresh(tx)
    return str(engine.world.secrets.resolve(f"secrets.{name}"))


@on_both
def test_a_secret_is_kept_sealed_and_found(engine: Engine) -> None:
    engine.set_secret("DB.PASSWORD", "first one", ROOT)
    engine.set_secret("DB.PASSWORD", VALUE, ROOT)
    assert secret_of(engine, "DB.PASSWORD") == VALUE
    assert VALUE not in everything(engine)
    assert [(one.name, one.set_by) for one in engine.stored_secrets(ROOT)] == [("DB.PASSWORD", ROOT.id)]
    assert engine.world.secrets.mask(f"{VALUE} first one") != f"{VALUE} first one"
    engine.delete_secret("DB.PASSWORD", ROOT)
    assert secret_of(engine, "DB.PASSWORD") == "secrets.DB.PASSWORD"
    assert VALUE not in engine.world.secrets.mask(VALUE), "what was a secret once stays hidden"
    with pytest.raises(NotFound):
        engine.delete_secret("DB.PASSWORD", ROOT)


def test_another_process_finds_it(engine: Engine, config: Config, clock: TestClock) -> None:
    other = open_engine(config, clock)
    assert secret_of(other, "X") == "secrets.X"
    engine.set_secret("X", VALUE, ROOT)
    assert secret_of(other, "X") == VALUE
    other.database.dispose()


def test_the_environment_goes_first(engine: Engine) -> None:
    engine.set_secret("TRADES_PASSWORD", "stored", ROOT)
    assert secret_of(engine, "TRADES_PASSWORD") == "s3cret-trades"


@pytest.mark.parametrize("who", [ANN, ALEX])
def test_only_administrators(engine: Engine, who: Any) -> None:
    for act in (lambda: engine.set_secret("X", "y", who), lambda: engine.stored_secrets(who), lambda: engine.delete_secret("X", who)):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("a b", "x"), ("a.", "x"), ("x" * 201, "x"), ("'; DROP TABLE x", "x"), ("X", ""), ("X", "x" * 70_000)])
def test_what_is_no_secret(engine: Engine, name: str, value: str) -> None:
    with pytest.raises(Refused):
        engine.set_secret(name, value, ROOT)


def test_without_the_key_nothing_is_opened(engine: Engine, config: Config, clock: TestClock, tmp_path: Path) -> None:
    engine.set_secret("X", VALUE, ROOT)
    elsewhere = open_engine(replace(config, home=tmp_path / "elsewhere"), clock)
    with pytest.raises(SecretsUnreadable, match="The secret X cannot be opened") as refused:
        secret_of(elsewhere, "X")
    assert VALUE not in str(refused.value)
    elsewhere.database.dispose()
    assert (config.home / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_value_cannot_be_moved_to_another_name(engine: Engine) -> None:
    engine.set_secret("X", VALUE, ROOT)
    with db.begin(engine.database) as tx:
        tx.execute(text("UPDATE ratchet_secret SET name = 'Y'"))
    with pytest.raises(SecretsUnreadable):
        secret_of(engine, "Y")
    with db.begin(engine.database) as tx:
        tx.execute(text("UPDATE ratchet_secret SET sealed = 'not base64!'"))
    with pytest.raises(SecretsUnreadable):
        secret_of(engine, "Y")


def test_a_folder_of_files_and_a_json_file(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    (folder / "..data").mkdir(parents=True)
    (folder / "A").write_text("one\n")
    (folder / "B.C").write_text("two\n\n")
    (folder / ".hidden").write_text("x")
    assert given_secrets({"RATCHET_SECRETS": str(folder), "RATCHET_SECRET_A": "env"}) == {"A": "env", "B.C": "two\n"}
    file = tmp_path / "secrets.json"
    file.write_text('{"A": "one"}')
    assert given_secrets({"RATCHET_SECRETS": str(file)}) == {"A": "one"}


@pytest.mark.parametrize("content", ['{"A": "hidden-value"', '["hidden-value"]', '{"A": ["hidden-value"]}', None])
def test_files_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "secrets.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadSetting, match="RATCHET_SECRETS") as refused:
        given_secrets({"RATCHET_SECRETS": str(file)})
    assert "hidden-value" not in str(refused.value) and refused.value.__cause__ is None


@pytest.fixture
def ratchet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("RATCHET_DATABASE_URL", f"sqlite:///{tmp_path / 'r.db'}")
    monkeypatch.setenv("RATCHET_HOME", str(tmp_path / "home"))
    return lambda *arguments, given=None: CliRunner().invoke(main, list(arguments), input=given, catch_exceptions=False)


def test_from_the_command_line(ratchet: Callable[..., Result], tmp_path: Path) -> None:
    assert ratchet("secret", "set", "DB_PASSWORD", given=f"{VALUE}\n").output == "The secret DB_PASSWORD is kept.\n"
    listed = ratchet("secret", "list", "--json").output
    assert [one["name"] for one in json.loads(listed)] == ["DB_PASSWORD"] and VALUE not in listed
    dump = "\n".join(sqlite3.connect(tmp_path / "r.db").iterdump())
    assert "DB_PASSWORD" in dump and VALUE not in dump
    engine = open_engine(Config.from_environment())
    assert secret_of(engine, "DB_PASSWORD") == VALUE
    engine.database.dispose()
    assert ratchet("secret", "delete", "DB_PASSWORD").exit_code == 0
    assert ratchet("secret", "delete", "DB_PASSWORD").exit_code == 1
    assert ratchet("secret", "set").exit_code == 2
    assert ratchet("secret", "show", "X").exit_code == 2


def mapped(id: str, type: str, inputs: dict[str, str], headers: dict[str, str] | None = None) -> str:
    """A job with inputs and headers."""
    def quoted(value: str) -> str:
        return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")

    mappings = "".join(f'<zeebe:input source="{quoted(source)}" target="{target}"/>' for target, source in inputs.items())
    told = "".join(f'<zeebe:header key="{key}" value="{quoted(value)}"/>' for key, value in (headers or {}).items())
    extra = f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" + (f"<zeebe:taskHeaders>{told}</zeebe:taskHeaders>" if told else "")
    return job(id, type, extra, retries=1)


JDBC, POSTGRESQL = "io.camunda:connector-jdbc:1", "com.infosys.camundaconnectors.db:postgresql:1"
FAILURES = {
    "nobody there": (JDBC, {"connection.uri": "jdbc:postgresql://127.0.0.1:1/x?user=u&password={{secrets.P}}", "data.query": "SELECT 1"}),
    "host is no host": (JDBC, {"connection.uri": "jdbc:postgresql://{{secrets.P}}/x", "data.query": "SELECT 1"}),
    "URL is no URL": (JDBC, {"connection.uri": "{{secrets.P}}", "data.query": "SELECT 1"}),
    "bad property": (JDBC, {"connection.uri": "jdbc:postgresql://h/x?sslmode={{secrets.P}}", "data.query": "SELECT 1"}),
    "unknown host": (JDBC, {"connection.uri": "jdbc:mysql://no-such-host.invalid/x?user=u&password={{secrets.P}}", "data.query": "SELECT 1"}),
    "no driver": (JDBC, {"connection.uri": "jdbc:sqlserver://h;user=u;password={{secrets.P}}", "data.query": "SELECT 1"}),
    "in the own database": (JDBC, {"connection.uri": "jdbc:postgresql://own/own?password={{secrets.P}}", "data.query": "SELECT '{{secrets.P}}' FROM nowhere"}),
    "as a name": (JDBC, {"connection.uri": "jdbc:postgresql://own/own", "data.query": 'SELECT "{{secrets.P}}" FROM nowhere'}),
    "as a value": (JDBC, {"connection.uri": "jdbc:postgresql://own/own", "data.query": "SELECT :a FROM nowhere", "data.variables": '={a: "secrets.P"}'}),
    "as a port": (POSTGRESQL, {"operation": "postgresql.read-data", "databaseConnection.host": "h", "databaseConnection.port": "secrets.P", "databaseConnection.username": "u",
                  "databaseConnection.password": "secrets.P", "data.databaseName": "d", "data.tableName": "t"}),
    "as a table": (POSTGRESQL, {"operation": "postgresql.read-data", "databaseConnection.host": "own", "databaseConnection.port": "5432", "databaseConnection.username": "u",
                   "databaseConnection.password": "secrets.P", "data.databaseName": "own", "data.tableName": "secrets.P"}),
    "as an operation": (POSTGRESQL, {"operation": "secrets.P", "databaseConnection.host": "h"}),
    "in a statement task": ("ratchet:sql", {"statement": "SELECT :a FROM nowhere", "variables": '={a: "secrets.P"}'}),
    "as a connection": ("ratchet:sql", {"statement": "SELECT 1", "connection": "secrets.P"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("headers", [{}, {"retryBackoff": "PT1S"}, {"errorExpression": "=jobError(error.message)"}, {"errorExpression": '=bpmnError("X", error.message, {told: error.message})'}])
def test_after_a_failure_it_is_nowhere(config: Config, clock: TestClock, kind: str, headers: dict[str, str], caplog: Any, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    engine = open_engine(replace(config, connections={"own:5432/own": ":registry:"}), clock)
    engine.set_secret("P", VALUE, ROOT)
    type_, inputs = FAILURES[kind]
    model = zeebe(START + mapped("work", type_, inputs, headers) + END + line("start", "work", "end"))
    engine.deploy([SourceFile("a/p.bpmn", model)], SYSTEM)
    instance = engine.start("p", {"a": 1}, ANN)
    engine.run_due()
    detail = engine.instance(instance, SYSTEM)
    assert detail.incidents, "it failed"
    told = capsys.readouterr()
    for where in (everything(engine), str(detail), caplog.text, told.out, told.err, *map(str, engine.incidents(ALEX))):
        for spelling in (VALUE, VALUE.lower(), VALUE.replace("/", "%2F").replace("@", "%40")):
            assert spelling not in where
    engine.database.dispose()


def test_an_answer_that_repeats_a_secret_is_hidden(config: Config, clock: TestClock) -> None:
    """A process that reads what it wrote gets no secret into its variables."""
    engine = open_engine(replace(config, connections={"own:5432/own": ":registry:"}), clock)
    engine.set_secret("P", VALUE, ROOT)
    inputs = {"connection.uri": "jdbc:postgresql://own/own", "data.query": "SELECT :a AS a", "data.variables": '={a: "secrets.P"}', "data.returnResults": "=true"}
    model = zeebe(START + mapped("work", JDBC, inputs, {"resultVariable": "found"}) + END + line("start", "work", "end"))
    engine.deploy([SourceFile("a/p.bpmn", model)], SYSTEM)
    detail = engine.instance(engine.start("p", {}, ANN), SYSTEM)
    assert detail.info.state == "completed" and VALUE not in everything(engine) + str(detail)
    engine.database.dispose()


def test_reading_from_a_terminal_is_not_echoed(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine import connecting

    asked: list[Any] = []
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(connecting.sys, "stdin", terminal)
    monkeypatch.setattr(connecting.click, "prompt", lambda *given, **how: asked.append(how) or "typed")
    assert connecting._value("X") == "typed" and asked == [{"hide_input": True, "confirmation_prompt": True}]


def test_errors_of_the_store_are_ours() -> None:
    assert issubclass(SecretsUnreadable, RatchetError)
