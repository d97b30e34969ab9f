"""The only place that reads the SQL fragments that a model may write: data types, column constraints and check expressions.

Nothing of a fragment reaches a database as it came: it is read by the small grammar below and written anew, and what the grammar does
not know is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.names import Names

LONGEST = 2000
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|'')*')|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d][\w$]*)|(?P<sign><=|>=|<>|!=|::|\|\||[-+*/%=<>(),.\[\]]))"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TYPE_WORDS = _words(
    """bigint bigserial binary bit blob bool boolean bpchar byte bytea char character cidr clob date datetime datetime2 datetimeoffset day
    dec decimal double enum float float4 float8 image inet int int2 int4 int8 integer interval json jsonb large local long longblob longtext
    macaddr max mediumblob mediumint mediumtext minute money month national nchar nclob ntext number numeric nvarchar nvarchar2 object
    precision raw real rowversion second serial serial2 serial4 serial8 set smalldatetime smallint smallmoney smallserial text time
    timestamp timestamptz timetz tinyblob tinyint tinytext to unsigned uniqueidentifier uuid varbinary varbit varchar varchar2 varying with
    without xml year zerofill zone"""
)
_VALUES = _words(
    """current_date current_time current_timestamp false getdate getutcdate localtime localtimestamp now null sysdate systimestamp true"""
)
_FUNCTIONS = _words(
    """abs ceil ceiling char_length character_length coalesce datalength floor gen_random_uuid getdate getutcdate len length lower ltrim mod
    newid now nullif octet_length round rtrim substr substring trim upper uuid"""
)
_LOGIC = _words("and or not in is between like null true false case when then else end")
_FORBIDDEN = _words("select insert update delete from union exec execute call into copy")
_CLOSE_BEFORE = frozenset("()[],.")
_CLOSE_AFTER = frozenset(("", "(", "[", "."))
_ACTIONS = ("no action", "restrict", "cascade", "set null", "set default")


class Fragment:
    """The words of one fragment, read from left to right."""

    def __init__(self, text: Any, what: str, names: Names):
        self.text = str(text).strip()
        self.what = what
        self.names = names
        self.tokens = _tokens(self.text, what)
        self.at = 0

    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self) -> str:
        """The next token in lower case; empty at the end."""
        return "" if self.done() else self.tokens[self.at].lower()

    def take(self) -> str:
        if self.done():
            raise self.refusal()
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self, phrase: str) -> bool:
        """Pass over these words when they come next; whether they did."""
        words = phrase.split()
        if [token.lower() for token in self.tokens[self.at : self.at + len(words)]] != words:
            return False
        self.at += len(words)
        return True

    def expect(self, sign: str) -> str:
        if self.peek() != sign:
            raise self.refusal()
        return self.take()

    def name(self) -> str:
        return self.names.quoted(self.names.column(self.take()))

    def table(self) -> str:
        parts = [self.take()]
        while self.peek() == ".":
            parts += [self.take(), self.take()]
        return self.names.relation("".join(parts)).text

    def refusal(self) -> ConnectorError:
        place = f"at '{self.tokens[self.at]}'" if not self.done() else "at its end"
        problem = f"{self.what} {self.text[:200]!r} is not understood {place}."
        return ConnectorError(f"{problem} Write it in plain SQL, without sub-queries.", "InvalidInput")


def data_type(text: Any, names: Names) -> str:
    """A data type such as `varchar(50)`, `numeric(10, 2)`, `timestamp with time zone` or `int[]`."""
    fragment = Fragment(text, "dataType", names)
    return _written(fragment, _type_token)


def constraints(text: Any, names: Names) -> str:
    """Column constraints in a row: NOT NULL, UNIQUE, PRIMARY KEY, DEFAULT, CHECK, REFERENCES, identity columns."""
    fragment = Fragment(text, "constraint", names)
    written = []
    while not fragment.done():
        written.append(_constraint(fragment))
    return " ".join(written)


def check(text: Any, names: Names) -> str:
    """A condition over a row's own columns, such as `share > 0 and share <= 100`."""
    fragment = Fragment(text, "definition", names)
    return _written(fragment, _expression_token)


def column_list(text: Any, names: Names) -> str:
    """Column names with commas between them."""
    fragment = Fragment(text, "definition", names)
    return _whole(fragment, _columns(fragment))


def foreign_key(text: Any, names: Names) -> str:
    """`(columns) REFERENCES table (columns)`, with ON DELETE and ON UPDATE when wanted."""
    fragment = Fragment(text, "definition", names)
    fragment.expect("(")
    columns = _columns(fragment)
    fragment.expect(")")
    if not fragment.skip("references"):
        raise fragment.refusal()
    return _whole(fragment, f"({columns}) {_references(fragment)}")


def default_for(text: Any, names: Names) -> str:
    """`value FOR column`, which is how SQL Server names a default."""
    fragment = Fragment(text, "definition", names)
    value = _default(fragment)
    if not fragment.skip("for"):
        raise fragment.refusal()
    return _whole(fragment, f"{value} FOR {fragment.name()}")


