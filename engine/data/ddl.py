"""The only place that takes the text of a `tables.sql` apart.

It finds where statements begin and end, and lets through only what a registry may contain: `CREATE TABLE` and `CREATE INDEX`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from engine.db import OWN_PREFIX
from engine.errors import DeploymentRefused, Problem

HISTORY_SUFFIX = "_hst"

TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+|\s+|.", re.S)
_NAME = r'("(?:[^"]|"")+"|[A-Za-z_]\w*)'
_TABLE = re.compile(rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*\(", re.I)
_INDEX = re.compile(rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s+ON\s+{_NAME}\s*(?:USING\s+\w+\s*)?\(", re.I)
_CREATE = re.compile(r"(CREATE\s+TABLE|CREATE\s+(?:UNIQUE\s+)?INDEX)\s+(?:IF\s+NOT\s+EXISTS\s+)?", re.I)
_BEFORE_TABLE = {"EXISTS", "ON", "REFERENCES"}
_RESERVED = re.compile(rf"({OWN_PREFIX}|procrastinate_|sqlite_|pg_)\w*", re.I)
_ALLOWED = "A tables.sql may only contain CREATE TABLE and CREATE INDEX statements and comments"


@dataclass(frozen=True)
class Statement:
    """One statement: what it creates ("table" or "index"), under which name, its text without comments, and the line where it begins."""

    creates: str
    name: str
    text: str
    line: int

    def text_for(self, tables: Collection[str], quote: Callable[[str], str]) -> str:
        """The text to execute: `IF NOT EXISTS`, and each of `tables` (lower case) quoted where it is named, so that it may be a keyword."""
        text = _CREATE.sub(lambda found: f"{found[1]} IF NOT EXISTS ", self.text, count=1)
        return "".join(quote(token) if before in _BEFORE_TABLE and token.lower() in tables else token for before, token in _pairs(text))


def statements(sql: str, file: str = "tables.sql") -> list[Statement]:
    """The statements of a tables.sql in their order; `DeploymentRefused` names the line of everything that does not belong there."""
    problems: list[Problem] = []
    found = []
    for line, text in _split(sql):
        try:
            found.append(_statement(text, line))
        except ValueError as error:
            problems.append(Problem(file, line, None, str(error)))
    if problems:
        raise DeploymentRefused(problems)
    return found


def _split(sql: str) -> list[tuple[int, str]]:
    """Statements with the line where each begins; comments become a blank, `;` inside quotes or comments ends nothing."""
    found, current, line = [], "", 1
    for token in TOKEN.findall(sql):
        if token == ";":
            found.append((line - current.lstrip().count("\n"), current.strip()))
            current = ""
        else:
            current += " " + "\n" * token.count("\n") if token.startswith(("--", "/*")) else token
        line += token.count("\n")
    found.append((line - current.lstrip().count("\n"), current.strip()))
    return [(at, text) for at, text in found if text]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Every token with the word before it in upper case."""
    before = ""
    for token in TOKEN.findall(text):
        yield before, token
        before = before if token.isspace() else token.upper()


def _statement(text: str, line: int) -> Statement:
    for creates, pattern in (("table", _TABLE), ("index", _INDEX)):
        if found := pattern.match(text):
            _check_names(text)
            return Statement(creates, plain(found[1]), text, line)
    raise ValueError(f"{_ALLOWED}, with a plain name and a list of columns; this begins with {text[:40]!r}.")


def _check_names(text: str) -> None:
    for token in TOKEN.findall(text):
        name = plain(token)
        if _RESERVED.fullmatch(name) and not token.startswith("'"):
            raise ValueError(f"{name} is a reserved name: {OWN_PREFIX}…, procrastinate_…, sqlite_… and pg_… do not belong to the registry.")
    if (table := _TABLE.match(text)) and plain(table[1]).lower().endswith(HISTORY_SUFFIX):
        raise ValueError(f"{plain(table[1])} is a reserved name: the history tables, …{HISTORY_SUFFIX}, are created by Ratchet.")


def plain(name: str) -> str:
    """A name without the quotes around it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
