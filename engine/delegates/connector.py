"""The only place that turns a connector's answer, or its failure, into variables: resultVariable, resultExpression, errorExpression
and retryBackoff.

They are task headers of a Camunda-8 model, read as the connector runtime of Camunda reads them (contract part 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from typing import Any, NoReturn

from engine import durations
from engine.db import savepoint
from engine.delegates.call import Call, Delegate
from engine.errors import BpmnError, RatchetError
from engine.expressions import feel

Headers = Mapping[str, str]
Variables = dict[str, Any]


class ConnectorError(RatchetError):
    """The connector could not do its work."""

    # `code` is what an errorExpression sees as `error.code`: a word of the contract such as AuthenticationError, or the SQLSTATE.
    def __init__(self, message: str | None = None, code: str | None = None, **facts: Any):
        super().__init__(message, **facts)
        self.code = code


class JobFailed(RatchetError):
    """The job failed."""

    # `retries`: how many attempts are left, None when the model leaves that to the engine; `backoff`: how long to wait before the next.
    def __init__(self, message: str = "", retries: int | None = None, backoff: timedelta | None = None, variables: Variables | None = None):
        super().__init__(message or None)
        self.retries = retries
        self.backoff = backoff
        self.variables = variables or {}


def run(delegate: Delegate, call: Call, scope: Mapping[str, Any] | None = None) -> Variables:
    """Call a connector and give the variables that its task headers make of the answer.

    `scope` is what the expressions may read besides the answer, such as {"job": {"retries": 3}}.
    Raises BpmnError or JobFailed when the errorExpression asks for it, else the connector's own error.
    """
    try:
        with savepoint(call.tx) if call.headers else nullcontext():  # what is made of the answer may fail after the work is done
            return outputs(call.headers, _asked(delegate, call), scope)
    except _Unanswered as unanswered:
        return failed(call.headers, unanswered.cause, scope)


class _Unanswered(Exception):
    """The connector itself has failed, not what is made of its answer."""

    def __init__(self, cause: RatchetError):
        super().__init__()
        self.cause = cause


def _asked(delegate: Delegate, call: Call) -> Any:
    try:
        return delegate(call)
    except (BpmnError, JobFailed):
        raise
    except RatchetError as error:
        raise _Unanswered(error) from error


def outputs(headers: Headers, response: Any, scope: Mapping[str, Any] | None = None) -> Variables:
    """The variables for an answer. The expressions see its fields, and all of it as `response`, which hides a field of that name."""
    context = {**(scope or {}), **(response if isinstance(response, Mapping) else {}), "response": response}
    wanted = _verdict(headers, context)
    if wanted:
        return _act(wanted)
    stored = {headers["resultVariable"]: response} if headers.get("resultVariable") else {}
    return {**stored, **_evaluated(headers, "resultExpression", context)}


def failed(headers: Headers, error: RatchetError, scope: Mapping[str, Any] | None = None) -> Variables:
    """The variables for a failure that the errorExpression ignores; raises what it asks for.

    Where it says nothing, that is `error` itself, or JobFailed from it with the time that the header retryBackoff gives until the next try.
    """
    facts = {"code": getattr(error, "code", None), "message": error.message, "type": type(error).__name__}
    wanted = _verdict(headers, {**(scope or {}), "error": facts, "response": None})
    if wanted:
        return _act(wanted)
    if not (headers.get("retryBackoff") or "").strip():
        raise error
    raise JobFailed(error.message, backoff=_backoff(headers["retryBackoff"], "The header retryBackoff is")) from error


def _verdict(headers: Headers, context: Mapping[str, Any]) -> Variables:
    return _evaluated(headers, "errorExpression", context)


def _evaluated(headers: Headers, header: str, context: Mapping[str, Any]) -> Variables:
    source = (headers.get(header) or "").strip().removeprefix("=").strip()
    value = feel.evaluate(source, context) if source else None
    if value is not None and not isinstance(value, Mapping):
        raise ConnectorError(f"{header} must give a context such as {{a: 1}} or null; it gave {value!r}. Correct it in the model: {source}")
    return dict(value or {})


def _act(wanted: Variables) -> Variables:
    kind = wanted.get("errorType")
    if kind not in _ACTIONS:
        raise ConnectorError(f"errorExpression gave errorType {kind!r}; it must be one of {', '.join(_ACTIONS)}.")
    return _ACTIONS[kind](wanted)


def _throw_bpmn_error(wanted: Variables) -> NoReturn:
    raise BpmnError(_text(wanted.get("code")), _text(wanted.get("message")), _variables(wanted))


def _fail_job(wanted: Variables) -> NoReturn:
    retries, backoff = _count(wanted.get("retries")), _backoff(wanted.get("retryBackoff"), "errorExpression gave retryBackoff")
    raise JobFailed(_text(wanted.get("message")), retries, backoff, _variables(wanted))


def _variables(wanted: Variables) -> Variables:
    variables = wanted.get("variables")
    if variables is not None and not isinstance(variables, Mapping):
        raise ConnectorError(f"errorExpression gave variables that are no context: {variables!r}.")
    return dict(variables or {})


_ACTIONS: dict[Any, Callable[[Variables], Variables]] = {
    "bpmnError": _throw_bpmn_error,
    "jobError": _fail_job,
    "ignoreError": _variables,
}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, int | Decimal) and value >= 0 and value == int(value):
        return int(value)
    raise ConnectorError(f"errorExpression gave retries {value!r}; write a whole number such as 2.")


def _backoff(value: Any, told: str) -> timedelta | None:
    if not value or isinstance(value, timedelta):
        return value or None
    try:
        return durations.duration(str(value))
    except durations.NotADuration as error:
        raise ConnectorError(f'{told} {value!r}: {error.why}. Write a duration such as @"PT30S" in FEEL, PT30S in a header.') from error
