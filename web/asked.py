"""The only place that takes a request apart: who asks, which engine answers, what was sent and in which form the answer is wanted."""

from __future__ import annotations

import json
from typing import Any

from flask import current_app, g, request

from engine.core import Engine
from engine.errors import InvalidData, Refused
from engine.identity import Person

JSON_PATHS = ("/api/", "/data/")


def engine() -> Engine:
    """The engine that this application was made for."""
    found: Engine = current_app.extensions["ratchet"]
    return found


def person() -> Person:
    """Who asks. Everything but the public pages is refused before there is nobody."""
    who: Person = g.person
    return who


def wants_json() -> bool:
    """Whether the answer should be JSON: `?format=json`, an Accept header that prefers it, or a path of the API."""
    if request.args.get("format") == "json" or request.path.startswith(JSON_PATHS):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def json_object() -> dict[str, Any]:
    """The JSON object in the body. A body of another kind is refused in plain words."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise Refused("The body of this request must be a JSON object, for example {}.")
    return body


def entered() -> dict[str, Any]:
    """What somebody entered in a form: `data` of the JSON body; nothing when a page without a form was posted."""
    data = json_object().get("data", {}) if request.is_json else {}
    if not isinstance(data, dict):
        raise Refused('"data" must be a JSON object: the names of the form\'s fields and what was entered.')
    return data


def variables(field: str = "variables") -> dict[str, Any]:
    """The variables in a text field of a posted page: empty, or one JSON object. Raises InvalidData for that field."""
    text = request.form.get(field, "").strip()
    try:
        found = json.loads(text or "{}")
    except ValueError as broken:
        raise InvalidData({field: [f"This is not JSON: {broken}."]}, f"The variables are not JSON: {broken}.") from broken
    if not isinstance(found, dict):
        raise InvalidData({field: ['Write an object, for example {"amount": 5}.']}, 'Variables must be a JSON object, like {"amount": 5}.')
    return found


def text(field: str) -> str | None:
    """A text field of a posted page; None when it was left empty."""
    return request.form.get(field, "").strip() or None
