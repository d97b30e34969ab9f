"""The only place for the data factory over HTTP: each table is a resource, with the status codes and bodies of the platform's contract."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engine import errors
from engine.data.errors import DataError
from engine.identity import TokenRefused
from web.answers import plain
from web.asked import engine, person
from web.errors import NotLoggedIn, words_of

blueprint = Blueprint("data", __name__, url_prefix="/data")


@blueprint.post("/<resource>")
def create(resource: str) -> ResponseReturnValue:
    return {"id": engine().data_create(resource, _body(), _headers(), person())}, 201


@blueprint.get("/<resource>/<id>")
def read(resource: str, id: str) -> ResponseReturnValue:
    row: dict[str, Any] = plain(engine().data_read(resource, id, person()))
    return row


@blueprint.put("/<resource>/<id>")
def update(resource: str, id: str) -> ResponseReturnValue:
    engine().data_update(resource, id, _body(), _headers(), person())
    return "", 204


@blueprint.delete("/<resource>/<id>")
def delete(resource: str, id: str) -> ResponseReturnValue:
    engine().data_delete(resource, id, _headers(), person())
    return "", 204


@blueprint.put("/nested/<composite>")
def upsert(composite: str) -> ResponseReturnValue:
    """Several records that belong together, in one transaction; the id is that of the root record."""
    return {"id": engine().data_upsert_nested(composite, _body(), _headers(), person())}


@blueprint.route("/<path:_unknown>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(_unknown: str) -> ResponseReturnValue:
    """What is no resource is refused with a body of the contract, too."""
    abort(404)


def _headers() -> dict[str, str]:
    return dict(request.headers.items())


def _body() -> bytes:
    """The raw bytes of the body: the signature is over these, and no others. 415 for anything but JSON."""
    if not request.is_json:
        raise UnsupportedMediaType()
    return request.get_data()


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


@blueprint.errorhandler(DataError)
def _data_error(error: DataError) -> ResponseReturnValue:
    return _refused(error.status, error.code, error.details)


@blueprint.errorhandler(TokenRefused)
def _token_refused(error: TokenRefused) -> ResponseReturnValue:
    return _refused(403, error.code)


@blueprint.errorhandler(errors.RatchetError)
def _other_refusal(error: errors.RatchetError) -> ResponseReturnValue:
    status, code = next((status, code) for kind, status, code in CODES if isinstance(error, kind))
    return _refused(status, code, {"message": error.message})


@blueprint.errorhandler(HTTPException)
def _http_refusal(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    return _refused(status, HTTP_CODES.get(status, "CLIENT_ERROR"), {"message": words_of(error)})


@blueprint.errorhandler(Exception)
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
