"""Where an instance stands, changed by hand: tokens put before or after elements, tokens taken out. The rules are Camunda 7's.

Several instructions are carried out in their order. The scopes around a new token that are not under way begin on the way to it; scopes in
which nothing is left are canceled, too. A token's notes keep, under `into`, what its inside begins with in place of its start event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Element
from engine.bpmn.specs import one_of_each_flow
from engine.bpmn.triggers import CompensateEvent
from engine.errors import RatchetError, Refused
from engine.runtime import loops, stages
from engine.runtime.tokens import RESTING, Token
from engine.runtime.values import from_json, to_json

if TYPE_CHECKING:
    from engine.runtime.run import Run

BEFORE, AFTER, CANCEL = "before", "after", "cancel"
Step = list[Any]  # the elements on the way and the one meant, before or after, variables as JSON


class ModificationRefused(Refused):
    """The instance was not changed: what was asked makes no sense here."""

    def __init__(self, reasons: Sequence[str]):
        super().__init__("Nothing was changed. " + " ".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Instruction:
    """One change.

    kind       `before`, `after`: a token begins at the element or behind it; `cancel`: tokens go
    element    the element; for `cancel` all its tokens are meant
    token      cancel: only this token; else the token of the scope to begin in, where several are under way
    variables  what begins has them for its own; behind an element they go to the scope around
    """

    kind: str
    element: str | None = None
    token: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def begin(run: Run, before: Sequence[str], after: Sequence[str]) -> None:
    """Begin an instance at these elements in place of its start event."""
    asked = [Instruction(BEFORE, id) for id in before] + [Instruction(AFTER, id) for id in after]
    apply(run, asked)


def apply(run: Run, asked: Sequence[Instruction]) -> None:
    """Carry out all instructions, or none. Raises ModificationRefused with every reason that can be seen at once."""
    reasons = [reason for instruction in asked for reason in _objections(run, instruction)]
    if reasons or not asked:
        raise ModificationRefused(reasons or ["There is no instruction. Say what to begin before or after, or what to cancel."])
    left, touched = list[Token](), list[tuple[Token, str]]()
    for instruction in asked:
        if instruction.kind == CANCEL:
            left += _cancel(run, instruction)
        else:
            scope, path = _place(run, instruction)
            _put(run, scope, [path, instruction.kind, to_json(dict(instruction.variables))])
            touched.append((scope, path[0]))
    _let_joins_go(run, touched)
    for scope in left:
        _prune(run, scope)


def put_inside(run: Run, scope: Token, steps: Iterable[Step]) -> None:
    """Begin the inside of a scope as its notes say."""
    steps = list(steps)
    for step in steps:
        _put(run, scope, step)
    _let_joins_go(run, [(scope, path[0]) for path, _, _ in steps])


# What makes no sense


def _objections(run: Run, asked: Instruction) -> list[str]:
    if asked.kind not in _OBJECT:
        return [f"“{asked.kind}” is no instruction; it is one of {', '.join(_OBJECT)}."]
    if asked.kind == CANCEL and asked.token is not None:
        return [] if _by_hand(run.tokens.find(asked.token)) else [f"No token {asked.token} is there to be canceled."]
    element = run.definition.process.elements.get(asked.element or "")
    if element is None:
        return [f"Version {run.definition.version} of “{run.definition.key}” has no element “{asked.element}”."]
    return [f"“{element.id}”: {reason}" for reason in _OBJECT[asked.kind](run, element)]


def _against_before(run: Run, element: Element) -> Iterable[str]:
    if element.kind == "boundaryEvent":
        yield "a boundary event begins only when its event comes; begin after it instead."
    yield from _against_inside(run, element)


def _against_after(run: Run, element: Element) -> Iterable[str]:
    if element.kind == "eventBasedGateway":
        yield "behind an event-based gateway an event decides; begin before that event."
    elif not element.outgoing:
        yield "no flow leads on from it, so nothing can begin after it."
    yield from _against_inside(run, element)


def _against_inside(run: Run, element: Element) -> Iterable[str]:
    for one in (element, *reversed(_around(run, element))):
        starts = [other for other in run.definition.spec.within(one.id) if one.event_driven and isinstance(other.event, CompensateEvent)]
        if one.compensates or any(start.kind == "startEvent" for start in starts):
            yield "it only compensates; it begins when compensation is thrown."
            return


def _against_cancel(run: Run, element: Element) -> Iterable[str]:
    if not _tokens_at(run, element.id):
        yield "no token is there to be canceled."


# Where a token begins


def _place(run: Run, asked: Instruction) -> tuple[Token, list[str]]:
    """The scope under way in which a token begins, and the elements from there to it."""
    element = run.definition.process.elements[asked.element or ""]
    around = _around(run, element)
    scope, depth = _deepest(run, element, around) if asked.token is None else _chosen(run, asked.token, element, around)
    for missing in around[depth:]:
        if missing.loop is not None:
            raise ModificationRefused([
                f"“{element.id}” is inside “{missing.id}”, which is done several times and has no turn under way there; begin before it."
            ])  # fmt: skip
    return scope, [*(missing.id for missing in around[depth:]), element.id]


def _deepest(run: Run, element: Element, around: list[Element]) -> tuple[Token, int]:
    """The one innermost scope under way, and how deep it is."""
    scopes, depth = [run.tokens.task_tree], 0
    for above in around:
        inside = [token for scope in scopes for token in _scopes_in(scope, above.id)]
        if not inside:
            break
        scopes, depth = inside, depth + 1
    if len(scopes) > 1:
        told = ", ".join(scope.id for scope in scopes)
        raise ModificationRefused([f"“{element.id}” can begin in {len(scopes)} scopes; choose one by its token: {told}."])
    return scopes[0], depth


def _chosen(run: Run, token_id: str, element: Element, around: list[Element]) -> tuple[Token, int]:
    """The scope that was chosen; scopes below it begin anew."""
    if token_id == run.instance.id:
        return run.tokens.task_tree, 0
    token, ids = run.tokens.find(token_id), [above.id for above in around]
    if token is None or token.element is None or token.element.id not in ids or not _is_scope(token):
        raise ModificationRefused([f"The token {token_id} is no scope around “{element.id}”."])
    return token, ids.index(token.element.id) + 1


def _scopes_in(scope: Token, element_id: str) -> list[Token]:
    """The scopes of an element that are under way directly in another: for what is done several times, its turns."""
    here = [token for token in scope.inside if token.element.id == element_id and not token.passive]
    turns = [turn for body in here if loops.is_body(body) for turn in body.inside if "turn" in turn.notes]
    return [token for token in (*here, *turns) if _is_scope(token)]


def _is_scope(token: Token) -> bool:
    """Whether the inside of a sub-process has begun, or is about to begin as its notes say."""
    if "into" in token.notes:
        return True
    under_way = token._state == RESTING and token.notes.get("stage") == stages.WORK and "retries" not in token.notes
    return under_way and not loops.is_body(token) and "undoing" not in token.notes


def _around(run: Run, element: Element) -> list[Element]:
    """The sub-processes around an element, the outermost first."""
    found: list[Element] = []
    while element.parent is not None:
        element = run.definition.process.elements[element.parent]
        found.insert(0, element)
    return found


# Tokens put and taken out


def _put(run: Run, scope: Token, step: Step) -> None:
    """Carry out one step in a scope, now or when the scope begins."""
    (first, *rest), how, variables = step
    if "into" in scope.notes:
        scope.notes["into"].append(step)
    elif rest:
        about_to_begin = next((token for token in scope.inside if token.element.id == first and "into" in token.notes), None)
        if about_to_begin is None:
            run.tokens.put(first, scope, into=[[rest, how, variables]])
        else:
            _put(run, about_to_begin, [rest, how, variables])
    else:
        _PUT[how](run, scope, run.definition.process.elements[first], from_json(variables))


def _put_before(run: Run, scope: Token, element: Element, variables: dict[str, Any]) -> None:
    notes: dict[str, Any] = {}
    if element.event_driven:
        notes["via"] = next(one.id for one in run.definition.spec.within(element.id) if one.kind == "startEvent")
    token = run.tokens.put(element.id, scope, **notes)  # at a join it came by no flow and stands for any that is empty
    if variables:
        run.scopes.open(token.id, run.scope_of(token))
    for name, value in variables.items():
        run.scopes.assign_local(token.id, name, value)


def _put_after(run: Run, scope: Token, element: Element, variables: dict[str, Any]) -> None:
    token = run.tokens.place(element.id, scope)
    around = run.scope_of(token)
    for name, value in variables.items():
        run.scopes.assign_local(around, name, value)
    run.scopes.open(token.id, around)
    try:
        stages.leave(run, token)
    except RatchetError as failure:
        raise ModificationRefused([f"“{element.id}”: {failure}"]) from failure
    run.scopes.close(token.id)
    run.tokens.discard(token)
    for flow in token.flows:
        run.moved(token, flow)
        run.tokens.put(flow.target, scope, flow=flow.id)


def _let_joins_go(run: Run, touched: list[tuple[Token, str]]) -> None:
    """A join at which tokens were put goes on when nothing else is under way that could still come to it."""
    for scope, id in dict.fromkeys(touched):
        element = run.definition.process.elements[id]
        waiting = run.tokens.waiting_in(scope, id) if element.kind == "parallelGateway" else []
        if waiting and all(token.passive or token.element is element for token in scope.inside):
            run.tokens.merge(waiting, one_of_each_flow(waiting))


def _tokens_at(run: Run, element_id: str) -> list[Token]:
    """The tokens of an element that can be canceled: of what is done several times, the whole."""
    return [token for token in run.tokens.live() if token.element.id == element_id and _by_hand(token) and "turn" not in token.notes]


def _by_hand(token: Token | None) -> bool:
    """Whether a token may be canceled: one that waits on behalf of another goes with that, one that compensates with what throws."""
    return token is not None and token.scope is not None and not token.passive and "compensates" not in token.notes


def _cancel(run: Run, asked: Instruction) -> list[Token]:
    """Take tokens out; the scopes that they were in."""
    token = run.tokens.find(asked.token) if asked.token is not None else None
    left = []
    for one in [token] if token is not None else _tokens_at(run, asked.element or ""):
        if one.id in run.tokens.tasks:
            left.append(one.scope)
            _take_out(run, one)
    return left


def _take_out(run: Run, token: Token) -> None:
    if "turn" in token.notes:
        loops.turn_canceled(run, token)
    run.tokens.drop(token)


def _prune(run: Run, scope: Token) -> None:
    """A scope in which nothing is left goes, too; in the end the instance itself."""
    while scope.id in run.tokens.tasks and not run.tokens.alive(scope) and "into" not in scope.notes:
        if scope is run.tokens.task_tree:
            if run.instance.parent_id is not None:
                raise ModificationRefused([f"Nothing would be left. Cancel the instance {run.instance.parent_id}, which called this one."])
            run.cancel()
            return
        above = scope.scope
        _take_out(run, scope)
        scope = above


_OBJECT = {BEFORE: _against_before, AFTER: _against_after, CANCEL: _against_cancel}
_PUT = {BEFORE: _put_before, AFTER: _put_after}
