"""What events catch and throw: one class for each kind of event definition."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn.values import Assign, Expression, Value


@dataclass(frozen=True)
class MessageEvent:
    """A message: caught, or thrown where no work stands in its place. Without a `key` the business key correlates it.

    `ttl` and `id` are a sender's.
    """

    name: Value
    key: Value | None = None
    ttl: Value | None = None
    id: Value | None = None


@dataclass(frozen=True)
class TimerEvent:
    """A moment: `kind` is date, duration or cycle. `quartz`: cron counts weekdays from Sunday as 1, as Camunda 7 does."""

    kind: str
    value: Value
    quartz: bool = False


@dataclass(frozen=True)
class SignalEvent:
    """A signal; a thrown one carries the variables that `inputs` make, or all of them."""

    name: Value
    inputs: tuple[Assign, ...] = ()
    all_inputs: bool = False


@dataclass(frozen=True)
class ErrorEvent:
    """An error: a catch without `code` catches each; the variables get the thrown code and message."""

    code: Value | None = None
    message: Value | None = None
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True)
class ThrownIf:
    """An error that a job's answer, or its failure, becomes where the condition holds."""

    error: ErrorEvent
    condition: Expression


@dataclass(frozen=True)
class EscalationEvent:
    """An escalation: a catch without `code` catches each. A thrown one may carry variables."""

    code: Value | None = None
    code_variable: str | None = None
    inputs: tuple[Assign, ...] = ()
    all_inputs: bool = False


@dataclass(frozen=True)
class ConditionalEvent:
    """A condition that comes true when variables change; `variables` and `changes` (create, update, delete) narrow what is looked at."""

    condition: Expression
    changes: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LinkEvent:
    """From a throwing link to the catching one of the same name in the same scope."""

    name: str


@dataclass(frozen=True)
class CompensateEvent:
    """Compensation: of one activity, or of everything done in the scope."""

    activity: str | None = None


@dataclass(frozen=True)
class TerminateEvent:
    """Ends the scope with everything in it."""


@dataclass(frozen=True)
class CancelEvent:
    """Cancels the transaction."""


Event = (
    MessageEvent | TimerEvent | SignalEvent | ErrorEvent | EscalationEvent | ConditionalEvent | LinkEvent | CompensateEvent
    | TerminateEvent | CancelEvent
)  # fmt: skip
