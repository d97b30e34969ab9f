"""The only place for what a data factory delegate answers: the response that a model reads as `${response.value.responseBody…}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from engine.expressions.exposed import Exposed
from engine.expressions.spin import JsonNode


@dataclass(frozen=True)
class ConnectorResponse(Exposed):
    """An HTTP-like answer. `responseBody` is None where there is no body."""

    statusCode: int = 0
    responseBody: JsonNode | None = None
    headers: Mapping[str, list[str]] = field(default_factory=dict)

    exposed: ClassVar[frozenset[str]] = frozenset({"statusCode", "responseBody", "headers"})
    called: ClassVar[str] = "A connector response"


def answer(status: int, body: Any = None) -> dict[str, Any]:
    """The variables that a delegate gives: `{"response": ConnectorResponse}`."""
    return {"response": ConnectorResponse(status, None if body is None else JsonNode.of(body))}
