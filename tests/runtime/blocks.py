"""Random block-structured processes, each with the number of times that each of its elements must be visited."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from tests.models import END, START, feel_script, flow, line, user, zeebe

ERROR = '<bpmn:error id="{0}" name="{0}" errorCode="{0}"/>'
ESCALATION = '<bpmn:escalation id="{0}" name="{0}" escalationCode="{0}"/>'
SIGNAL = '<bpmn:signal id="{0}" name="{0}"/>'
TIMER = '<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'


@dataclass
class Made:
    """A process as it grows. `counts` is how often each element must have been reached in the end, canceled or not."""

    random: Random
    counts: Counter[str] = field(default_factory=Counter)
    roots: list[str] = field(default_factory=list)
    counters: list[str] = field(default_factory=list)
    used: int = 0

    def name(self, kind: str) -> str:
        self.used += 1
        return f"{kind}{self.used}"

    def root(self, text: str, name: str) -> str:
        self.roots.append(text.format(name))
        return name

    def met(self, times: int, *ids: str) -> None:
        for id in ids:
            self.counts[id] += times


@dataclass(frozen=True)
class Block:
    """A piece of a process that one token enters at `first` and one leaves at `last`."""

    xml: str
    first: str
    last: str


@dataclass(frozen=True)
class Where:
    """How deep a block stands, how often it is reached, and whether several of it go on at the same time."""

    depth: int
    times: int = 1
    shared: bool = False

    def inside(self, times: int = 1, shared: bool = False) -> Where:
        return Where(self.depth - 1, self.times * times, self.shared or shared)


def process(seed: int) -> tuple[bytes, Counter[str]]:
    """A model and its expected visits."""
    made = Made(Random(seed))
    body = block(made, Where(made.random.randint(1, 4)))
    variables = "".join(f'<zeebe:output source="=0" target="{one}"/>' for one in made.counters)
    start = START.replace("/>", f"><bpmn:extensionElements><zeebe:ioMapping>{variables}</zeebe:ioMapping></bpmn:extensionElements></bpmn:startEvent>")
    made.met(1, "start", "end")
    xml = (start if made.counters else START) + body.xml + END + line("start", body.first) + line(body.last, "end")
    return zeebe(xml, messages="".join(made.roots)), made.counts


def block(made: Made, where: Where) -> Block:
    kinds = LEAVES if where.depth <= 0 or where.times > 60 else BLOCKS
    return made.random.choice(kinds)(made, where)


def _task(made: Made, where: Where) -> Block:
    id = made.name("task")
    made.met(where.times, id)
    return Block(f'<bpmn:task id="{id}"/>', id, id)


def _user(made: Made, where: Where) -> Block:
    id = made.name("user")
    made.met(where.times, id)
    return Block(user(id) + _idle_events(made, id), id, id)


def _idle_events(made: Made, host: str) -> str:
    """Events on the edge that never come, and must leave nothing behind."""
    if made.random.random() < 0.6:
        return ""
    signal, kept = made.name("idle"), made.random.choice(["true", "false"])
    definition = made.random.choice([TIMER, f'<bpmn:signalEventDefinition signalRef="{made.root(SIGNAL, signal)}"/>'])
    return _edge(f"{signal}_edge", host, definition, kept) + f'<bpmn:endEvent id="{signal}_fin"/>' + line(f"{signal}_edge", f"{signal}_fin")


def _edge(id: str, host: str, definition: str, interrupting: str = "true") -> str:
    return f'<bpmn:boundaryEvent id="{id}" attachedToRef="{host}" cancelActivity="{interrupting}">{definition}</bpmn:boundaryEvent>'


def _sequence(made: Made, where: Where) -> Block:
    parts = [block(made, where.inside()) for _ in range(made.random.randint(2, 4))]
    joins = "".join(line(one.last, other.first) for one, other in pairwise(parts))
    return Block("".join(part.xml for part in parts) + joins, parts[0].first, parts[-1].last)


def _branches(made: Made, where: Where, kind: str, taken: list[bool], default: int | None = None) -> Block:
    split, join = made.name("split"), made.name("join")
    made.met(where.times, split)
    xml, conditional = f'<bpmn:{kind} id="{join}"/>', kind != "parallelGateway"
    for number, is_taken in enumerate(taken):
        part = block(made, where.inside(times=int(is_taken), shared=True))
        condition = "" if not conditional or number == default else f"={str(is_taken and default is None).lower()}"
        xml += part.xml + flow(split, part.first, condition, f"{split}_{number}") + flow(part.last, join, id=f"{join}_{number}")
    attribute = f' default="{split}_{default}"' if default is not None else ""
    made.met(where.times, join)
    return Block(f'<bpmn:{kind} id="{split}"{attribute}/>' + xml, split, join)


def _parallel(made: Made, where: Where) -> Block:
    return _branches(made, where, "parallelGateway", [True] * made.random.randint(2, 3))


def _exclusive(made: Made, where: Where) -> Block:
    number = made.random.randint(2, 3)
    chosen = made.random.randrange(number)
    return _branches(made, where, "exclusiveGateway", [one == chosen for one in range(number)], made.random.choice([None, chosen]))


def _inclusive(made: Made, where: Where) -> Block:
    taken = [made.random.random() < 0.5 for _ in range(made.random.randint(2, 4))]
    default = None if any(taken) else 0
    return _branches(made, where, "inclusiveGateway", taken if any(taken) else [True, *taken[1:]], default)


def _loop(made: Made, where: Where) -> Block:
    """Back to its beginning until a counter of its own has counted; then the counter is as before."""
    turns, counter = made.random.randint(1, 3), made.name("n")
    made.counters.append(counter)
    begin, count, more, reset = (made.name(kind) for kind in ("begin", "count", "more", "reset"))
    body = block(made, where.inside(times=turns))
    made.met(where.times * turns, begin, count, more)
    made.met(where.times, reset)
    xml = (
        f'<bpmn:exclusiveGateway id="{begin}"/>' + body.xml + feel_script(count, f"{counter} + 1", counter)
        + f'<bpmn:exclusiveGateway id="{more}" default="{more}_{reset}"/>' + feel_script(reset, "0", counter)
        + line(begin, body.first) + line(body.last, count, more, reset) + flow(more, begin, f"={counter} &lt; {turns}")
    )  # fmt: skip
    return Block(xml, begin, reset)


def _sub(made: Made, where: Where, times: int = 1, shared: bool = False, loop: str = "", after: str = "") -> tuple[str, str, str, Block]:
    """The id of a sub-process, those of its start and of its last element, and its xml without an end."""
    id, counters = made.name("sub"), len(made.counters)
    body = block(made, where.inside(times, shared))
    own = "".join(f'<zeebe:input source="=0" target="{one}"/>' for one in made.counters[counters:])
    mapping = f"<bpmn:extensionElements><zeebe:ioMapping>{own}</zeebe:ioMapping></bpmn:extensionElements>" if own else ""
    made.met(where.times * times, id, f"{id}_start", f"{id}_fin")
    xml = f'{mapping}{loop}<bpmn:startEvent id="{id}_start"/>{body.xml}{line(f"{id}_start", body.first)}{line(body.last, f"{id}_fin")}{after}'
    return id, f"{id}_start", f"{id}_fin", Block(xml, id, id)


def _closed(id: str, inside: str, end: str = "", tag: str = "subProcess") -> str:
    return f'<bpmn:{tag} id="{id}">{inside}<bpmn:endEvent id="{id}_fin">{end}</bpmn:endEvent></bpmn:{tag}>'


def _embedded(made: Made, where: Where) -> Block:
    id, _, _, inside = _sub(made, where)
    return Block(_closed(id, inside.xml) + _idle_events(made, id), id, id)


def _several(made: Made, where: Where) -> Block:
    items, sequential = made.random.randint(0, 3), made.random.choice(["true", "false"])
    collection = f"=[{', '.join(map(str, range(items)))}]"
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}"><bpmn:extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="{collection}" inputElement="it"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    id, _, _, inside = _sub(made, where, items, sequential == "false", loop)
    made.met(where.times * (items == 0), id)  # an empty one is visited all the same
    return Block(_closed(id, inside.xml) + _idle_events(made, id), id, id)


def _failing(made: Made, where: Where) -> Block:
    """What ends with an error, caught on the edge or by an event sub-process."""
    id, _, _, inside = _sub(made, where)
    error = made.root(ERROR, made.name("error"))
    definition = f'<bpmn:errorEventDefinition errorRef="{error}"/>'
    if made.random.random() < 0.5:
        caught, merge = made.name("caught"), made.name("merge")
        made.met(where.times, caught, merge)
        xml = _closed(id, inside.xml, definition) + _edge(caught, id, definition) + f'<bpmn:exclusiveGateway id="{merge}"/>'
        return Block(xml + line(id, merge) + line(caught, merge), id, merge)
    return Block(_closed(id, inside.xml + _event_sub(made, where, definition), definition), id, id)


def _event_sub(made: Made, where: Where, definition: str, interrupting: str = "true") -> str:
    id = made.name("handler")
    made.met(where.times, id, f"{id}_start", f"{id}_task", f"{id}_fin")
    return (
        f'<bpmn:subProcess id="{id}" triggeredByEvent="true"><bpmn:startEvent id="{id}_start" isInterrupting="{interrupting}">{definition}'
        f'</bpmn:startEvent><bpmn:task id="{id}_task"/><bpmn:endEvent id="{id}_fin"/>'
        f'{line(f"{id}_start", f"{id}_task", f"{id}_fin")}</bpmn:subProcess>'
    )


def _escalating(made: Made, where: Where) -> Block:
    """What tells outside that it ends, where that is heard without interrupting it."""
    id, _, _, inside = _sub(made, where)
    escalation = made.root(ESCALATION, made.name("escalation"))
    definition = f'<bpmn:escalationEventDefinition escalationRef="{escalation}"/>'
    if made.random.random() < 0.5:
        return Block(_closed(id, inside.xml + _event_sub(made, where, definition, "false"), definition), id, id)
    heard = made.name("heard")
    made.met(where.times, heard, f"{heard}_fin")
    edge = _edge(heard, id, definition, "false") + f'<bpmn:endEvent id="{heard}_fin"/>' + line(heard, f"{heard}_fin")
    return Block(_closed(id, inside.xml, definition) + edge, id, id)


def _interrupted(made: Made, where: Where) -> Block:
    """What would never end, but for a signal from beside it."""
    if where.shared:  # a signal reaches all that wait for it, wherever they are
        return _stopped(made, where)
    split, join, sub, edge, go, throw = (made.name(kind) for kind in ("split", "join", "sub", "edge", "go", "throw"))
    definition = f'<bpmn:signalEventDefinition signalRef="{made.root(SIGNAL, made.name("signal"))}"/>'
    made.met(where.times, split, join, sub, f"{sub}_start", f"{sub}_never", edge, go, throw)
    xml = (
        f'<bpmn:parallelGateway id="{split}"/><bpmn:parallelGateway id="{join}"/>'
        + _closed(sub, f'<bpmn:startEvent id="{sub}_start"/>' + user(f"{sub}_never") + line(f"{sub}_start", f"{sub}_never", f"{sub}_fin"))
        + _edge(edge, sub, definition) + f'<bpmn:task id="{sub}_unreached"/>'
        + f'<bpmn:intermediateThrowEvent id="{throw}">{definition}</bpmn:intermediateThrowEvent>'
        + user(go) + line(split, sub, f"{sub}_unreached") + line(split, go, throw, join) + line(edge, join)
    )  # fmt: skip
    return Block(xml, split, join)


def _stopped(made: Made, where: Where) -> Block:
    """What would never end, but for a terminate end event inside it."""
    sub = made.name("sub")
    made.met(where.times, sub, f"{sub}_start", f"{sub}_split", f"{sub}_never", f"{sub}_fin")
    inside = (
        f'<bpmn:startEvent id="{sub}_start"/><bpmn:parallelGateway id="{sub}_split"/>' + user(f"{sub}_never")
        + line(f"{sub}_start", f"{sub}_split", f"{sub}_never") + line(f"{sub}_split", f"{sub}_fin")
    )  # fmt: skip
    return Block(_closed(sub, inside, "<bpmn:terminateEventDefinition/>"), sub, sub)


def _compensated(made: Made, where: Where) -> Block:
    """What is done and undone, in a scope of its own."""
    id, _, _, inside = _sub(made, where)
    undo, throw = made.name("undo"), made.name("undone")
    made.met(where.times, undo, throw)
    xml = (
        _closed(id, inside.xml) + _edge(f"{undo}_edge", id, "<bpmn:compensateEventDefinition/>")
        + f'<bpmn:task id="{undo}" isForCompensation="true"/>'
        + f'<bpmn:association id="{undo}_by" associationDirection="One" sourceRef="{undo}_edge" targetRef="{undo}"/>'
        + f'<bpmn:intermediateThrowEvent id="{throw}"><bpmn:compensateEventDefinition activityRef="{id}"/></bpmn:intermediateThrowEvent>'
        + line(id, throw)
    )  # fmt: skip
    return Block(xml, id, throw)


LEAVES = [_task, _user, _user]
BLOCKS = [
    _sequence, _sequence, _parallel, _exclusive, _inclusive, _loop, _embedded, _several, _failing, _escalating, _interrupted, _stopped,
    _compensated,
]  # fmt: skip
