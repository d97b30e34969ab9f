"""The only place that makes a function that gives data a route of the REST API, with its body checked and its answer as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError

from engine.errors import InvalidData
from web.answers import plain
from web.asked import json_object
from web.openapi import Verb

blueprint = Blueprint("api", __name__, url_prefix="/api")
VERBS: dict[str, Verb] = {}
Model = TypeVar("Model", bound=BaseModel)


def verb(
    method: str, path: str, status: int = 200, takes: type[BaseModel] | None = None, asks: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Callable[..., ResponseReturnValue]]:  # fmt: skip
    """A function that gives data becomes a route that answers JSON; None is answered with 204.

    takes  the model of its body; the function gets what was sent as `body`
    asks   the names in its query; the function gets them as arguments, None for what is not there
    """

    def made(function: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
        @wraps(function)
        def answer(**arguments: Any) -> ResponseReturnValue:
            body = {"body": checked(takes, json_object())} if takes else {}
            found = function(**arguments, **body, **{name: request.args.get(name) for name in asks})
            return ("", 204) if found is None else (jsonify(plain(found)), status)

        VERBS[function.__name__] = Verb(function, status, takes, asks)
        blueprint.add_url_rule(path, function.__name__, answer, methods=[method])
        return answer

    return made


def checked(model: type[Model], given: Mapping[str, Any], under: str = "") -> Model:
    """What was sent, as the model says. Raises InvalidData that names the fields."""
    try:
        return model.model_validate(given)
    except ValidationError as wrong:
        found: dict[str, list[str]] = {}
        for each in wrong.errors():
            found.setdefault(under + ".".join(map(str, each["loc"])), []).append(each["msg"])
        raise InvalidData(found) from wrong
