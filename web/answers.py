"""The only place that makes answers: one set of facts, as a page for people or as JSON for programs."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.expressions.spin import JsonNode
from engine.runtime import values
from web.asked import wants_json


def page(template: str, status: int = 200, **facts: Any) -> ResponseReturnValue:
    """The facts on a page, or as one JSON object when that is wanted."""
    if wants_json():
        return jsonify(plain(facts)), status
    return render_template(template, **facts), status


def moved(url: str) -> ResponseReturnValue:
    """Done: go on there. A script reads `{"redirect": url}`, a browser is sent (303)."""
    return jsonify(redirect=url) if wants_json() else redirect(url, 303)


def plain(value: Any) -> Any:
    """The JSON value of whatever the engine gives: dataclasses by field, sets sorted, bytes in base64, moments as ISO text."""
    if isinstance(value, JsonNode):
        return plain(value.data)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    for kind, write in _WRITTEN:
        if isinstance(value, kind):
            return write(value)
    return values.plain(value)


_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (bytes, lambda value: b64encode(value).decode()),
    ((set, frozenset), lambda value: sorted(map(plain, value))),
    ((list, tuple), lambda value: [plain(each) for each in value]),
    (Mapping, lambda value: {str(key): plain(each) for key, each in value.items()}),
)

BADGES = {
    "open": ("info", "Open"),
    "active": ("info", "Running"),
    "completed": ("ok", "Done"),
    "incident": ("err", "Needs attention"),
    "canceled": ("warn", "Canceled"),
    "merged": ("ok", "Joined"),
    "suspended": ("warn", "Suspended"),
    "terminated": ("warn", "Ended early"),
}


def badge(state: str) -> Markup:
    """A state as a small label in plain words."""
    kind, words = BADGES.get(state, ("", state.capitalize()))
    return Markup('<span class="badge {}">{}</span>').format(kind, words)


def when(moment: datetime | None) -> Markup | str:
    """A moment that people can read; a script of ours turns it into their own time zone."""
    if moment is None:
        return "–"
    utc = moment.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(timespec="seconds"), f"{utc:%d %b %Y, %H:%M} UTC")


def shown(value: Any) -> str:
    """A value of a variable or field as text: words as they are, everything else as JSON."""
    known = {True: "Yes", False: "No", None: "–", "": "–"}
    if isinstance(value, (bool, str, type(None))) and value in known:
        return known[value]
    return value if isinstance(value, str) else as_json(value)


def as_json(value: Any) -> str:
    """A value as JSON that people can read: no escapes for letters."""
    return json.dumps(plain(value), ensure_ascii=False)


def setup(app: Flask) -> None:
    """Teach the templates how moments, states and values are shown."""
    app.jinja_env.filters |= {"when": when, "badge": badge, "shown": shown, "as_json": as_json, "plain": plain}
