"""The only place that turns an error into an HTTP status, and into a page in plain words or JSON."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine import errors
from engine.data.errors import DataError
from engine.data.migration import NotConfirmed
from engine.identity import LoginRefused, TokenRefused
from engine.signing import SignatureRefused
from web.answers import plain
from web.asked import JSON_PATHS, wants_json


class NotLoggedIn(errors.Forbidden):
    """Log in first."""


STATUS: dict[type[errors.RatchetError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.SomebodyWasFaster: 409,
    NotConfirmed: 409,
    errors.InvalidData: 422,
    errors.DeploymentRefused: 422,
    SignatureRefused: 422,
    LoginRefused: 401,
    TokenRefused: 401,
    NotLoggedIn: 401,
    errors.Refused: 400,
    errors.RatchetError: 500,
}

TITLES = {
    400: "This could not be done",
    401: "Please log in",
    403: "You may not do this",
    404: "Not found",
    409: "Somebody was faster",
    412: "The signature does not fit",
    413: "Too large",
    422: "Please correct this",
    429: "Too many tries",
    503: "Not available now",
}

WORDS = {
    400: "The server could not read this request. Check its address and body.",
    404: "There is no such page. It may have moved, or the address was typed wrong.",
    405: "This address does not take that kind of request.",
    413: "This is more than the server takes at once: at most 5 MB.",
    415: "This address takes JSON. Send it with the header Content-Type: application/json.",
    429: "Too many tries in a short time. Wait a minute and try again.",
}
PAGE_TOO_OLD = "This page was open for too long, or your session has ended. Go back, load the page again and try once more."
UNPROTECTED = "A change by a logged-in browser needs the header X-CSRFToken. Programs send an access token: Authorization: Bearer …"
OURS = "Something went wrong on our side. Nothing was changed. Try again; if it stays, tell your administrator the reference."


def status_of(error: errors.RatchetError) -> int:
    """The HTTP status of an error: its own for the data factory, else by the nearest class in the table."""
    if isinstance(error, DataError):
        return error.status
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def facts_of(error: errors.RatchetError) -> dict[str, Any]:
    """What the person should know: the message, and by field or file what to correct."""
    facts: dict[str, Any] = {"message": error.message}
    if isinstance(error, DataError):
        return facts | {"code": error.code, "errors": error.fields}
    if isinstance(error, errors.InvalidData):
        return facts | {"errors": error.errors}
    if isinstance(error, errors.DeploymentRefused):
        return {"message": "Nothing was deployed. Correct the problems and try again.", "problems": error.problems}
    return facts | {key: value for key, value in error.facts.items() if key in ("reason", "reference", "code", "changes")}


def words_of(error: HTTPException) -> str:
    """A refusal of Flask's own, in plain words."""
    if isinstance(error, CSRFError):
        return UNPROTECTED if request.path.startswith(JSON_PATHS) else PAGE_TOO_OLD
    return WORDS.get(error.code or 500) or error.description or "This could not be done."


def reference() -> str:
    """A short word by which a person and a log line find each other."""
    return uuid.uuid4().hex[:10]


def setup(app: Flask) -> None:
    """Answer every error once, here."""
    app.register_error_handler(errors.RatchetError, _answer_ours)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unknown)


def _answer_ours(error: errors.RatchetError) -> ResponseReturnValue:
    status = status_of(error)
    if status >= 500:
        current_app.logger.error("%s %s: %s", request.method, request.path, error, exc_info=error)
    return told(status, facts_of(error))


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    answer, status = told(error.code, {"message": words_of(error)})
    headers = [(name, value) for name, value in error.get_headers() if name in ("Retry-After", "Allow")]
    return answer, status, headers


def _answer_unknown(error: Exception) -> ResponseReturnValue:
    facts = {"message": OURS, "reference": reference()}
    current_app.logger.error("%s %s failed, reference %s", request.method, request.path, facts["reference"], exc_info=error)
    return told(500, facts)


def told(status: int, facts: dict[str, Any]) -> tuple[Any, int]:
    """The facts of a refusal as JSON, or on the page of errors."""
    if wants_json():
        return jsonify(plain(facts)), status
    return render_template("error.html", title=TITLES.get(status, "Something went wrong"), status=status, **facts), status
