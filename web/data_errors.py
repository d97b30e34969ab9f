"""The only place that tells a refusal of the data factory over HTTP: status and `{"traceId", "code", "details"}` as in the contract."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engine import errors
from engine.data.errors import DataError
from engine.identity import TokenRefused
from web.answers import plain
from web.errors import NotLoggedIn, words_of


class UnsupportedMediaType(errors.Refused):
    """Send JSON, with the header Content-Type: application/json."""


CODES: tuple[tuple[type[errors.RatchetError], int, str], ...] = (
    (NotLoggedIn, 401, "AUTHENTICATION_FAILED"),
    (UnsupportedMediaType, 415, "UNSUPPORTED_MEDIA_TYPE"),
    (errors.Forbidden, 403, "FORBIDDEN_OPERATION"),
    (errors.NotFound, 404, "NOT_FOUND"),
    (errors.Refused, 400, "CLIENT_ERROR"),
    (errors.RatchetError, 500, "RUNTIME_ERROR"),
)
HTTP_CODES = {404: "NOT_FOUND", 415: "UNSUPPORTED_MEDIA_TYPE"}


def setup(blueprint: Blueprint) -> None:
    """Answer every error of the data factory's routes once, here."""
    for kind, answer in _ANSWERS:
        blueprint.register_error_handler(kind, answer)


def _data_error(error: DataError) -> ResponseReturnValue:
    return _refused(error.status, error.code, error.details)


def _token_refused(error: TokenRefused) -> ResponseReturnValue:
    return _refused(403, error.code)


def _other_refusal(error: errors.RatchetError) -> ResponseReturnValue:
    status, code = next((status, code) for kind, status, code in CODES if isinstance(error, kind))
    return _refused(status, code, {"message": error.message})


def _http_refusal(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    return _refused(status, HTTP_CODES.get(status, "CLIENT_ERROR"), {"message": words_of(error)})


def _unknown(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("%s %s failed, trace %s", request.method, request.path, _trace_id(), exc_info=error)
    return _refused(500, "RUNTIME_ERROR")


def _refused(status: int, code: str, details: dict[str, Any] | None = None) -> ResponseReturnValue:
    body: dict[str, Any] = {"traceId": _trace_id(), "code": code}
    return jsonify(plain(body | ({"details": details} if details else {}))), status


def _trace_id() -> str:
    """The caller's own trace if it sent one, so that both logs tell of the same thing."""
    if "ratchet.trace" not in request.environ:
        request.environ["ratchet.trace"] = request.headers.get("X-B3-TraceId") or uuid.uuid4().hex
    return str(request.environ["ratchet.trace"])


_ANSWERS: tuple[tuple[type[Exception], Any], ...] = (
    (DataError, _data_error),
    (TokenRefused, _token_refused),
    (errors.RatchetError, _other_refusal),
    (HTTPException, _http_refusal),
    (Exception, _unknown),
)
