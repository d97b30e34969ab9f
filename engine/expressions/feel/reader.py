"""The only place that walks along FEEL's tokens and decides how many of them make one name (DMN 1.5, 10.3.1.4)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.expressions import ExpressionError
from engine.expressions.feel import tree
from engine.expressions.feel.tokens import Source, Token, is_word, unusual_names

# Names of the standard that hold a reserved word; all others are read by taking words as long as they last.
RESERVED_INSIDE = (
    ("date", "and", "time"),
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
    ("get", "or", "else"),
)

# Names of types that Camunda's documentation used before those of the standard.
OLD_TYPES = (("day", "-", "time", "-", "duration"), ("year", "-", "month", "-", "duration"))


class Reader:
    """A place among the tokens. `known` are the spans (first, after the last, name) that the context has as one name."""

    def __init__(self, source: Source, found: list[Token], known: Iterable[tuple[int, int, str]]):
        self.source = source
        self.found = found
        self.at = 0
        self.depth = 0
        self.ranges = 0
        self.asked = False
        self.token = found[0]
        self.kind = self.token.kind
        self.spans: dict[int, tuple[int, str]] = {}
        self.unusual: dict[str, list[tuple[int, int]]] | None = None
        for start, stop, name in known:
            self.mark(start, stop, name)

    def mark(self, start: int, stop: int, name: str) -> None:
        if stop > self.spans.get(start, (0, ""))[0]:
            self.spans[start] = (stop, name)

    def remember(self, key: str) -> None:
        """A key with unusual characters is one name in what follows it."""
        if key.isidentifier():
            return
        if self.unusual is None:
            self.unusual = unusual_names(self.source, self.found)
        for start, stop in self.unusual.get(key, ()):
            if start >= self.at:
                self.mark(start, stop, key)

    def skip(self, count: int) -> None:
        self.at += count
        self.token = self.found[self.at]
        self.kind = self.token.kind

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.skip(1)
        return token

    def back(self) -> Token:
        return self.found[self.at - 1]

    def following(self, count: int) -> Token:
        return self.found[min(self.at + count, len(self.found) - 1)]

    def accept(self, kind: str) -> bool:
        if self.kind != kind:
            return False
        self.take()
        return True

    def expect(self, kind: str) -> Token:
        if self.kind != kind:
            raise self.surprise(self.token, "the end" if kind == "end" else f"'{kind}'")
        return self.take()

    def expect_word(self, text: str) -> None:
        if self.token.text != text:
            raise self.surprise(self.token, f"'{text}'")
        self.take()

    def surprise(self, token: Token, wanted: str) -> ExpressionError:
        seen = "the expression ends" if token.kind == "end" else f"'{token.text}' stands"
        return self.source.error(f"Expected {wanted}, but {seen} here", token.at)

    # names

    def rest_of_name(self, first: Token) -> str:
        """The whole name that begins with a token just taken."""
        start = self.at - 1
        if start in self.spans:
            stop, name = self.spans[start]
            self.skip(stop - self.at)
            return name
        for words in RESERVED_INSIDE:
            if words[0] == first.text and self.words_ahead(words[1:]):
                self.skip(len(words) - 1)
                return " ".join(words)
        return self.further_words(first.text)

    def words_ahead(self, words: tuple[str, ...]) -> bool:
        return all(self.following(index).text == word for index, word in enumerate(words))

    def further_words(self, name: str) -> str:
        while self.kind == "name":
            name += " " + self.take().text
        return name

    def whole_name(self, token: Token) -> str:
        if token.kind == "quoted":
            return token.text
        if not is_word(token):
            raise self.surprise(token, "a name")
        return self.rest_of_name(token)

    def argument_name(self) -> str | None:
        """The name before the colon of a named argument, None when the argument has none."""
        count = 0
        while is_word(self.following(count)) or self.following(count).kind == "quoted":
            count += 1
        if not count or self.following(count).kind != ":":
            return None
        words = [self.take().text for _ in range(count)]
        self.take()
        return " ".join(words)

    # types

    def type(self) -> tree.TypeNode:
        self.depth += 1
        if self.depth > 100:
            raise self.source.error("The type is nested too deep", self.token.at)
        token = self.take()
        name = self.type_name(token)
        node = self.type_arguments(token, name) if self.accept("<") else tree.TypeNode(token.at, name)
        if name == "function" and self.accept("->"):
            self.type()
        self.depth -= 1
        return node

    def type_name(self, token: Token) -> str:
        for words in OLD_TYPES:
            if words[0] == token.text and self.words_ahead(words[1:]):
                self.skip(len(words) - 1)
                return "".join(words)
        name = token.text if token.kind in ("function", "null") else self.whole_name(token)
        while self.kind == "." and is_word(self.following(1)):
            self.take()
            name += "." + self.take().text
        return name

    def type_arguments(self, token: Token, name: str) -> tree.TypeNode:
        parameters: list[tree.TypeNode] = []
        entries: list[str] = []
        while not self.accept(">"):
            if parameters:
                self.expect(",")
            if name == "context":
                entries.append(self.whole_name(self.take()))
                self.expect(":")
            parameters.append(self.type())
        return tree.TypeNode(token.at, name, tuple(parameters), tuple(entries))
