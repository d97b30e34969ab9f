"""The only place that describes the REST API, in OpenAPI 3.1: read from the routes and functions themselves, so that it stays true."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from flask import Flask
from pydantic import BaseModel, TypeAdapter

Json = dict[str, Any]
REFERENCES = "#/components/schemas/{model}"
REFUSALS = {
    "400": "Refused; `message` says why",
    "401": "Log in, or send a token",
    "403": "Not allowed",
    "404": "There is no such thing",
    "409": "Somebody was faster",
    "422": "`errors` names the fields, `problems` the places in files",
}
REFUSAL = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "problems": {"type": "array", "items": {"type": "object"}},
    },
}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "token": {"type": "apiKey", "in": "header", "name": "X-Access-Token"},
    "session": {"type": "apiKey", "in": "cookie", "name": "ratchet", "description": "Changes also need the header X-CSRFToken."},
}
FILES = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "confirm": {"type": "boolean", "description": "Change tables that exist as the files ask for; else 409 tells the changes."},
    },
}
UPLOADS = {"deploy"}


@dataclass(frozen=True)
class Verb:
    """One operation: the function that answers, its status, the model of its body, the names in its query."""

    function: Callable[..., Any]
    status: int
    takes: type[BaseModel] | None
    asks: tuple[str, ...]


def described(app: Flask, blueprint: str, verbs: Mapping[str, Verb]) -> Json:
    """The whole description: every route of the blueprint, with the shapes that its verb takes and gives."""
    schemas: Json = {"Refusal": REFUSAL}
    paths: dict[str, Json] = {}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{blueprint}.")]
    for rule in sorted(rules, key=lambda each: each.rule):
        name, path = rule.endpoint.rpartition(".")[2], re.sub(r"<(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            paths.setdefault(path, {})[method.lower()] = _operation(name, verbs[name], sorted(rule.arguments), schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ratchet", "version": "1", "description": "Processes, tasks, messages and jobs."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SCHEMES},
        "security": [{name: []} for name in SCHEMES],
    }


def _operation(name: str, verb: Verb, arguments: list[str], schemas: Json) -> Json:
    operation: Json = {
        "operationId": name,
        "summary": inspect.getdoc(verb.function),
        "parameters": [_parameter("path", each) for each in arguments] + [_parameter("query", each) for each in verb.asks],
        "responses": {**_success(verb, schemas), **{status: _json(words, _reference("Refusal")) for status, words in REFUSALS.items()}},
    }
    return operation | _body(name, verb, schemas)


def _parameter(place: str, name: str) -> Json:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def _body(name: str, verb: Verb, schemas: Json) -> Json:
    if name in UPLOADS:
        return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FILES}}}}
    if verb.takes is None:
        return {}
    schema = verb.takes.model_json_schema(ref_template=REFERENCES)
    schemas.update(schema.pop("$defs", {}))
    schemas[verb.takes.__name__] = schema
    return {"requestBody": {"required": True, **_content(_reference(verb.takes.__name__))}}


def _success(verb: Verb, schemas: Json) -> Json:
    given = get_type_hints(verb.function)["return"]
    if given is type(None):
        return {"204": {"description": "Done"}}
    schema = TypeAdapter(given).json_schema(mode="serialization", ref_template=REFERENCES)
    schemas.update(schema.pop("$defs", {}))
    return {str(verb.status): _json("Done", schema)}


def _reference(name: str) -> Json:
    return {"$ref": REFERENCES.format(model=name)}


def _json(words: str, schema: Json) -> Json:
    return {"description": words, **_content(schema)}


def _content(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}
