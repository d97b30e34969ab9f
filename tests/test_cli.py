"""The commands, each as somebody types it: what they print, refuse and exit with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from engine.demo import HERE
from tests.models import END, START, feel_script, line, user, zeebe

Ratchet = Callable[..., Result]


@pytest.fixture
def ratchet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ratchet:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RATCHET_DATABASE_URL", f"sqlite:///{tmp_path / 'r.db'}")
    monkeypatch.setenv("RATCHET_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), catch_exceptions=False)

    return call


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_process_from_the_command_line(ratchet: Ratchet, tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(zeebe(START + user("u") + END + line("start", "u", "end")))
    assert ratchet("check", "p.bpmn").output == "No problems.\n"
    assert "p" in ratchet("deploy", "p.bpmn").output
    (again,) = as_json(ratchet("deploy", "p.bpmn", "--json"))
    assert (again["version"], again["changed"]) == (1, False)
    id = as_json(ratchet("start", "p", "--vars", '{"n": 1}', "--business-key", "B", "--json"))["instance"]
    (task,) = as_json(ratchet("tasks", "--json"))
    assert (task["name"], task["business_key"], task["instance_id"]) == ("Task u", "B", id)
    assert "Task u" in ratchet("tasks").output
    as_json(ratchet("complete", task["id"], "--vars", '{"done": true}', "--json"))
    detail = as_json(ratchet("show", id, "--json"))
    assert detail["info"]["state"] == "completed"
    assert ["", "done", True] in detail["variables"]
    assert "completed" in ratchet("instances", "--key", "p").output
    assert as_json(ratchet("instances", "--state", "active", "--json")) == []


def test_check_warns_of_what_may_be_a_slip(ratchet: Ratchet, tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(zeebe(START + feel_script("s", "cuont([1])", "x") + END + line("start", "s", "end")))
    result = ratchet("check", "p.bpmn")
    assert result.exit_code == 0 and "s: " in result.output and "cuont" in result.output and "a warning" in result.output
    (found,) = as_json(ratchet("check", "--json", "p.bpmn"))["warnings"]
    assert (found["element"], found["line"]) == ("s", 6)


def test_messages_retry_and_cancel(ratchet: Ratchet) -> None:
    folders = [str(HERE / "processes/trade-execution"), str(HERE / "processes/customer-onboarding"), str(HERE / "forms")]
    assert ratchet("deploy", *folders).exit_code == 0
    id = as_json(ratchet("start", "trade-execution", "--json"))["instance"]
    (task,) = as_json(ratchet("tasks", "--json"))
    wrong = ratchet("complete", task["id"])
    assert wrong.exit_code == 1 and "customerId" in wrong.output
    trade = {"customerId": "C-1", "orderId": "O-1", "instrument": "US0009876540", "quantity": 3}
    assert ratchet("complete", task["id"], "--vars", json.dumps(trade)).exit_code == 0
    assert "kept for 60 seconds" in ratchet("message", "unknown", "--key", "x", "--ttl", "60").output
    assert as_json(ratchet("message", "matched", "--key", "O-1", "--json"))["instances"] == [id]
    assert ratchet("retry", id).exit_code == 0
    assert ratchet("cancel", id).exit_code == 0
    assert ratchet("cancel", id).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["check", "broken.bpmn"], 1, "broken.bpmn:1: This is not well-formed XML"),
        (["deploy", "broken.bpmn"], 1, "broken.bpmn:1:"),
        (["deploy", "missing.bpmn"], 2, "does not exist"),
        (["start", "nothing"], 1, "There is no process “nothing”"),
        (["start", "nothing", "--vars", "{"], 2, "is not JSON"),
        (["start", "nothing", "--vars", "[1]"], 2, "must be a JSON object"),
        (["show", "x"], 1, "There is no instance x"),
        (["complete", "x"], 1, "no such task"),
        (["nonsense"], 2, "No such command"),
        (["--database", "nonsense", "tasks"], 1, "--database"),
    ],
)
def test_refusals(ratchet: Ratchet, tmp_path: Path, arguments: list[str], code: int, told: str) -> None:
    (tmp_path / "broken.bpmn").write_text("<a><b></a>")
    result = ratchet(*arguments)
    assert (result.exit_code, told in result.output) == (code, True), result.output


def test_a_new_person_can_log_in(ratchet: Ratchet) -> None:
    assert ratchet("user", "eva", "--role", "analyst", "--group", "officers", "--password", "s3cret").output == "eva can log in.\n"
    assert "already" in ratchet("user", "eva", "--password", "x").output


def test_scenarios_report_what_failed(ratchet: Ratchet, tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(zeebe(START + user("u") + END + line("start", "u", "end")))
    (tmp_path / "good.yaml").write_text("deploy: [p.bpmn]\nsteps:\n- start: {process: p}\n- complete: {task: u}\nexpect: {status: completed}\n")
    (tmp_path / "bad.yaml").write_text("deploy: [p.bpmn]\nsteps:\n- start: {process: p}\nexpect: {status: completed}\n")
    result = ratchet("test", "good.yaml", "bad.yaml")
    assert result.exit_code == 1
    assert "ok     good.yaml" in result.output and "expected status: 'completed'" in result.output and "tokens at u" in result.output
    listed = json.loads(ratchet("test", "--json", "good.yaml", "bad.yaml").output)
    assert [(one["file"], one["passed"]) for one in listed] == [("good.yaml", True), ("bad.yaml", False)]


@pytest.mark.parametrize("text", ["steps: [", "- 1", "unknown: 1", "deploy: [nowhere.bpmn]", "steps: [{fly: {}}]", "steps: [{start: {process: x, speed: 1}}]"])
def test_broken_scenarios_are_told(ratchet: Ratchet, tmp_path: Path, text: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    result = ratchet("test", "s.yaml")
    assert result.exit_code == 1 and "FAILED s.yaml" in result.output


def test_the_projects_own_scenarios(ratchet: Ratchet) -> None:
    files = sorted(str(path) for path in (HERE / "processes").glob("*/scenarios/*.yaml"))
    assert len(files) >= 10
    result = ratchet("test", *files)
    assert result.exit_code == 0, result.output


def test_a_token_for_a_program(ratchet: Ratchet) -> None:
    ratchet("user", "eva", "--role", "analyst", "--password", "s3cret")
    token = as_json(ratchet("token", "eva", "--days", "2", "--json"))["token"]
    assert token.count(".") == 2 and ratchet("token", "nobody").exit_code == 2


def test_a_change_of_tables_is_told_before_it_is_made(ratchet: Ratchet, tmp_path: Path) -> None:
    (tmp_path / "tables.sql").write_text("CREATE TABLE pet (pet_id uuid PRIMARY KEY);")
    assert ratchet("deploy", "tables.sql").exit_code == 0
    (tmp_path / "tables.sql").write_text("CREATE TABLE pet (pet_id uuid PRIMARY KEY, name text);")
    asked = ratchet("deploy", "tables.sql")
    assert asked.exit_code == 1 and "- table pet: the column name is new (text)" in asked.output and "--yes" in asked.output
    assert "Changed: table pet: the column name is new (text)" in ratchet("deploy", "tables.sql", "--yes").output
    assert ratchet("deploy", "tables.sql").exit_code == 0
