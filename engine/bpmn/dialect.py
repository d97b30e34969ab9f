"""What a dialect has to say, and what every reader has at hand while it walks through a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lxml import etree

from engine.bpmn.draft import Draft, ProcessDraft, Report
from engine.bpmn.model import Flow, Listener
from engine.bpmn.values import Expression, Value
from engine.bpmn.xml import BPMN, CAMUNDA, ZEEBE, local

ReadExtension = Callable[[Draft, etree._Element, Report], None]


class Dialect(Protocol):
    """A module that reads what stands in one vendor's namespace. Whatever it does not read it refuses.

    WAITS_WITHOUT_MESSAGE  a receive task needs no message: it waits to be triggered
    WAITS_FOR_COMPENSATION an event that compensates waits for its handlers even where the model says that it does not
    QUARTZ                 cron expressions of timers count weekdays from Sunday as 1
    details                what vendor attributes and elements of an event definition say, as arguments for the event of the model
    loop                   the same for multi-instance loop characteristics
    collection             what a loop goes over, by the name of a variable or by an expression
    correlation            the key of a message that is caught (or thrown), refused where the dialect cannot do without
    undefined_error        the code that a reference to no error of the file means
    ignores_condition      a flow's condition is never looked at, which does no harm
    finish                 puts together what several attributes and elements said about one element
    """

    NAME: str
    WAITS_WITHOUT_MESSAGE: bool
    WAITS_FOR_COMPENSATION: bool
    QUARTZ: bool

    def expression(self, text: str, line: int | None) -> Expression: ...
    def condition(self, node: etree._Element, report: Report) -> Expression: ...
    def start_draft(self, node: etree._Element, kind: str) -> Draft: ...
    def read_attributes(self, draft: Draft, report: Report) -> None: ...
    def read_extension(self, draft: Draft, node: etree._Element, report: Report) -> None: ...
    def read_process(self, node: etree._Element, report: Report) -> ProcessDraft: ...
    def flow_listeners(self, node: etree._Element, report: Report) -> tuple[Listener, ...]: ...
    def details(self, draft: Draft, node: etree._Element, report: Report) -> dict[str, Any]: ...
    def loop(self, draft: Draft, node: etree._Element, report: Report) -> dict[str, Any]: ...
    def collection(self, text: str, line: int | None) -> Expression: ...
    def correlation(self, draft: Draft, message: etree._Element, report: Report) -> Value | None: ...
    def undefined_error(self, node: etree._Element, reference: str, report: Report) -> Value | None: ...
    def check_caught_code(self, node: etree._Element, code: Expression, report: Report) -> None: ...
    def check_start_name(self, node: etree._Element, name: Expression, report: Report) -> None: ...
    def check_timer(self, draft: Draft, node: etree._Element, kind: str, report: Report) -> None: ...
    def read_script(self, draft: Draft, node: etree._Element, report: Report) -> None: ...
    def read_performer(self, draft: Draft, node: etree._Element, report: Report) -> None: ...
    def check_gateway(self, draft: Draft, outgoing: list[Flow], report: Report) -> None: ...
    def ignores_condition(self, source: Draft, flow: Flow) -> bool: ...
    def finish(self, draft: Draft, process: ProcessDraft, report: Report) -> None: ...


@dataclass(frozen=True)
class Reading:
    """One file being read: its dialect, its root definitions by tag and id, its problems, and the ids met so far."""

    dialect: Dialect
    roots: Mapping[tuple[str, str], etree._Element]
    report: Report
    ids: set[str]

    def identified(self, node: etree._Element) -> str:
        """The id of a node, noted; refused when it has none or another has it, too."""
        id = str(node.get("id", ""))
        if not id:
            self.report.refuse(node, f"This {local(node)} has no id.")
        elif id in self.ids:
            self.report.refuse(node, f"The id “{id}” is used twice.")
        self.ids.add(id)
        return id

    def root(self, tag: str, reference: str) -> etree._Element | None:
        """The message, signal, error or escalation with this id; references may carry a prefix."""
        return self.roots.get((tag, reference), self.roots.get((tag, reference.rpartition(":")[2])))


def extensions(node: etree._Element) -> list[etree._Element]:
    """The children of `extensionElements` in a vendor namespace of ours; other tools' notes are theirs."""
    return [child for box in node.iterfind(f"{BPMN}extensionElements") for child in box if str(child.tag).startswith((CAMUNDA, ZEEBE))]
