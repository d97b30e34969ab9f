"""The only place for the functions that Camunda 8 adds: what an error expression answers, `fromAi`, and `cycle` for timers."""

from __future__ import annotations

from typing import Any

from engine.expressions.feel.durations import Duration
from engine.expressions.feel.numbers import Number
from engine.expressions.feel.signature import row
from engine.expressions.feel.text import text_of


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


def _cycle(repetitions: Number | None, interval: Duration) -> str:
    """What a timer reads, like R3/PT1H; without a number of times it goes on without end."""
    return f"R{'' if repetitions is None or repetitions < 0 else int(repetitions)}/{text_of(interval)}"


ROWS = (
    row("bpmnError", "errorCode: string, errorMessage?: string|null, variables?: context|null", _bpmn_error),
    row("jobError", "errorMessage: string, variables?: context|null, retries?: number|null, retryBackoff?: duration|null", _job_error),
    row("ignoreError", "variables?: context|null", _ignore_error),
    row(
        "fromAi",
        "value: any, description?: any, type?: any, schema?: any, options?: any",
        lambda value, description=None, kind=None, schema=None, options=None: value,
    ),
    row("cycle", "repetitions: number|null, interval: duration", _cycle),
    row("cycle", "interval: duration", lambda interval: _cycle(None, interval)),
)
