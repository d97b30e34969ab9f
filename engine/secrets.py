"""The only place that holds secret values: it puts them where a model names them, and takes them out of what people read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import Connection

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
    """Secret values by name. Printing it shows the names only.

    values  those that the installation was started with; they go before stored ones of the same name
    stored  gives those that the database has now
    """

    def __init__(self, values: Mapping[str, str] | None = None, stored: Callable[[Connection], Mapping[str, str]] | None = None):
        self._values = self._given = dict(values or {})
        self._stored = stored
        self._ever = set(self._values.values())
        self._shown = _pattern(self._ever)

    def refresh(self, tx: Connection) -> None:
        """Look at what the database has now. What was a secret once stays hidden."""
        values = {**self._stored(tx), **self._given} if self._stored is not None else self._given
        if values != self._values:
            ever = self._ever | set(values.values())
            self._values, self._ever, self._shown = values, ever, _pattern(ever)

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

    def hidden(self, answer: Any, asked: Iterable[Any]) -> Any:
        """`answer` (any JSON value) with the secrets that `asked` names masked: what a statement was given does not come back."""
        mentions = (mention for value in asked for mention in _MENTION.finditer(json.dumps(value, default=str)))
        pattern = _pattern({self._value_of(mention) for mention in mentions})
        return answer if pattern is None else _masked(answer, pattern)

    def mask(self, text: str) -> str:
        """`text` with every secret hidden, also where it is quoted for a URL or for JSON.

        Values of fewer than four characters stay: hiding every "x" would leave nothing to read.
        """
        return self._shown.sub(MASK, text) if self._shown else text

    def _value_of(self, mention: re.Match[str]) -> str:
        return self._values.get(mention["braced"] or mention["bare"], mention[0])


def _masked(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(MASK, value)
    if isinstance(value, Mapping):
        return {key: _masked(item, pattern) for key, item in value.items()}
    return [_masked(item, pattern) for item in value] if isinstance(value, list | tuple) else value


def _pattern(values: Any) -> re.Pattern[str] | None:
    spellings = {form for value in values if len(value) >= SHORTEST_MASKED for form in _spellings(value)}
    longest_first = sorted(spellings, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _spellings(value: str) -> tuple[str, ...]:
    in_json = (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return value, quote(value, safe=""), quote(value), quote_plus(value), *in_json
