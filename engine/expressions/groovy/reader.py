"""The only place that steps through Groovy's tokens and decides where the end of a line counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine.expressions import ExpressionError
from engine.expressions.groovy.tokens import Token, broken

DEEPEST = 60


class Reader:
    """A place in the tokens. Inside ( ) and [ ] the ends of lines are passed over; inside { } they count."""

    def __init__(self, source: str, tokens: Sequence[Token]):
        self.source = source
        self._tokens = tokens
        self._at = 0
        self._lines_count = True
        self._depth = 0

    @property
    def next(self) -> Token:
        """The next token, after the ends of lines where these do not count."""
        if not self._lines_count:
            self.skip_lines()
        return self._tokens[self._at]

    def after(self, count: int = 1) -> Token:
        """The token so many places after the next one, the ends of lines left out."""
        at = self._tokens.index(self.next, self._at)
        for _ in range(count):
            at = min(at + 1, len(self._tokens) - 1)
            while self._tokens[at].sort == "line":
                at += 1
        return self._tokens[at]

    def take(self) -> Token:
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def skip_lines(self) -> None:
        while self._tokens[self._at].sort == "line":
            self._at += 1

    def is_sign(self, *signs: str) -> bool:
        return self.next.sort == "sign" and self.next.text in signs

    def is_word(self, *words: str) -> bool:
        return self.next.sort == "name" and self.next.text in words

    def accept(self, *signs: str) -> Token | None:
        return self.take() if self.is_sign(*signs) else None

    def accept_word(self, *words: str) -> Token | None:
        return self.take() if self.is_word(*words) else None

    def accept_after_lines(self, *signs: str) -> Token | None:
        """The sign, even when it stands at the start of a following line; nothing is passed over otherwise."""
        place = self._at
        self.skip_lines()
        if found := self.accept(*signs):
            return found
        self._at = place
        return None

    def accept_word_after_lines(self, *words: str) -> Token | None:
        place = self._at
        self.skip_lines()
        if found := self.accept_word(*words):
            return found
        self._at = place
        return None

    def expect(self, sign: str) -> Token:
        found = self.accept(sign)
        if not found:
            raise self.unexpected(f"'{sign}'")
        return found

    def name(self, wanted: str = "a name") -> Token:
        if self.next.sort != "name":
            raise self.unexpected(wanted)
        return self.take()

    def unexpected(self, wanted: str) -> ExpressionError:
        found = self.next
        shown = found.text if found.sort in ("line", "end") else f"'{found.text}'"
        return self.broken(f"{wanted} was expected here, and {shown} was found", found)

    def broken(self, message: str, token: Token | None = None) -> ExpressionError:
        return broken(message, self.source, (token or self.next).position)

    def place(self) -> int:
        return self._at

    def back_to(self, place: int) -> None:
        self._at = place

    @contextmanager
    def lines(self, count: bool) -> Iterator[None]:
        """Whether the ends of lines count, until the end of the `with`."""
        before, self._lines_count = self._lines_count, count
        try:
            yield
        finally:
            self._lines_count = before

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One more level of nesting. ExpressionError when there are too many."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.broken("The script is nested too deeply here")
        try:
            yield
        finally:
            self._depth -= 1
