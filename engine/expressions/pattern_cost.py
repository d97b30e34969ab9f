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
MOST_WAYS = 1_000_000


@dataclass
class Part:
    """A group or the whole pattern. `loops`: open-ended repeats; `ways`: how many ways bounded ones and choices allow; `branches`: atoms."""

    loops: int = 0
    ways: int = 1
    nested: bool = False
    branches: list[list[str]] = field(default_factory=lambda: [[]])

    def take(self, inner: Part) -> None:
        self.loops = min(self.loops + inner.loops, MOST_LOOPS)
        self.ways = min(self.ways * inner.ways, MOST_WAYS)
        self.nested = True

    @property
    def choices(self) -> bool:
        return len(self.branches) > 1


def cost(pattern: str) -> tuple[int, int]:
    """How often the length of a text multiplies the work at most, and the factor before it. re.error when there is no bound."""
    stack = [Part()]
    last: Part | None = None
    for token in TOKEN.finditer(pattern):
        sort = token.lastgroup
        if sort == "open":
            stack.append(Part())
        elif sort == "close" and len(stack) > 1:
            last = stack.pop()
            stack[-1].take(_closed(last))
            continue
        elif sort == "choice":
            stack[-1].branches.append([])
        elif sort == "repeat":
            _repeat(stack[-1], last, *_bounds(token["repeat"]))
        elif sort != "place":
            stack[-1].branches[-1].append(token[0])
        last = None
    return stack[0].loops, stack[0].ways * (len(stack[0].branches))


def _closed(part: Part) -> Part:
    return Part(part.loops, part.ways * (1 if _apart(part) else len(part.branches)))


def _bounds(written: str) -> tuple[int, int | None]:
    if written in "*+?":
        return (1 if written == "+" else 0), (1 if written == "?" else None)
    first, comma, last = written[1:-1].partition(",")
    return int(first), (int(last) if last else None if comma else int(first))


def _repeat(around: Part, group: Part | None, least: int, most: int | None) -> None:
    """Count a repeat of the atom or group before it."""
    if most is None:
        if group and (group.loops or group.ways > 1 or group.choices) and not (_delimited(group) or (_apart(group) and not group.loops)):
            raise re.error("a repeat with another repeat or a choice inside could run without end; write it more simply")
        around.loops = min(around.loops + 1, MOST_LOOPS)
        return
    times = most - least + 1
    for _ in range(min(most - 1, 20) if group else 0):
        around.take(_closed(group or Part()))
    around.ways = min(around.ways * times, MOST_WAYS)


def _apart(part: Part) -> bool:
    """Whether no two branches can start with the same character, so that there is never a choice to take back."""
    firsts = [branch[0] for branch in part.branches if branch]
    if part.nested or part.loops or len(firsts) < len(part.branches):
        return not part.choices
    return all(sum(_matches(first, character) for first in firsts) <= 1 for character in SAMPLE)


def _delimited(part: Part) -> bool:
    """Whether the group is one branch that ends or starts with a character that nothing else in it matches: ([a-z]+\\.)+"""
    if part.nested or part.choices or len(part.branches[0]) < 2:
        return False
    atoms = part.branches[0]
    return any(_alone(atoms, edge) for edge in (0, len(atoms) - 1))


def _alone(atoms: list[str], edge: int) -> bool:
    mark = [character for character in SAMPLE if _matches(atoms[edge], character)]
    others = atoms[:edge] + atoms[edge + 1 :]
    return len(mark) == 1 and not any(_matches(other, mark[0]) for other in others)


def _matches(atom: str, character: str) -> bool:
    return re.fullmatch(atom, character, re.DOTALL) is not None
