"""SQL tasks in whole models of both dialects, and the element templates that modelers make them from."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine import db
from engine.config import Config
from engine.core import Engine, SourceFile
from engine.core import open as open_engine
from engine.delegates import DELEGATES, sql
from engine.demo import HERE, PEOPLE
from engine.identity import SYSTEM
from tests.conftest import on_both
from tests.models import END, START, camunda, job, line, zeebe
from tests.test_drawings import node_of_the_bundle
from tests.test_secret_store import mapped

ANN, ALEX = PEOPLE[0], PEOPLE[2]
TABLE = SourceFile("a/tables.sql", b"CREATE TABLE entry (id VARCHAR(40) PRIMARY KEY, copies INTEGER)")
TEMPLATES = sorted((HERE / "processes/element-templates").glob("*.json"))


def rows(engine: Engine) -> list[Any]:
    with db.read(engine.database) as tx:
        return [tuple(row) for row in tx.execute(text("SELECT id, copies FROM entry ORDER BY id"))]


def header(**headers: str) -> str:
    told = "".join(f'<zeebe:header key="{key}" value="{value}"/>' for key, value in headers.items())
    return f"<zeebe:taskHeaders>{told}</zeebe:taskHeaders>"


@on_both
def test_statements_of_camunda_8(engine: Engine) -> None:
    add = job("add", "ratchet:sql", header(statement="INSERT INTO entry VALUES (:id, :copies)", resultExpression="={added: count}"))
    look = job("look", "ratchet:sql", header(statement="SELECT id FROM entry WHERE copies &gt;= :copies", resultVariable="found"))
    engine.deploy([TABLE, SourceFile("a/p.bpmn", zeebe(START + add + look + END + line("start", "add", "look", "end")))], SYSTEM)
    detail = engine.instance(engine.start("p", {"id": "'; DROP TABLE entry; --", "copies": 3}, ANN), SYSTEM)
    values = {name: value for _, name, value in detail.variables}
    assert (detail.info.state, values["added"], values["found"]["rows"]) == ("completed", 1, [{"id": "'; DROP TABLE entry; --"}])
    assert rows(engine) == [("'; DROP TABLE entry; --", 3)]


@on_both
def test_statements_of_camunda_7(engine: Engine) -> None:
    parameters = (
        '<camunda:inputOutput><camunda:inputParameter name="statement">UPDATE entry SET copies = :copies WHERE id = :id</camunda:inputParameter>'
        '<camunda:outputParameter name="changed">${count}</camunda:outputParameter></camunda:inputOutput>'
    )
    task = f'<bpmn:serviceTask id="t" camunda:delegateExpression="${{ratchetSql}}"><bpmn:extensionElements>{parameters}</bpmn:extensionElements></bpmn:serviceTask>'
    engine.deploy([TABLE, SourceFile("a/p.bpmn", camunda(START + task + END + line("start", "t", "end")))], SYSTEM)
    with db.begin(engine.database) as tx:
        tx.execute(text("INSERT INTO entry VALUES ('a', 1), ('b', 1)"))
    detail = engine.instance(engine.start("p", {"id": "a", "copies": 7}, ANN), SYSTEM)
    assert ("", "changed", 1) in detail.variables and rows(engine) == [("a", 7), ("b", 1)]


@on_both
def test_a_failed_statement_leaves_nothing_and_is_tried_again(engine: Engine) -> None:
    add = job("add", "ratchet:sql", header(statement="INSERT INTO entry VALUES (:id, :copies)", retryBackoff="PT10S"), retries=2)
    engine.deploy([TABLE, SourceFile("a/p.bpmn", zeebe(START + add + END + line("start", "add", "end")))], SYSTEM)
    with db.begin(engine.database) as tx:
        tx.execute(text("INSERT INTO entry VALUES ('a', 1)"))
    instance = engine.start("p", {"id": "a", "copies": 7}, ANN)
    assert engine.run_due() == 0, "the next try waits"
    with db.begin(engine.database) as tx:
        tx.execute(text("DELETE FROM entry"))
    engine.clock.advance(timedelta(seconds=11))  # type: ignore[attr-defined]
    assert engine.run_due() == 1 and engine.instance(instance, SYSTEM).info.state == "completed" and rows(engine) == [("a", 7)]


def test_an_expression_as_a_statement_is_an_incident(engine: Engine) -> None:
    inputs = '<zeebe:ioMapping><zeebe:input source="=&quot;SELECT &quot; + x" target="statement"/></zeebe:ioMapping>'
    engine.deploy([SourceFile("a/p.bpmn", zeebe(START + job("t", "ratchet:sql", inputs, 1) + END + line("start", "t", "end")))], SYSTEM)
    [incident] = engine.instance(engine.start("p", {"x": "1"}, ANN), SYSTEM).incidents
    assert "write it as plain text" in incident.message


def test_the_jdbc_connector_on_the_registry(config: Config, clock: Any) -> None:
    engine = open_engine(replace(config, connections={"h:5432/d": ":registry:"}), clock)
    inputs = {"connection.authType": "uri", "connection.uri": "jdbc:postgresql://h:5432/d", "data.query": "INSERT INTO entry VALUES (?, ?)", "data.variables": '=[id, 1]'}
    engine.deploy([TABLE, SourceFile("a/p.bpmn", zeebe(START + mapped("t", "io.camunda:connector-jdbc:1", inputs, {"resultVariable": "done"}) + END + line("start", "t", "end")))], SYSTEM)
    detail = engine.instance(engine.start("p", {"id": "x"}, ANN), SYSTEM)
    assert ("", "done", {"modifiedRows": 1}) in detail.variables and rows(engine) == [("x", 1)]
    engine.database.dispose()


def test_every_connector_has_a_template() -> None:
    types = {one["value"] for path in TEMPLATES for one in json.loads(path.read_text())["properties"] if one["binding"].get("type") == "zeebe:taskDefinition:type"}
    assert {*sql.JOB_TYPES} <= types
    names = {json.loads(path.read_text())["id"] for path in TEMPLATES}
    assert "ratchetSql" in names and "ratchetSql" in DELEGATES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_offer_what_there_is(path: Path) -> None:
    """Every operation and method that a template offers is one that the connector knows."""
    from engine.delegates.sql.altering import METHODS, PLAIN
    from engine.delegates.sql.request import OPERATIONS

    template = json.loads(path.read_text())
    for one in template["properties"]:
        chosen = [choice["value"] for choice in one.get("choices", [])]
        if one["binding"].get("name") == "operation":
            assert {value.partition(".")[2] for value in chosen} <= {*OPERATIONS}
        if one["binding"].get("name") == "data.method":
            assert {value.replace("_", "").lower() for value in chosen} == {*METHODS.get(path.stem.partition("-")[0], PLAIN)}


def test_templates_are_valid() -> None:
    """By the schemas of the modelers themselves."""
    library = HERE / "web/ui/node_modules/@bpmn-io/element-templates-validator"
    if not library.exists():
        pytest.skip("the browser bundle was never built here")
    script = f"""
        const {{ validate, validateZeebe }} = require({json.dumps(str(library))});
        for (const file of {json.dumps([str(path) for path in TEMPLATES])}) {{
            const template = JSON.parse(require('fs').readFileSync(file));
            const found = (template.$schema.includes('zeebe') ? validateZeebe : validate)(template);
            if (!found.valid) console.log(file, JSON.stringify(found.errors));
        }}"""
    done = subprocess.run([shutil.which("node") or str(node_of_the_bundle()), "-e", script], capture_output=True, text=True, check=True)
    assert done.stdout == ""
