"""resultVariable, resultExpression and errorExpression: what the task headers of a Camunda-8 connector make of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from engine import db
from engine.delegates.connector import ConnectorError, JobFailed, failed, outputs, run
from engine.delegates.sql import JOB_TYPES
from engine.errors import BpmnError, RatchetError
from engine.expressions import ExpressionError
from tests.delegates.sql_calls import TYPES, call, database, undone

ROWS = {"response": [{"customerid": "C-1", "share": "25"}, {"customerid": "C-2", "share": "75"}]}
DOWN = ConnectorError("ConnectionError: Unable to connect to DB", "ConnectionError")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, {}),
        ({"resultVariable": ""}, {}),
        ({"resultVariable": "owner"}, {"owner": ROWS}),
        ({"resultExpression": "= {share: response.response[1].share}"}, {"share": "25"}),
        ({"resultExpression": "{share: response.response[2].share}"}, {"share": "75"}),
        ({"resultExpression": "={n: count(response.response), who: customer}"}, {"n": 2, "who": "C-1"}),
        ({"resultExpression": "=null"}, {}),
        ({"resultExpression": " "}, {}),
        ({"resultVariable": "all", "resultExpression": "={one: 1}"}, {"all": ROWS, "one": 1}),
        ({"resultVariable": "a", "errorExpression": "=null"}, {"a": ROWS}),
        ({"resultVariable": "a", "errorExpression": "={}"}, {"a": ROWS}),
        ({"resultVariable": "a", "errorExpression": '=if count(response.response) > 2 then bpmnError("MANY") else null'}, {"a": ROWS}),
        ({"resultVariable": "a", "errorExpression": "=ignoreError({b: 2})"}, {"b": 2}),
    ],
)
def test_outputs(headers: dict[str, str], expected: dict[str, Any]) -> None:
    assert outputs(headers, ROWS, {"customer": "C-1"}) == expected


def test_fields_stand_at_the_top() -> None:
    assert outputs({"resultExpression": "={a: status, b: response.status}"}, {"status": 200}) == {"a": 200, "b": 200}


@pytest.mark.parametrize("source", ["=1", '="text"', "=[1]", "=true"])
def test_a_result_that_is_no_context(source: str) -> None:
    with pytest.raises(ConnectorError, match="resultExpression must give a context"):
        outputs({"resultExpression": source}, ROWS)


def test_an_expression_that_cannot_be_read() -> None:
    with pytest.raises(ExpressionError):
        outputs({"resultExpression": "={a: }"}, ROWS)


def test_bpmn_error() -> None:
    source = '=if response.response[1].share = "25" then bpmnError("LOW", "only a quarter", {share: 25}) else null'
    with pytest.raises(BpmnError) as thrown:
        outputs({"errorExpression": source}, ROWS)
    assert (thrown.value.code, thrown.value.message, thrown.value.variables) == ("LOW", "only a quarter", {"share": 25})
    with pytest.raises(BpmnError) as thrown:
        outputs({"errorExpression": '={errorType: "bpmnError", code: "X"}'}, ROWS)
    assert (thrown.value.code, thrown.value.variables) == ("X", {})


@pytest.mark.parametrize(
    ("source", "message", "retries", "backoff", "variables"),
    [
        ('jobError("no")', "no", 0, None, {}),
        ('jobError("no", {a: 1}, job.retries - 1, @"PT1M30S")', "no", 2, timedelta(seconds=90), {"a": 1}),
        ('{errorType: "jobError", message: "no", retries: 1, retryBackoff: "P1DT1H"}', "no", 1, timedelta(days=1, hours=1), {}),
        ('{errorType: "jobError", retryBackoff: 0}', "The job failed.", None, None, {}),
        ('{errorType: "jobError", message: "m"}', "m", None, None, {}),
    ],
)
def test_job_error(source: str, message: str, retries: int | None, backoff: timedelta | None, variables: dict[str, Any]) -> None:
    with pytest.raises(JobFailed) as thrown:
        failed({"errorExpression": f"={source}"}, DOWN, {"job": {"retries": 3}})
    assert (thrown.value.message, thrown.value.retries, thrown.value.backoff, thrown.value.variables) == (
        message,
        retries,
        backoff,
        variables,
    )


@pytest.mark.parametrize(
    "source",
    [
        '{errorType: "other"}',
        "{a: 1}",
        "5",
        'jobError("x", null, -1)',
        'jobError("x", null, 1.5)',
        '{errorType: "jobError", retryBackoff: "soon"}',
        '{errorType: "jobError", retryBackoff: "P"}',
        '{errorType: "bpmnError", variables: 5}',
    ],
)
def test_verdicts_that_cannot_be_read(source: str) -> None:
    with pytest.raises(ConnectorError, match="errorExpression"):
        failed({"errorExpression": source}, DOWN)


def test_a_failure_by_code_and_message() -> None:
    source = '=if error.code = "ConnectionError" and contains(error.message, "Unable") then bpmnError("DOWN", error.message) else null'
    with pytest.raises(BpmnError, match="Unable to connect"):
        failed({"errorExpression": source}, DOWN)
    other = RatchetError("something else")
    with pytest.raises(RatchetError) as thrown:
        failed({"errorExpression": source}, other)
    assert thrown.value is other
    with pytest.raises(ConnectorError) as unchanged:
        failed({}, DOWN)
    assert unchanged.value is DOWN


@pytest.mark.parametrize(("header", "backoff"), [("PT30S", 30), (" PT1M ", 60), ("P1DT1H", 90_000), ("PT0S", 0)])
def test_a_failure_waits_as_its_header_says(header: str, backoff: float) -> None:
    with pytest.raises(JobFailed) as thrown:
        failed({"retryBackoff": header, "errorExpression": "=null"}, DOWN)
    assert (thrown.value.message, thrown.value.retries, thrown.value.backoff) == (DOWN.message, None, timedelta(seconds=backoff))
    assert thrown.value.__cause__ is DOWN


@pytest.mark.parametrize("header", ["soon", "30", "P1M", "P"])
def test_a_header_that_says_no_duration(header: str) -> None:
    with pytest.raises(ConnectorError, match="The header retryBackoff is"):
        failed({"retryBackoff": header}, DOWN)
    with pytest.raises(ConnectorError) as unchanged:
        failed({"retryBackoff": " "}, DOWN)
    assert unchanged.value is DOWN
    with pytest.raises(BpmnError):
        failed({"retryBackoff": header, "errorExpression": '=bpmnError("X")'}, DOWN)


def test_a_failure_that_is_ignored() -> None:
    assert failed({"errorExpression": "=ignoreError({late: true})"}, DOWN) == {"late": True}
    assert failed({"errorExpression": "=ignoreError()"}, DOWN) == {}


@pytest.fixture(params=["sqlite", "postgresql"])
def tx(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    with database(request.param, tmp_path) as url:
        engine = db.open_database(url)
        with undone(engine) as connection:
            connection.exec_driver_sql("CREATE TABLE book (id varchar(20) PRIMARY KEY)")
            yield connection
        engine.dispose()


def test_a_connector_from_call_to_variables(tx: Connection) -> None:
    insert = partial(call, tx, "postgresql.insert-data", {"tableName": "book", "dataToInsert": [{"id": "B-1"}]})
    connector = JOB_TYPES[TYPES["postgresql"]]
    headers = {"resultVariable": "stored", "errorExpression": '=if error.code = null then null else bpmnError("USED", error.code)'}
    assert run(connector, insert(headers=headers)) == {"stored": {"response": "1 row(s) inserted successfully"}}
    with pytest.raises(BpmnError, match=r"23505|SQLITE_CONSTRAINT_PRIMARYKEY") as thrown:
        run(connector, insert(headers=headers))
    assert thrown.value.code == "USED"
    assert run(connector, insert(headers={"errorExpression": "=ignoreError({used: true})"})) == {"used": True}
    with pytest.raises(ConnectorError, match=r"(?i)unique"):
        run(connector, insert())
    assert tx.exec_driver_sql("SELECT count(*) FROM book").scalar() == 1


def test_errors_of_the_process_pass_through(tx: Connection) -> None:
    def throws(_call: Any) -> dict[str, Any]:
        raise BpmnError("OWN")

    with pytest.raises(BpmnError, match="OWN"):
        run(throws, call(tx, "postgresql.read-data", {}, headers={"errorExpression": "=ignoreError()"}))