def _tokens(text: str, what: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or len(text) > LONGEST:
            raise ConnectorError(f"{what} {text[:200]!r} is not understood at {text[at : at + 10]!r}.", "InvalidInput")
        found.append(token[0].strip())
        at = token.end()
    return found


def _whole(fragment: Fragment, written: str) -> str:
    if not fragment.done():
        raise fragment.refusal()
    return written


def _written(fragment: Fragment, token: Callable[[Fragment, int], str]) -> str:
    if fragment.done():
        raise fragment.refusal()
    written, depth = [], 0
    while not fragment.done():
        depth += {"(": 1, ")": -1}.get(fragment.peek(), 0)
        if depth < 0:
            raise fragment.refusal()
        written.append(token(fragment, depth))
    if depth:
        raise fragment.refusal()
    return _joined(written)


def _joined(tokens: list[str]) -> str:
    """The tokens as SQL. No space before a bracket: MySQL wants it right after the name of a function."""
    written = ""
    for token in tokens:
        close = token in _CLOSE_BEFORE or written[-1:] in _CLOSE_AFTER
        written += token if close else f" {token}"
    return written


def _type_token(fragment: Fragment, depth: int) -> str:
    token = fragment.peek()
    inside = depth > 0 and (token.isdecimal() or token[0] == "'" or token == ",")
    if not (inside or token in _TYPE_WORDS or token in "()[]" or (token.isdecimal() and fragment.tokens[fragment.at - 1] == "[")):
        raise fragment.refusal()
    return fragment.take()


def _expression_token(fragment: Fragment, depth: int) -> str:
    token = fragment.take()
    word, called = token.lower(), fragment.peek() == "("
    # A comma outside brackets would begin the next change of an ALTER TABLE.
    if (token == "," and depth == 0) or word in _FORBIDDEN or (called and _is_word(token) and word not in _FUNCTIONS | _LOGIC):
        fragment.at -= 1
        raise fragment.refusal()
    if called or not _is_word(token) or word in _LOGIC | _VALUES | _TYPE_WORDS:
        return token
    return fragment.names.quoted(fragment.names.column(token))


def _is_word(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"


def _constraint(fragment: Fragment) -> str:
    for phrase, read in _CONSTRAINTS.items():
        if fragment.skip(phrase):
            return f"{phrase.upper()} {read(fragment)}".rstrip()
    raise fragment.refusal()


def _nothing(_fragment: Fragment) -> str:
    return ""


def _default(fragment: Fragment) -> str:
    sign = fragment.take() if fragment.peek() in ("-", "+") else ""
    token = fragment.take()
    word = token.lower()
    if token[0] == "'" or token[0].isdecimal() or (not sign and word in _VALUES | _FUNCTIONS):
        return sign + token + ("()" if fragment.skip("( )") else "")
    fragment.at -= 1
    raise fragment.refusal()


def _in_brackets(fragment: Fragment) -> str:
    fragment.expect("(")
    written, depth = ["("], 1
    while depth:
        depth += {"(": 1, ")": -1}.get(fragment.peek(), 0)
        written.append(_expression_token(fragment, depth))
    return _joined(written)


def _references(fragment: Fragment) -> str:
    written = f"REFERENCES {fragment.table()}"
    if fragment.skip("("):
        written += f" ({_columns(fragment)})"
        fragment.expect(")")
    for event in ("on delete", "on update", "on delete"):
        if fragment.skip(event):
            written += f" {event.upper()} {_action(fragment)}"
    return written


def _action(fragment: Fragment) -> str:
    for action in _ACTIONS:
        if fragment.skip(action):
            return action.upper()
    raise fragment.refusal()


def _columns(fragment: Fragment) -> str:
    names = [fragment.name()]
    while fragment.skip(","):
        names.append(fragment.name())
    return ", ".join(names)


def _step(fragment: Fragment) -> str:
    if not fragment.skip("("):
        return ""
    start, _, step, _ = fragment.take(), fragment.expect(","), fragment.take(), fragment.expect(")")
    if not (start.isdecimal() and step.isdecimal()):
        raise fragment.refusal()
    return f"({start}, {step})"


def _named(fragment: Fragment) -> str:
    return f"{fragment.name()} {_constraint(fragment)}"


_CONSTRAINTS: dict[str, Callable[[Fragment], str]] = {
    "not null": _nothing,
    "null": _nothing,
    "unique": _nothing,
    "primary key": _nothing,
    "auto_increment": _nothing,
    "autoincrement": _nothing,
    "generated always as identity": _nothing,
    "generated by default as identity": _nothing,
    "identity": _step,
    "default": _default,
    "check": _in_brackets,
    "references": lambda fragment: _references(fragment).removeprefix("REFERENCES "),
    "constraint": _named,
}
