"""The only place for the data factory over HTTP: each table is a resource, with the status codes and bodies of the platform's contract.

What the contract leaves open is ours: `ETag` and `If-Match` (412 PRECONDITION_FAILED), history and signed documents per row, stored files.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, abort, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from engine.data.rows import tag
from engine.errors import Refused
from web import data_errors, data_openapi
from web.answers import plain
from web.asked import engine, json_object, person
from web.data_errors import UnsupportedMediaType

blueprint = Blueprint("data", __name__, url_prefix="/data")
data_errors.setup(blueprint)


@blueprint.get("/openapi.json")
def description() -> ResponseReturnValue:
    """This API as the tables and declarations make it, in OpenAPI 3.1."""
    return jsonify(data_openapi.described(engine().data_registry(person())))


@blueprint.post("/<resource>")
def create(resource: str) -> ResponseReturnValue:
    return {"id": engine().data_create(resource, _body(), _headers(), person())}, 201


@blueprint.post("/<resource>/list")
def create_list(resource: str) -> ResponseReturnValue:
    return [{"id": id} for id in engine().data_create_list(resource, _body(), _headers(), person())], 201


@blueprint.post("/<resource>/csv")
def create_from_csv(resource: str) -> ResponseReturnValue:
    return [{"id": id} for id in engine().data_create_from_csv(resource, _body(), _headers(), person())], 201


@blueprint.post("/<resource>/csv/validation")
def check_csv(resource: str) -> ResponseReturnValue:
    """A stored file by `{id, checksum}`, or the file itself: `file` of a form, or a body of text/csv."""
    content = json_object() if request.is_json else _file()[1]
    return {"rows": engine().data_check_csv(resource, content, person())}


@blueprint.get("/<resource>/<id>")
def read(resource: str, id: str) -> ResponseReturnValue:
    """The row, with an ETag; 304 where the caller has it already."""
    row: dict[str, Any] = engine().data_read(resource, id, person())
    answer = jsonify(plain(row))
    answer.set_etag(tag(row))
    return answer.make_conditional(request)


@blueprint.put("/<resource>/<id>")
def update(resource: str, id: str) -> ResponseReturnValue:
    engine().data_update(resource, id, _body(), _headers(), person(), _tags())
    return "", 204


@blueprint.patch("/partial/<name>/<id>")
def update_partly(name: str, id: str) -> ResponseReturnValue:
    engine().data_update_partly(name, id, _body(), _headers(), person(), _tags())
    return "", 204


@blueprint.delete("/<resource>/<id>")
def delete(resource: str, id: str) -> ResponseReturnValue:
    engine().data_delete(resource, id, _headers(), person(), _tags())
    return "", 204


@blueprint.put("/nested/<composite>")
def upsert(composite: str) -> ResponseReturnValue:
    """Several records that belong together, in one transaction; the id is that of the root record."""
    return {"id": engine().data_upsert_nested(composite, _body(), _headers(), person())}


@blueprint.get("/<name>")
@blueprint.get("/search/<name>")
def find(name: str) -> ResponseReturnValue:
    """What is asked stands in the query; a name that comes several times is a list."""
    asked = {key: values if len(values) > 1 else values[0] for key, values in request.args.lists()}
    return jsonify(plain(engine().data_find(name, asked, person(), in_text=True)))


@blueprint.post("/search/<name>")
def find_by_body(name: str) -> ResponseReturnValue:
    """What is asked stands in the body; which page may stand in the query, too."""
    _body()
    return jsonify(plain(engine().data_find(name, {**request.args.to_dict(), **json_object()}, person())))


@blueprint.get("/enum/<name>")
def codes(name: str) -> ResponseReturnValue:
    return jsonify(engine().data_codes(name, person()))


@blueprint.get("/enum/<name>/<code>")
def one_code(name: str, code: str) -> ResponseReturnValue:
    return jsonify(engine().data_code(name, code, person()))


@blueprint.get("/<resource>/<id>/history")
def history(resource: str, id: str) -> ResponseReturnValue:
    """Every change of a row, the oldest first; also of one that was deleted."""
    return jsonify(plain(engine().data_history(resource, id, person())))


@blueprint.get("/<resource>/<id>/documents")
def signed(resource: str, id: str) -> ResponseReturnValue:
    """The signed documents behind a row's changes, and whether they are still what was recorded."""
    return jsonify(plain(engine().data_signed(resource, id, person())))


@blueprint.get("/<resource>/<id>/documents/<path:key>")
def signed_document(resource: str, id: str, key: str) -> ResponseReturnValue:
    return jsonify(plain(engine().data_signed_document(resource, id, key, person())))


@blueprint.post("/digital-documents")
def store_file() -> ResponseReturnValue:
    """Store a file, `file` of a form or a body with `?name=`: its id and checksum."""
    name, content, type = _file()
    return jsonify(plain(engine().store_file(name, content, type, person()))), 201


@blueprint.get("/digital-documents/<id>")
def stored_file(id: str) -> ResponseReturnValue:
    found, content = engine().stored_file(id, person())
    return send_file(BytesIO(content), "application/octet-stream", as_attachment=True, download_name=found.name)


@blueprint.route("/<path:_unknown>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(_unknown: str) -> ResponseReturnValue:
    """What is no resource is refused with a body of the contract, too."""
    abort(404)


def _headers() -> dict[str, str]:
    return dict(request.headers.items())


def _tags() -> list[str]:
    """What If-Match asks for; nothing when the caller does not ask."""
    return ["*"] if request.if_match.star_tag else list(request.if_match.as_set())


def _body() -> bytes:
    """The raw bytes of the body: the signature is over these, and no others. 415 for anything but JSON."""
    if not request.is_json:
        raise UnsupportedMediaType()
    return request.get_data()


def _file() -> tuple[str, bytes, str]:
    """Name, bytes and media type of a file that was sent."""
    sent = request.files.get("file")
    if sent is not None:
        return sent.filename or "", sent.read(), sent.mimetype
    if request.mimetype in ("multipart/form-data", ""):
        raise Refused("Send a file as the field “file” of a form, or as the body.")
    return request.args.get("name", "file"), request.get_data(), request.mimetype
