"""The only place that reads Groovy's types: String, java.util.List<Map<String, Object>>, int[]."""

from __future__ import annotations

from engine.expressions.exposed import names
from engine.expressions.groovy.reader import Reader
from engine.expressions.groovy.tokens import Token

PRIMITIVES = names("boolean byte char short int long float double void")
KEYWORDS = names(
    "as assert break case catch class continue def default do else enum extends false final finally for goto if implements import in "
    "instanceof interface native new null package private protected public return static super switch synchronized this throw throws "
    "trait transient true try volatile while"
)


def looks_like_type(token: Token) -> bool:
    """Whether a name can be a type's: a primitive, or with a capital at its start."""
    return token.sort == "name" and (token.text in PRIMITIVES or token.text[:1].isupper())


class Types(Reader):
    """Reads types. A type is given as its last name, with [] for an array: "String", "List", "int[]"."""

    def type(self) -> str:
        """The type that stands here. ExpressionError when there is none."""
        found = self.maybe_type()
        if not found:
            raise self.unexpected("a type")
        return found

    def maybe_type(self) -> str:
        """The type that stands here, or "" and nothing taken."""
        place = self.place()
        if self.next.sort != "name" or self.next.text in KEYWORDS:
            return ""
        name = self.take().text
        while self.is_sign(".") and self.after().sort == "name":
            self.take()
            name = self.take().text
        if not looks_like_type(Token("name", name, 0)) or not self._parameters():
            self.back_to(place)
            return ""
        return name + self._brackets()

    def _parameters(self) -> bool:
        """Pass over <...>; whether it was whole, or not there at all."""
        if not self.accept("<"):
            return True
        while not self.accept(">"):
            self.accept("?")
            self.accept_word("extends", "super")
            if not (self.maybe_type() or self.is_sign(">", ",")):
                return False
            if not self.is_sign(">") and not self.accept(","):
                return False
        return True

    def _brackets(self) -> str:
        if self.is_sign("[") and self.after().text == "]" and self.after().sort == "sign":
            self.take()
            self.take()
            return "[]"
        return ""

    def types_between(self, sign: str) -> tuple[str, ...]:
        """One type or several with `sign` between them."""
        found = [self.type()]
        while self.accept(sign):
            found.append(self.type())
        return tuple(found)
