"""What a decision is, as data: the only place for the shapes that the reader fills and the evaluation reads."""

from __future__ import annotations

from dataclasses import dataclass

from engine.dmn.texts import Text


@dataclass(frozen=True)
class Input:
    """A column that is tested. `variable` is what its cells may call the value besides `?`; `type` is what the value becomes first."""

    name: str
    expression: Text | None
    variable: str
    type: str | None = None
    allowed: Text | None = None


@dataclass(frozen=True)
class Output:
    """A column of results. `allowed` are its values, the first with the highest priority; `default` stands in where no rule matches."""

    name: str
    type: str | None = None
    allowed: Text | None = None
    default: Text | None = None


@dataclass(frozen=True)
class Rule:
    """A row: the tests by the number of their input (cells that test nothing are left out) and a text, or None, for each output."""

    id: str
    tests: tuple[tuple[int, Text], ...]
    outputs: tuple[Text | None, ...]


@dataclass(frozen=True)
class Table:
    """A decision table with one of the seven hit policies; `aggregation` (SUM, MIN, MAX, COUNT) only with COLLECT."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    policy: str = "UNIQUE"
    aggregation: str | None = None


@dataclass(frozen=True)
class Literal:
    """One text that gives the value."""

    text: Text
    type: str | None = None


@dataclass(frozen=True)
class Boxed:
    """A context: entries that see those before them. One without a name, the last, is the value of the whole."""

    entries: tuple[tuple[str | None, Logic], ...]


@dataclass(frozen=True)
class Listing:
    """A list of boxed expressions."""

    items: tuple[Logic, ...]


@dataclass(frozen=True)
class Relation:
    """A list of contexts, written as a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]


@dataclass(frozen=True)
class FunctionOf:
    """A function with its parameters and body."""

    parameters: tuple[str, ...]
    body: Logic


@dataclass(frozen=True)
class Invocation:
    """A call of a function with arguments by name."""

    function: Logic
    bindings: tuple[tuple[str, Logic], ...]


Logic = Table | Literal | Boxed | Listing | Relation | FunctionOf | Invocation


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function by name, which sees its parameters and the models that it requires."""

    id: str
    name: str
    function: FunctionOf
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """A decision of a requirements graph (`drg`, the id of the file's definitions), checked and ready to evaluate.

    `variable` is its result's name for decisions that require it (`requires`, by id); `knowledge` are the models that it may call, with all
    that those require; `known` are names from the graph that its texts may use; `dialect` is `zeebe` or `camunda`.
    """

    id: str
    name: str
    drg: str
    drg_name: str
    logic: Logic
    dialect: str
    variable: str
    file: str
    line: int | None = None
    version_tag: str | None = None
    requires: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    knowledge: tuple[Knowledge, ...] = ()
    known: frozenset[str] = frozenset()
    remarks: tuple[tuple[int | None, str], ...] = ()
