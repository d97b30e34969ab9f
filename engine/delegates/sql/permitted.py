"""The only place that says which written statements may run, and what kind each is: reading, writing, or changing tables.

In the engine's own database the tables of ours, the histories and the server's catalogues are out of reach, and so is everything by which
a statement could reach them behind its words: several statements at once, code in other languages, SQL in texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.wording import Piece

# By the whole text, quotes and comments included: no reading of ours then stands between a name and its refusal.
_OURS = re.compile(r"(?<![\w$])(?:ratchet_)[\w$]*", re.ASCII | re.IGNORECASE)
_OWN = re.compile(
    r"(?<![\w$])(?:(?:ratchet_|procrastinate_|alembic_|sqlite_|pragma_|pg_)[\w$]*|information_schema(?![\w$])|[\w$]*_hst(?![\w$]))",
    re.ASCII | re.IGNORECASE,
)
_REACHING = re.compile(
    r"(?:(?:query|table|schema|database|cursor)_to_xml\w*|dblink\w*|lo_\w+|loread|lowrite|set_config|load_extension|readfile|writefile|edit"
    r"|fts3_tokenizer|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)",
    re.IGNORECASE,
)
_IN_OWN = {
    "select", "with", "values", "insert", "update", "delete", "merge", "replace", "truncate",
    *(f"{verb} {what}" for verb in ("create", "alter", "drop") for what in ("table", "index", "view", "sequence", "materialized view")),
    "create unique index", "create or replace view", "create unlogged table",
}  # fmt: skip
_TRANSACTION = {"commit", "rollback", "savepoint", "abort", "release", "prepare transaction", "start transaction", "set transaction", "end"}
_BEGINNINGS = {"transaction", "work", "tran", "immediate", "exclusive", "deferred"}
_READING = {"select", "with", "values", "show", "explain", "describe", "desc", "table"}
_CHANGING = {"insert", "update", "delete", "merge", "replace", "into"}
_BY_ITSELF = {"create", "alter", "drop", "truncate", "rename", "grant", "revoke", "comment", "analyze", "optimize", "lock", "flush"}


@dataclass(frozen=True)
class Kind:
    """What a statement does: `reads` and nothing else; `by_itself`: commits on its own where tables cannot be changed in a transaction."""

    reads: bool
    by_itself: bool


def _kind(statement: Sequence[Piece]) -> Kind:
    words = [piece.text.lower() for piece in statement if piece.kind == "word"]
    first = words[0] if words else ""
    return Kind(first in _READING and not _CHANGING & set(words), first in _BY_ITSELF)


def permit(statement: Sequence[Piece], text: str, own: bool) -> Kind:
    """What a statement does. What may not run is refused; `own` says that it is the engine's own database. ConnectorError."""
    parts = _parts(statement)
    if not parts:
        raise ConnectorError("The statement is empty.", "InvalidInput")
    named = (_OWN if own else _OURS).search(text)
    if named:
        raise _forbidden(f"“{named[0]}” belongs to the engine: statements work on the registry's tables only. Bind it where it is a value")
    for part in parts:
        _permit_transaction(part)
    if own:
        _permit_in_own(parts, text)
    return _kind(statement)


def _permit_transaction(words: list[str]) -> None:
    begins = words[0] == "begin" and (len(words) == 1 or words[1] in _BEGINNINGS)
    if begins or words[0] in _TRANSACTION or " ".join(words[:2]) in _TRANSACTION:
        raise _forbidden(f"{words[0].upper()} is refused: the step itself begins and ends the transaction")


def _permit_in_own(parts: list[list[str]], text: str) -> None:
    if len(parts) > 1:
        raise _forbidden("These are several statements: give each a task of its own")
    words = [word for word in parts[0] if word != "("]
    starts = {" ".join(words[:count]) for count in (1, 2, 3, 4)}
    shadows = re.search(r"\binto (?:local |global )?temp", " ".join(words))
    if not starts & _IN_OWN or shadows:
        raise _forbidden(f"“{' '.join(words[:2]).upper()}” cannot run in the engine's own database; only queries, changes and tables can")
    called = [word for word, after in zip(parts[0], parts[0][1:], strict=False) if after == "(" and _REACHING.fullmatch(word)]
    if called or re.search(r"[uU]&[\"']", text):
        raise _forbidden(f"{called[0] if called else 'U&'} is refused, since what it reaches cannot be seen in the statement")


def _parts(statement: Sequence[Piece]) -> list[list[str]]:
    """The words and opening brackets of each statement between semicolons, in lower case; quoted names without their quotes."""
    parts: list[list[str]] = [[]]
    for piece in statement:
        if piece.kind == "sign" and piece.text == ";":
            parts.append([])
        elif piece.kind in ("word", "quoted") or piece.text == "(":
            parts[-1].append(piece.text.strip('"`[]').lower())
    return [part for part in parts if part]


def _forbidden(told: str) -> ConnectorError:
    return ConnectorError(f"{told}.", "Forbidden")
