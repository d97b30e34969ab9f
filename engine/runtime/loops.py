"""Activities done several times. A body stands at the activity and holds one token for each turn; its scope has what all turns share.

The items of a collection are read once and kept with the body's variables under a name that no model can use. Camunda 7's counters are
variables of the body; those of Camunda 8 exist for the completion condition only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import MultiInstance, StandardLoop
from engine.bpmn.values import Expression, Value
from engine.errors import RatchetError
from engine.expressions.spin import JsonNode
from engine.runtime import events, stages
from engine.runtime.evaluate import raw
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run

ITEMS = "(items)"
VARIABLE = re.compile(r"\s*([^\W\d]\w*)(\s*\.\s*[^\W\d]\w*)*\s*")
MAX_TURNS = 100_000


class NotACollection(RatchetError):
    """A multi-instance activity needs a list to go through, or a number of times."""


def is_body(token: Token) -> bool:
    return token.element is not None and token.element.loop is not None and "turn" not in token.notes


def begin(run: Run, body: Token) -> bool:
    """Open the body and start its first turn, or all of them; True when there is none."""
    loop = body.element.loop
    run.scopes.open(body.id, run.scope_of(body))
    events.watch_edge(run, body)
    body.notes["done"] = 0
    if isinstance(loop, StandardLoop):
        return not (not loop.test_before or _goes_on(run, body, loop)) or _start(run, body, 0)
    assert isinstance(loop, MultiInstance)
    total = body.notes["total"] = _read_items(run, body, loop)
    if loop.output:
        run.scopes.assign_local(body.id, loop.output, [None] * total)
    _count(run, body, 0)
    if total == 0:
        run.enter(body, "multiInstanceBody")
        _hand_over(run, body, loop)
        return True
    for turn in range(1 if loop.sequential else total):
        _start(run, body, turn)
    return False


def begin_turn(run: Run, token: Token) -> None:
    """The variables of one turn."""
    loop, turn, body = token.element.loop, token.notes["turn"], token.scope
    first = loop.counts_from if isinstance(loop, MultiInstance) else 0
    run.scopes.assign_local(token.id, "loopCounter", first + turn)
    if not isinstance(loop, MultiInstance):
        return
    if loop.item and loop.collection is not None:
        run.scopes.assign_local(token.id, loop.item, run.scopes.get(body.id, ITEMS)[turn])
    own = _variable_of(loop.output_item)
    if own is not None and run.scopes.owner(token.id, own) != token.id:
        run.scopes.assign_local(token.id, own, None)  # each turn has its own, so that none overwrites another's


def _variable_of(output: Value | None) -> str | None:
    """The variable that an output element reads, where it is nothing but a variable or a part of one."""
    found = VARIABLE.fullmatch(output.source) if isinstance(output, Expression) and output.language in {"feel", "variable"} else None
    return found[1] if found and found[1] not in {"null", "true", "false"} else None


def end_turn(run: Run, token: Token) -> None:
    """Keep what the turn gave, and end all others when the completion condition holds."""
    loop, body = token.element.loop, token.scope
    done = body.notes["done"] + 1  # kept once nothing can fail any more, since a failed turn ends once again
    enough = isinstance(loop, MultiInstance) and _end_instance(run, token, loop, done)
    body.notes["done"] = done
    if enough:
        body.notes["total"] = done
        for other in body.inside:
            if other is not token:
                run.tokens.drop(other)


def _end_instance(run: Run, token: Token, loop: MultiInstance, done: int) -> bool:
    """Keep what a turn of a multi-instance gave; whether the completion condition holds."""
    body = token.scope
    if loop.output and loop.output_item is not None:
        kept = list(run.scopes.get(body.id, loop.output))
        kept[token.notes["turn"]] = raw(run.script(token).value(loop.output_item))
        run.scopes.assign_local(body.id, loop.output, kept)
    _count(run, body, done)
    return loop.condition is not None and _is_enough(run, token, loop.condition, done)


def turn_canceled(run: Run, token: Token) -> None:
    """A turn is taken out by hand: there is one less."""
    loop, body = token.element.loop, token.scope
    if isinstance(loop, MultiInstance) and not loop.sequential:
        body.notes["total"] -= 1
        _count(run, body, body.notes["done"])


def turn_over(run: Run, body: Token) -> None:
    """No turn is going: start the next, or end the body."""
    loop, done = body.element.loop, body.notes["done"]
    going = _goes_on(run, body, loop) if isinstance(loop, StandardLoop) else done < body.notes["total"]
    if going:
        _start(run, body, done)
        return
    if isinstance(loop, MultiInstance):
        _hand_over(run, body, loop)
    stages.resume(run, body, {})


def _start(run: Run, body: Token, turn: int) -> bool:
    run.tokens.put(body.element.id, body, turn=turn)
    return False


def _goes_on(run: Run, body: Token, loop: StandardLoop) -> bool:
    script, done = run.script(body), body.notes["done"]
    most = script.value(loop.maximum) if loop.maximum is not None else None
    if most is not None and done >= int(str(raw(most))):
        return False
    if loop.condition is None:
        return most is not None
    run.scopes.assign_local(body.id, "loopCounter", done)
    return raw(script.value(loop.condition)) is True


def _read_items(run: Run, body: Token, loop: MultiInstance) -> int:
    """How many turns there will be; the items are kept."""
    script, items = run.script(body), None
    if loop.collection is not None:
        items = _listed(raw(script.value(loop.collection)), run, body)
        run.scopes.assign_local(body.id, ITEMS, items)
    total = len(items) if items is not None else 0
    if loop.cardinality is not None:
        total = _whole(raw(script.value(loop.cardinality)), body)
        total = total if items is None else min(total, len(items))
    if total > MAX_TURNS:
        raise NotACollection(f"“{body.element.name}” would be done {total} times; Ratchet does at most {MAX_TURNS}.")
    return total


def _listed(found: Any, run: Run, body: Token) -> list[Any]:
    if isinstance(found, str) and run.scopes.owner(body.id, found) is not None:
        found = run.scopes.get(body.id, found)  # an expression may give the variable's name
    if isinstance(found, JsonNode) and isinstance(found.data, list):
        return list(found.elements())
    if isinstance(found, (list, tuple, set, frozenset)):
        return list(found)
    raise NotACollection(f"“{body.element.name}” needs a list to go through; its collection is {type(found).__name__} {str(found)[:80]!r}.")


def _whole(found: Any, body: Token) -> int:
    try:
        number = int(str(found).removesuffix(".0"))
    except ValueError as wrong:
        raise NotACollection(f"“{body.element.name}” needs a whole number of times, not {str(found)[:80]!r}.") from wrong
    if number < 0:
        raise NotACollection(f"“{body.element.name}” cannot be done {number} times.")
    return number


def _is_enough(run: Run, token: Token, condition: Expression, done: int) -> bool:
    with _counters(run, token.scope, done):
        return run.script(token).condition(condition)


@contextmanager
def _counters(run: Run, body: Token, done: int) -> Iterator[None]:
    """Camunda 8's counters, which are no variables, for as long as the condition is looked at."""
    if run.definition.process.dialect == "camunda":
        yield
        return
    total, active, done = _counts(body, done)
    counters = {
        "numberOfInstances": total, "numberOfActiveInstances": active, "numberOfCompletedInstances": done, "numberOfTerminatedInstances": 0,
    }  # fmt: skip
    for name, value in counters.items():
        run.scopes.assign_local(body.id, name, value)
    try:
        yield
    finally:
        for name in counters:
            run.scopes.remove(body.id, name)


def _count(run: Run, body: Token, done: int) -> None:
    """The counters of Camunda 7."""
    if run.definition.process.dialect == "camunda":
        for name, value in zip(("nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"), _counts(body, done), strict=True):
            run.scopes.assign_local(body.id, name, value)


def _counts(body: Token, done: int) -> tuple[int, int, int]:
    """How many turns there are, are going and are done."""
    total = body.notes["total"]
    sequential = isinstance(body.element.loop, MultiInstance) and body.element.loop.sequential
    return total, min(1, total - done) if sequential else total - done, done


def _hand_over(run: Run, body: Token, loop: MultiInstance) -> None:
    """The output collection goes to the scope around."""
    if loop.output:
        run.scopes.assign(run.scope_of(body), loop.output, run.scopes.get(body.id, loop.output))

