"""The only place that says how much work a regular expression can be, so that none is started that could run without end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:[:=!]|P?<\w+>|<[=!]))?)|(?P<close>\))|(?P<choice>\|)"
    r"|(?P<repeat>[*+?]|\{\d+(?:,\d*)?\})[?+]?|(?P<place>[\^$])|(?P<one>.)",
    re.DOTALL,
)
SAMPLE = [chr(code) for code in (*range(0x180), *range(0x400, 0x460))]
MOST_LOOPS = 6
MOST_WAYS = 10**10


@dataclass
class Atom:
    """One character or set of characters, and whether it is repeated or optional."""

    text: str
    repeated: bool = False


@dataclass
class Part:
    """A group, or the whole pattern.

    `loops` counts its open-ended repeats, `ways` how many ways its bounded repeats and choices allow.
    """

    loops: int = 0
    ways: int = 1
    nested: bool = False
    branches: list[list[Atom]] = field(default_factory=lambda: [[]])

    def more(self, loops: int, ways: int) -> None:
        self.loops = min(self.loops + loops, MOST_LOOPS)
        self.ways = min(self.ways * ways, MOST_WAYS)


def cost(pattern: str) -> tuple[int, int]:
    """How many open-ended repeats can multiply each other, and the ways before them. re.error when the work has no bound."""
    stack = [Part()]
    last: Part | None = None
    for token in TOKEN.finditer(pattern):
        if token.lastgroup == "close" and len(stack) > 1:
            last = stack.pop()
            stack[-1].nested = True
            stack[-1].more(last.loops, _ways(last))
            continue
        if token.lastgroup == "repeat":
            _repeat(stack[-1], last, *_bounds(token["repeat"]))
        elif token.lastgroup == "open":
            stack.append(Part())
        elif token.lastgroup == "choice":
            stack[-1].branches.append([])
        elif token.lastgroup != "place":
            stack[-1].branches[-1].append(Atom(token[0]))
        last = None
    return stack[0].loops, _ways(stack[0])


def _ways(part: Part) -> int:
    return part.ways * (1 if _apart(part) else len(part.branches))


def _bounds(written: str) -> tuple[int, int | None]:
    if written in ("*", "+", "?"):
        return int(written == "+"), (1 if written == "?" else None)
    first, comma, last = written[1:-1].partition(",")
    return int(first), (int(last) if last else None if comma else int(first))


def _repeat(around: Part, group: Part | None, least: int, most: int | None) -> None:
    """Count a repeat of the group, or of the atom, before it."""
    if group is None and around.branches[-1]:
        around.branches[-1][-1].repeated = True
    if most is None:
        if group and (group.loops or _ways(group) > 1) and not _delimited(group):
            raise re.error("a repeat with another repeat or a choice inside could run without end; write it more simply")
        around.more(1, 1)
        return
    again = min(most - 1, 40) if group and most else 0
    around.more(group.loops * again if group else 0, (most - least + 1) * (_ways(group) ** again if group else 1))


def _apart(part: Part) -> bool:
    """Whether there is never a choice to take back: no two branches can start with the same character."""
    if len(part.branches) == 1:
        return True
    firsts = [branch[0] for branch in part.branches if branch]
    if part.nested or len(firsts) < len(part.branches) or any(first.repeated for first in firsts):
        return False
    return all(sum(_matches(first, character) for first in firsts) <= 1 for character in SAMPLE)


def _delimited(part: Part) -> bool:
    """Whether the group is one branch that ends or starts with a character that nothing else in it matches: ([a-z]+\\.)+"""
    if part.nested or len(part.branches) > 1 or len(part.branches[0]) < 2:
        return False
    return any(_alone(part.branches[0], edge) for edge in (0, len(part.branches[0]) - 1))


def _alone(atoms: list[Atom], edge: int) -> bool:
    marks = [character for character in SAMPLE if _matches(atoms[edge], character)]
    others = atoms[:edge] + atoms[edge + 1 :]
    return len(marks) == 1 and not atoms[edge].repeated and not any(_matches(other, marks[0]) for other in others)


def _matches(atom: Atom, character: str) -> bool:
    return re.fullmatch(atom.text, character, re.DOTALL) is not None
