"""The only place for FEEL's context functions (DMN 1.5, 10.3.4.9)."""

from __future__ import annotations

from typing import Any

from engine.expressions.feel.signature import row
from engine.expressions.feel.values import adopt


def _value(context: dict[str, Any], key: str) -> Any:
    return adopt(context.get(key))


def _value_at(context: dict[str, Any], keys: list[str]) -> Any:
    value: Any = context if keys else None
    for key in keys:
        value = adopt(value.get(key)) if type(value) is dict else None
    return value


def _entries(context: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": adopt(value)} for key, value in context.items()]


def _context(entries: list[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for entry in entries:
        if type(entry.get("key")) is not str or "value" not in entry:
            raise ValueError("each entry needs a key, a string, and a value")
        if entry["key"] in made:
            raise ValueError(f"the key '{entry['key']}' is there twice")
        made[entry["key"]] = entry["value"]
    return made


def _put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


def _put_at(context: dict[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    key, rest = keys[0], keys[1:]
    if not rest:
        return {**context, key: value}
    inner = adopt(context.get(key))
    if inner is not None and type(inner) is not dict:
        raise ValueError(f"'{key}' is no context")
    return {**context, key: _put_at(inner or {}, rest, value)}


def _merge(contexts: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in contexts:
        merged |= context
    return merged


ROWS = (
    row("get value", "m: context, key: string", _value),
    row("get value", "context: context, key: string", _value),
    row("get value", "context: context, keys: keys", _value_at),
    row("get entries", "m: context", _entries),
    row("get entries", "context: context", _entries),
    row("context", "entries: contexts", _context),
    row("context put", "context: context, key: string, value: any", _put),
    row("context put", "context: context, keys: keys, value: any", _put_at),
    row("context merge", "contexts: contexts", _merge),
    row("put", "context: context, key: string, value: any", _put),
    row("put all", "*contexts: contexts", _merge),
)
