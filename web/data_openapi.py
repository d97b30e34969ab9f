"""The only place that describes the data factory's REST API, in OpenAPI 3.1: made from the tables and declarations as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.data import asked, search
from engine.data.criteria import LISTS, Search
from engine.data.declarations import Nested
from engine.data.schema import Column, Registry, Resource, camel
from web.openapi import SCHEMES

Json = dict[str, Any]
UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
_KINDS: dict[str, tuple[Json, Any]] = {
    "uuid": ({"type": "string", "format": "uuid"}, UUID),
    "text": ({"type": "string"}, "text"),
    "number": ({"type": "number"}, 12.5),
    "float": ({"type": "number"}, 0.5),
    "integer": ({"type": "integer"}, 1),
    "boolean": ({"type": "boolean"}, True),
    "date": ({"type": "string", "format": "date"}, "2022-02-16"),
    "time": ({"type": "string", "format": "time"}, "13:17:10"),
    "timestamp": ({"type": "string", "format": "date-time"}, "2022-02-16T13:17:10.952Z"),
    "json": ({}, {}),
    "other": ({}, "text"),
}
_SOURCE = ("X-Source-System", "X-Source-Application", "X-Source-Business-Process")
_SIGNED = ("X-Digital-Signature", "X-Digital-Signature-Derived")
_READ, _FIND = (400, 401, 403, 404, 500), (400, 401, 403, 404, 422, 500)
_WRITE, _DELETE = (400, 401, 403, 404, 409, 412, 415, 422, 500), (400, 401, 403, 404, 409, 412, 500)
_REFUSAL: Json = {
    "type": "object",
    "required": ["traceId", "code"],
    "properties": {"traceId": {"type": "string"}, "code": {"type": "string"}, "details": {"type": "object"}},
    "examples": [{"traceId": "80f198ee56343ba8", "code": "CONSTRAINT_ERROR", "details": {"constraint": "unique"}}],
}
_ID: Json = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}, "examples": [{"id": UUID}]}
_FILE: Json = {
    "type": "object",
    "required": ["id", "checksum"],
    "properties": {"id": {"type": "string"}, "checksum": {"type": "string"}},
    "examples": [{"id": UUID, "checksum": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],
}


def described(registry: Registry) -> Json:
    """Every resource, search condition, nested entity, partial update and code list of the registry."""
    schemas: Json = {"Refusal": _REFUSAL, "Id": _ID, "File": _FILE}
    paths: dict[str, Json] = {}
    for resource in registry.resources.values():
        schemas[resource.name] = _object(resource.columns.values())
        paths |= _resource(resource)
    for name in [*registry.resources, *registry.declared.search]:
        paths |= _search(registry, name)
    for name, nested in registry.declared.nested.items():
        schemas[f"nested.{name}"] = _nested(registry, nested)
        paths[f"/data/nested/{name}"] = {"put": _operation(f"Create or update {name}", _WRITE, 200, "Id", f"nested.{name}", _changing())}
    for name, partial in registry.declared.partial.items():
        columns = [registry.of_table(partial.table).columns[camel(column)] for column in partial.columns]
        schemas[f"partial.{name}"] = _object(columns)
        update = _operation(f"Update {name}", _WRITE, 204, None, f"partial.{name}", _changing("id"))
        paths[f"/data/partial/{name}/{{id}}"] = {"patch": update}
    for name in registry.declared.enums:
        paths[f"/data/enum/{name}"] = {"get": _operation(f"The codes of {name}", _READ, 200, {"type": "array"})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ratchet data factory", "version": "1", "description": "Every table is a resource."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SCHEMES},
        "security": [{name: []} for name in SCHEMES],
    }


def _resource(resource: Resource) -> dict[str, Json]:
    name, signed, ids = resource.name, _changing(signed=resource.signed), {"type": "array", "items": _ref("Id")}
    one, several = f"/data/{name}/{{id}}", {"type": "array", "items": {"type": "object"}}
    listed = {"type": "object", "properties": {"entities": {"type": "array", "minItems": 1, "maxItems": 50, "items": _ref(name)}}}
    key = _changing("id", signed=resource.signed)
    return {
        f"/data/{name}": {"post": _operation(f"Create {name}", _WRITE, 201, "Id", name, signed)},
        f"/data/{name}/list": {"post": _operation(f"Create several of {name}", _WRITE, 201, ids, listed, signed)},
        f"/data/{name}/csv": {"post": _operation(f"Create {name} from a stored CSV file", _WRITE, 201, ids, "File", signed)},
        f"/data/{name}/csv/validation": {"post": _operation(f"Check a CSV file of {name}", _WRITE, 200, {"type": "object"}, "File")},
        one: {
            "get": _operation(f"Read {name}", _READ, 200, name, None, [_parameter("path", "id")]),
            "put": _operation(f"Update {name}", _WRITE, 204, None, name, key),
            "delete": _operation(f"Delete {name}", _DELETE, 204, None, None, key),
        },
        f"{one}/history": {"get": _operation(f"Every change of {name}", _READ, 200, several, None, [_parameter("path", "id")])},
        f"{one}/documents": {"get": _operation(f"Signed documents of {name}", _READ, 200, several, None, [_parameter("path", "id")])},
    }


def _search(registry: Registry, name: str) -> dict[str, Json]:
    found = search.condition(registry, name)
    resource = registry.of_table(found.table)
    answer: Json = {"type": "array", "items": _object(search.returned(found, resource))}
    if found.pagination == "page":
        numbers = {each: {"type": "integer"} for each in ("totalElements", "totalPages", "pageNo", "pageSize")}
        answer = {"type": "object", "properties": {"content": answer, **numbers}}
    fields = _asked(found, resource)
    needed = {each for leaf in found.where.leaves() if leaf.required for each in asked.names_of(leaf)}
    query = [_parameter("query", field, schema, field in needed) for field, schema in fields.items()]
    get = {"get": _operation(f"Search {name}", _FIND, 200, answer, None, query)}
    body = {"type": "object", "properties": fields, "examples": [{field: _example(schema) for field, schema in fields.items()}]}
    post = _operation(f"Search {name}", _FIND, 200, answer, body)
    return {f"/data/search/{name}": {**get, "post": post}} | ({f"/data/{name}": get} if name not in registry.resources else {})


def _asked(found: Search, resource: Resource) -> dict[str, Json]:
    fields = {}
    for field, leaf in asked.fields(found).items():
        one = _column(resource.columns[camel(leaf.column)])
        fields[field] = {"type": "array", "items": one} if leaf.type in LISTS else one
    first = {"offset": 0, "pageNo": 0}
    pages = {page: {"type": "integer", "minimum": 0, "examples": [first.get(page, 10)]} for page in asked.paging(found)}
    return fields | pages


def _nested(registry: Registry, nested: Nested) -> Json:
    resource = registry.of_table(nested.table)
    made = _object(column for column in resource.columns.values() if column.name not in nested.links)
    for link in nested.links.values():
        child = _nested(registry, link)
        made["properties"][camel(link.table)] = child
        made["examples"][0][camel(link.table)] = child["examples"][0]
    return made


def _object(columns: Iterable[Column]) -> Json:
    properties = {column.property: _column(column) for column in columns}
    return {"type": "object", "properties": properties, "examples": [{name: _example(schema) for name, schema in properties.items()}]}


def _column(column: Column) -> Json:
    schema, example = _KINDS[column.kind.name]
    if column.codes is not None:
        schema, example = {**schema, "enum": list(column.codes)}, next(iter(column.codes))
    if column.kind.name == "text" and column.size:
        schema, example = {**schema, "maxLength": column.size[0]}, example[: column.size[0]] if column.codes is None else example
    return {**schema, "examples": [example]}


def _example(schema: Mapping[str, Any]) -> Any:
    return [_example(schema["items"])] if "items" in schema else schema["examples"][0]


def _operation(
    summary: str, refused: tuple[int, ...], status: int, gives: str | Json | None = None, takes: str | Json | None = None,
    parameters: list[Json] | None = None,
) -> Json:  # fmt: skip
    answers = {str(each): {"description": "Refused", **_content("Refusal")} for each in refused}
    done = {str(status): {"description": "Done", **(_content(gives) if gives else {})}}
    body = {"requestBody": {"required": True, **_content(takes)}} if takes else {}
    return {"summary": summary, "parameters": parameters or [], **body, "responses": {**done, **answers}}


def _changing(*path: str, signed: bool = True) -> list[Json]:
    """The parameters of a change: what stands in the path, and the headers."""
    found = [_parameter("path", name) for name in path] + [_parameter("header", name, required=True) for name in _SOURCE]
    found += [_parameter("header", name, required=signed) for name in _SIGNED]
    return found + ([_parameter("header", "If-Match")] if path else [])


def _parameter(place: str, name: str, schema: Json | None = None, required: bool = False) -> Json:
    return {"name": name, "in": place, "required": required or place == "path", "schema": schema or {"type": "string"}}


def _content(schema: str | Json) -> Json:
    return {"content": {"application/json": {"schema": _ref(schema) if isinstance(schema, str) else schema}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
