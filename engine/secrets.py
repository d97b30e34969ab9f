"""The only place that holds secret values: it puts them where a model names them, and takes them out of what people read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from engine.config import SECRET_PREFIX, with_prefix

MASK = "•••"
SHORTEST_MASKED = 4

# The two spellings that the connector runtime of Camunda 8 knows (its SecretUtil). There the second is looked for in what the first gave;
# here both are looked for at once, so that the text of a secret is never itself read as the name of another one.
_MENTION = re.compile(
    r"\{\{\s*secrets\.(?P<braced>\S{1,200}?)\s*\}\}"
    r"|secrets\.(?P<bare>(?:[a-zA-Z0-9]+[/._-])*[a-zA-Z0-9]+)"
)


class Secrets:
    """Secret values by name. Printing it shows the names only."""

    def __init__(self, values: Mapping[str, str] | None = None):
        self._values = dict(values or {})
        self._shown = _pattern(self._values.values())

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], prefix: str = SECRET_PREFIX) -> Secrets:
        """The secrets of the variables called `<prefix><NAME>`."""
        return cls(with_prefix(environ, prefix))

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values))})"

    def resolve(self, value: Any) -> Any:
        """`value` (any JSON value) with every `secrets.NAME` and `{{secrets.NAME}}` in its strings replaced; unknown names stay."""
        if isinstance(value, str):
            return _MENTION.sub(self._value_of, value)
        if isinstance(value, Mapping):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolve(item) for item in value]
        return value

    def resolve_at(self, inputs: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
        """A copy of `inputs` with the values at these dotted paths resolved, and nothing else: what a person typed gets no secret."""
        found = dict(inputs)
        for path in paths:
            first, _, rest = path.partition(".")
            if first in found:
                inner = found[first]
                within = rest and isinstance(inner, Mapping)
                found[first] = self.resolve_at(inner, [rest]) if within else self.resolve(inner)
        return found

    def mentions(self, source: str) -> bool:
        """Whether a model's text speaks of a secret."""
        return _MENTION.search(source) is not None

    def mask(self, text: str) -> str:
        """`text` with every secret hidden, also where it is quoted for a URL or for JSON.

        Values of fewer than four characters stay: hiding every "x" would leave nothing to read.
        """
        return self._shown.sub(MASK, text) if self._shown else text

    def _value_of(self, mention: re.Match[str]) -> str:
        return self._values.get(mention["braced"] or mention["bare"], mention[0])


def _pattern(values: Any) -> re.Pattern[str] | None:
    spellings = {form for value in values if len(value) >= SHORTEST_MASKED for form in _spellings(value)}
    longest_first = sorted(spellings, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _spellings(value: str) -> tuple[str, ...]:
    in_json = (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return value, quote(value, safe=""), quote(value), quote_plus(value), *in_json
