"""The only place for the functions of Camunda's connectors and agents: what an error expression answers, and `fromAi`."""

from __future__ import annotations

from typing import Any

from engine.expressions.feel.numbers import Number
from engine.expressions.feel.signature import row


def _bpmn_error(code: str, message: str | None = None, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"errorType": "bpmnError", "code": code, "message": message or "", "variables": variables or {}}


def _job_error(message: str, variables: dict[str, Any] | None = None, retries: Number | None = None, backoff: Any = None) -> dict[str, Any]:
    return {
        "errorType": "jobError",
        "message": message,
        "variables": variables or {},
        "retries": retries or 0,
        "retryBackoff": backoff,
    }


def _ignore_error(variables: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"errorType": "ignoreError", "variables": variables or {}}


ROWS = (
    row("bpmnError", "errorCode: string, errorMessage?: string|null, variables?: context|null", _bpmn_error),
    row("jobError", "errorMessage: string, variables?: context|null, retries?: number|null, retryBackoff?: duration|null", _job_error),
    row("ignoreError", "variables?: context|null", _ignore_error),
    row(
        "fromAi",
        "value: any, description?: any, type?: any, schema?: any, options?: any",
        lambda value, description=None, kind=None, schema=None, options=None: value,
    ),
)
