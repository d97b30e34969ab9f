"""The commands of operations, each as somebody types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.models import END, START, flow, line, user, zeebe

Ratchet = Callable[..., Result]
TWO = START + user("a") + user("b") + END + line("start", "a", "b", "end")


@pytest.fixture
def ratchet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ratchet:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RATCHET_DATABASE_URL", f"sqlite:///{tmp_path / 'r.db'}")
    monkeypatch.setenv("RATCHET_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("engine.terminal.open_engine", _opened_once())

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), catch_exceptions=False)

    return call


def _opened_once() -> Callable[..., Any]:
    """The same engine for all commands of a test: opening one takes longer than what they do."""
    from engine.core import open as open_engine

    opened: list[Any] = []

    def one(config: Any) -> Any:
        opened[:] = opened or [open_engine(config)]
        return opened[0]

    return one


def deploy(ratchet: Ratchet, body: str, key: str = "p") -> None:
    Path(f"{key}.bpmn").write_bytes(zeebe(body, key=key))
    assert ratchet("deploy", f"{key}.bpmn").exit_code == 0


def told(ratchet: Ratchet, *arguments: str, code: int = 0) -> Any:
    result = ratchet(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.output)


def start(ratchet: Ratchet, *more: str) -> str:
    return str(told(ratchet, "start", "p", *more)["instance"])


def tokens(ratchet: Ratchet, id: str) -> Any:
    return told(ratchet, "show", id)["tokens"]


def test_suspend_and_resume(ratchet: Ratchet) -> None:
    deploy(ratchet, TWO)
    one, other = start(ratchet), start(ratchet)
    assert ratchet("suspend", one).output == f"Suspended: instance {one}.\n"
    refused = ratchet("suspend", one)
    assert refused.exit_code == 1 and "resume it first" in refused.output
    outcomes = told(ratchet, "suspend", "--key", "p", "--element", "a", code=1)
    assert {each["instance_id"]: each["done"] for each in outcomes} == {one: False, other: True}
    assert "Resumed: 2 of 2 instances." in ratchet("resume", "--state", "suspended").output
    assert ratchet("suspend").exit_code == 1
    assert [each["id"] for each in told(ratchet, "instances", "--element", "a", "--started-after", "2020-01-01")] in (
        [one, other],
        [other, one],
    )
    assert told(ratchet, "instances", "--version", "2") == []


def test_variables(ratchet: Ratchet) -> None:
    deploy(ratchet, TWO)
    id = start(ratchet, "--vars", '{"n": 1, "m": 2}')
    found = told(ratchet, "variables", id, "--set", '{"n": 5}', "--remove", "m")
    assert found == [{"at": "", "name": "n", "value": 5}]
    assert "n" in ratchet("variables", id).output
    assert ratchet("variables", id, "--set", "[1]").exit_code == 2


def test_modify(ratchet: Ratchet) -> None:
    deploy(ratchet, TWO)
    id = start(ratchet)
    assert ratchet("modify", id, "--before", "b", "--cancel", "a", "--vars", '{"x": 1}').exit_code == 0
    assert tokens(ratchet, id) == {"b": 1}
    refused = ratchet("modify", id, "--before", "x")
    assert refused.exit_code == 1 and "no element “x”" in refused.output
    assert tokens(ratchet, start(ratchet, "--after", "a")) == {"b": 1}


def test_migrate(ratchet: Ratchet) -> None:
    deploy(ratchet, TWO)
    one, other = start(ratchet), start(ratchet)
    ratchet("modify", other, "--before", "b", "--cancel", "a")
    deploy(ratchet, START + user("b") + END + line("start", "b", "end"))
    assert "1 cannot go: “a”" in ratchet("migrate", "p", "--plan").output
    assert told(ratchet, "migrate", "p", "--plan")[0]["instances"] == 2
    outcomes = told(ratchet, "migrate", "p", "--from", "1", "--to", "2", code=1)
    assert {each["instance_id"]: each["done"] for each in outcomes} == {one: False, other: True}
    assert "Migrated to version 2: 1 of 1 instances." in ratchet("migrate", "p", "--map", "a=b").output
    assert ratchet("migrate", "p").exit_code == 0
    assert ratchet("migrate", "nothing").exit_code == 1
    assert ratchet("migrate", "p", "--map", "a").exit_code == 2


def test_rerun(ratchet: Ratchet) -> None:
    deploy(ratchet, TWO)
    id = start(ratchet, "--vars", '{"n": 1}')
    deploy(ratchet, TWO.replace("Task b", "Other b"))
    again = told(ratchet, "rerun", id, "--from", "b", "--version", "2", "--vars", '{"m": 2}')["instance"]
    detail = told(ratchet, "show", again)
    assert (detail["info"]["version"], detail["info"]["rerun_of"], detail["tokens"]) == (2, id, {"b": 1})
    assert detail["variables"] == [["", "m", 2], ["", "n", 1]]
    assert len(told(ratchet, "rerun", "--key", "p", "--version", "1", "--to", "2")) == 1


def test_incidents_and_retry(ratchet: Ratchet) -> None:
    gate = '<bpmn:exclusiveGateway id="x"/><bpmn:task id="t"/>'
    deploy(ratchet, START + gate + END + line("start", "x") + flow("x", "t", "=n = 1") + flow("x", "end", "=n = 2") + line("t", "end"))
    one, other = start(ratchet), start(ratchet)
    first, second = told(ratchet, "incidents", "--key", "p")
    assert {first["instance_id"], second["instance_id"]} == {one, other} and first["element_id"] == "x"
    assert "No condition" in ratchet("incidents").output
    assert ratchet("variables", one, "--set", '{"n": 1}').exit_code == 0
    mine = next(each["id"] for each in (first, second) if each["instance_id"] == one)
    assert ratchet("retry", "--job", mine).exit_code == 0
    assert told(ratchet, "show", one)["info"]["state"] == "completed"
    assert ratchet("retry", other).exit_code == 0
    assert [each["instance_id"] for each in told(ratchet, "incidents")] == [other]
    assert ratchet("retry", "--state", "incident").exit_code == 0


def test_signal_delete_and_clean_up(ratchet: Ratchet) -> None:
    deploy(ratchet, TWO)
    id = start(ratchet)
    assert ratchet("signal", "nobody").output == "Nobody waits for it.\n"
    assert ratchet("delete", "p", "--version", "1").exit_code == 1
    assert ratchet("cancel", "--key", "p").exit_code == 0
    assert ratchet("show", id).output.splitlines()[0].endswith("canceled")
    assert ratchet("delete", "p", "--version", "1", "--with-instances").exit_code == 0
    assert ratchet("delete", "p", "--version", "1").exit_code == 1
    assert told(ratchet, "clean-up") == {"instances": 0}
