"""The only place that describes the REST API, in OpenAPI 3.1: read from the routes and functions themselves, so that it stays true."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, get_type_hints

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from werkzeug.routing import Rule

from web import bodies

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
FILES = {"type": "object", "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}}}

# endpoint -> what its body must be; the functions themselves read it by the same models
BODIES: dict[str, type[BaseModel]] = {
    "start": bodies.Start,
    "prepare_signature": bodies.Entered,
    "complete": bodies.Complete,
    "correlate": bodies.Message,
    "activate_jobs": bodies.Activate,
    "complete_job": bodies.CompleteJob,
    "fail_job": bodies.FailJob,
}
QUERIES = {"instances": ("key", "state"), "tasks": ("filter",)}
CREATED = {"deploy", "start", "prepare_signature"}


def described(app: Flask, blueprint: str) -> dict[str, Any]:
    """The whole description of a blueprint's routes."""
    paths: dict[str, dict[str, Any]] = {}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{blueprint}.")]
    for rule in sorted(rules, key=lambda each: each.rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            paths.setdefault(path, {})[method.lower()] = _operation(rule, app.view_functions[rule.endpoint])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ratchet", "version": "1", "description": "Processes, tasks, messages and jobs."},
        "paths": paths,
        "components": {"schemas": {"Refusal": REFUSAL}, "securitySchemes": SCHEMES},
        "security": [{name: []} for name in SCHEMES],
    }


SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "token": {"type": "apiKey", "in": "header", "name": "X-Access-Token"},
    "session": {"type": "apiKey", "in": "cookie", "name": "ratchet", "description": "Changes also need the header X-CSRFToken."},
}


def _operation(rule: Rule, function: Callable[..., Any]) -> dict[str, Any]:
    name = rule.endpoint.rpartition(".")[2]
    refusals = {status: _json(words, {"$ref": "#/components/schemas/Refusal"}) for status, words in REFUSALS.items()}
    asked = QUERIES.get(name, ())
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": inspect.getdoc(function),
        "parameters": [_parameter("path", each) for each in sorted(rule.arguments)] + [_parameter("query", each) for each in asked],
        "responses": {**_success(name, function), **refusals},
    }
    return operation | ({"requestBody": body} if (body := _body(name)) else {})


def _parameter(place: str, name: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def _body(name: str) -> dict[str, Any] | None:
    if name == "deploy":
        return {"required": True, "content": {"multipart/form-data": {"schema": FILES}}}
    model = BODIES.get(name)
    return {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}} if model else None


def _success(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    given = get_type_hints(inspect.unwrap(function)).get("return", Any)
    if given is type(None):
        return {"204": {"description": "Done"}}
    return {"201" if name in CREATED else "200": _json("Done", TypeAdapter(given).json_schema(mode="serialization"))}


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
