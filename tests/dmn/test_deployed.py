"""Decisions in the database: versions, bindings, the verbs, the command and the REST API, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import Any

import pytest
from click.testing import CliRunner

from engine import db
from engine.cli import main
from engine.clock import TestClock
from engine.core import Engine, SourceFile
from engine.core.decisions import NotDecided
from engine.demo import PEOPLE
from engine.dmn import read
from engine.errors import DeploymentRefused, Forbidden, NotFound, Refused
from engine.identity import Person
from engine.runtime import decisions
from engine.runtime.decisions import LATEST, Wanted
from tests.conftest import on_both
from tests.dmn.models import decision, literal, model, table

ANN, BOB, ALEX, ROOT = PEOPLE


def grading(pass_mark: int, tag: str = "") -> bytes:
    grade = table(["score"], ["grade"], [f'>= {pass_mark} -> "pass"', f'< {pass_mark} -> "fail"'])
    return model(decision("grade", grade, "score", attributes=f'camunda:versionTag="{tag}"'), decision("score", literal("points * 10")))


def deploy(engine: Engine, content: bytes, name: str = "grade.dmn") -> Any:
    return engine.deploy([SourceFile(name, content)], ALEX).decisions


@on_both
def test_versions(engine: Engine) -> None:
    assert [(one.id, one.version, one.changed) for one in deploy(engine, grading(50))] == [("grade:1", 1, True), ("score:1", 1, True)]
    assert [(one.id, one.changed) for one in deploy(engine, grading(50))] == [("grade:1", False), ("score:1", False)]
    assert [one.id for one in deploy(engine, grading(60))] == ["grade:2", "score:2"]
    assert [engine.decide("grade", {"points": 5.5}, ANN, version).value for version in (None, 1, 2)] == ["fail", "pass", "fail"]
    assert [(one.key, one.version, one.drg, one.deployed_by) for one in engine.decisions(ANN)] == [("grade", 2, "graph", "alex"), ("score", 2, "graph", "alex")]
    assert engine.decision_xml("grade:1", ANN) == grading(50)


@on_both
def test_a_deployment_is_found_by_its_moment(engine: Engine, clock: TestClock) -> None:
    first = clock.now()
    for pass_mark in (50, 60):
        deploy(engine, grading(pass_mark))
        clock.advance(timedelta(hours=1))
    with db.begin(engine.database) as tx:
        elsewhere = first.astimezone(timezone(timedelta(hours=5)))
        assert [decisions.find(tx, "grade", Wanted("deployment", at)).version for at in (first, elsewhere)] == [1, 1]


@on_both
def test_bindings(engine: Engine, clock: TestClock) -> None:
    def add(tx: Any, deployment: str, pass_mark: int, tag: str = "") -> None:
        content = grading(pass_mark, tag)
        for one in read(content, "g.dmn"):
            decisions.add(tx, one, "g.dmn", content, clock.now(), "alex", deployment)

    cases = [
        (LATEST, 3), (Wanted("version", 1), 1), (Wanted("version", "2"), 2), (Wanted("versionTag", "old"), 2),
        (Wanted("deployment", "a"), 1), (Wanted("deployment", "b"), 2), (Wanted("deployment", "c"), 2), (Wanted("deployment", "d"), 3),
    ]  # fmt: skip
    with db.begin(engine.database) as tx:
        add(tx, "a", 50, "old")
        add(tx, "b", 60, "old")
        add(tx, "c", 60, "old")
        add(tx, "d", 70)
        assert [decisions.find(tx, "grade", wanted).version for wanted, _ in cases] == [version for _, version in cases]
        found = decisions.decide(tx, "grade", {"points": 5.5}, clock, None, Wanted("deployment", "a"))
        assert found.value == "pass" and [one.id for one in found.evaluated] == ["score", "grade"]
        for wrong in (Wanted("version", 9), Wanted("version", "x"), Wanted("version", "9" * 30), Wanted("versionTag", "new"), Wanted("versionTag"), Wanted("deployment", "z")):
            with pytest.raises(NotFound, match="There is no decision “grade” of the"):
                decisions.find(tx, "grade", wrong)
        with pytest.raises(Refused, match="no binding “newest”"):
            decisions.find(tx, "grade", Wanted("newest"))
        assert [one.version for one in decisions.versions(tx, "grade")] == [3, 2, 1]


@on_both
def test_a_file_is_read_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(engine, grading(51))
    engine.decide("grade", {"points": 1}, ANN)
    monkeypatch.setattr(decisions, "xml", None)
    assert engine.decide("score", {"points": 1}, ANN).value == 10


def test_all_or_nothing(engine: Engine) -> None:
    bad = SourceFile("bad.dmn", model(decision("x", table(["n"], ["o"], ["1 +  -> 1", "( -> 1"]))))
    with pytest.raises(DeploymentRefused) as refusal:
        engine.deploy([SourceFile("grade.dmn", grading(50)), bad, SourceFile("again.dmn", grading(50))], ALEX)
    said = [str(problem) for problem in refusal.value.problems]
    assert len(said) == 4 and said[0].startswith("bad.dmn:5: r1: “1 +”") and said[2].startswith("again.dmn:5: grade: Another file")
    assert engine.decisions(ANN) == []


def test_doubts_are_warnings(engine: Engine) -> None:
    done = engine.deploy([SourceFile("d.dmn", model(decision("d", literal("fee(1)"))))], ALEX)
    (warning,) = done.warnings
    assert str(warning).startswith("d.dmn:5: d: “fee(1)”: There is no function 'fee'")


def test_who_may(engine: Engine) -> None:
    deploy(engine, grading(50))
    nobody = Person("eve", "Eve", frozenset())
    with pytest.raises(Forbidden):
        engine.decide("grade", {}, nobody)
    with pytest.raises(Forbidden):
        engine.decisions(nobody)


def test_what_fails_is_refused_in_plain_words(engine: Engine) -> None:
    deploy(engine, model(decision("d", table(["n"], ["o"], ["- -> 1", "- -> 2"]))))
    with pytest.raises(NotDecided, match=r"The decision “d” \(d\) could not be evaluated: .*rule 1 \(r1\), rule 2 \(r2\)") as failed:
        engine.decide("d", {}, ANN)
    assert failed.value.facts["rules"] == ["r1", "r2"]
    with pytest.raises(NotFound, match="no decision “x”"):
        engine.decide("x", {}, ANN)


def test_the_command(engine: Engine, database_url: str) -> None:
    deploy(engine, grading(50))

    def ratchet(*words: str) -> Any:
        return CliRunner().invoke(main, ["--database", database_url, "decide", *words])

    told = ratchet("grade", "--vars", '{"points": 6}')
    assert told.exit_code == 0 and told.output == '"pass"\nscore (score): literal expression\ngrade (grade): rule 1 (r1)\n'
    found = json.loads(ratchet("grade", "--vars", '{"points": 6}', "--json", "--version", "1").output)
    assert found["value"] == "pass" and found["evaluated"][1]["rules"] == [{"id": "r1", "index": 1, "outputs": {"grade": "pass"}}]
    assert "Nothing is called 'points'" in ratchet("score").output
    assert ratchet("nothing").exit_code == 1 and ratchet("grade", "--vars", "[]").exit_code == 2 and ratchet("grade", "--version", "0").exit_code == 2


def test_values_of_feel_are_told_as_text(engine: Engine, client: Any) -> None:
    context = '{"d": duration("P1D"), "r": [1..2], "f": function(x) x, "n": 0.1, "on": date("2026-01-01")}'
    deploy(engine, model(decision("d", literal(context)), decision("f", f'<functionDefinition>{literal("1")}</functionDefinition>')))
    found = client("ann").post("/api/decisions/d/evaluation", json={}).json
    assert found["value"] == {"d": "P1D", "r": "[1..2]", "f": "function(x)", "n": 0.1, "on": "2026-01-01"}
    assert found["value"] == found["evaluated"][0]["rows"][0]["d"]
    assert engine.decide("f", {}, ANN).value == "function()"


def test_over_http(engine: Engine, client: Any) -> None:
    deploy(engine, grading(50))
    ann = client("ann")
    assert [one["id"] for one in ann.get("/api/decisions").json] == ["grade:1", "score:1"]
    found = ann.post("/api/decisions/grade/evaluation", json={"variables": {"points": 6}})
    assert found.status_code == 200 and found.json["value"] == "pass"
    assert found.json["evaluated"][1]["inputs"] == {"score": 60} and found.json["evaluated"][1]["rules"][0]["id"] == "r1"
    for path, body, status in (("grade", {"version": 2}, 404), ("x", {}, 404), ("grade", {"version": 0}, 422), ("grade", {"vars": {}}, 422)):
        assert ann.post(f"/api/decisions/{path}/evaluation", json=body).status_code == status
    deploy(engine, model(decision("d", table(["n"], ["o"], ["- -> 1", "- -> 2"]))))
    refused = ann.post("/api/decisions/d/evaluation", json={})
    assert refused.status_code == 400 and "rule 1 (r1), rule 2 (r2)" in refused.json["message"]
