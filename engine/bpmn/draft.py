"""What a reader collects while it walks through a file: the problems it finds and the element it is filling in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn.model import Element, FormRef, Listener, MultiInstance, StandardLoop, Work
from engine.bpmn.triggers import Event
from engine.bpmn.values import Assign, Value
from engine.bpmn.xml import line_of, local
from engine.errors import Problem

OWNERS = {"definitions", "process", "subProcess", "transaction", "adHocSubProcess"}
PARTS = ("LoopCharacteristics", "Condition", "ioSpecification")
WHOLE = re.compile(r"-?[0-9]{1,9}")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass
class Report:
    """The problems of one file, in the order in which they were met."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: etree._Element, message: str) -> None:
        """Note that `node` stands in the way of deploying, and why."""
        self.problems.append(Problem(self.file, line_of(node), _nearest_id(node), message))

    def refuse_unknown(self, node: etree._Element, where: str) -> None:
        self.refuse(node, f"<{prefixed(node)}> is not run by Ratchet {where}. Remove it or model it another way.")

    def flag(self, node: etree._Element, name: str, default: bool = False) -> bool:
        """An attribute that says true or false."""
        text = node.get(name, "").strip().lower()
        if text and text not in TRUTHS:
            self.refuse(node, f"{name.rpartition('}')[2]} is “{text}”; it must be true or false.")
        return TRUTHS.get(text, default)


@dataclass(eq=False)
class Draft:
    """An element while it is being read; `element()` freezes it.

    `scope` is the sub-process that it stands in; `facts` holds what a dialect has read until its `finish` puts it together.
    """

    node: etree._Element
    kind: str
    retries: int | None
    keeps_results: bool = False
    scope: Draft | None = None
    inputs: list[Assign] = field(default_factory=list)
    outputs: list[Assign] = field(default_factory=list)
    work: Work | None = None
    headers: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    event: Event | None = None
    interrupting: bool = True
    event_driven: bool = False
    compensates: bool = False
    handler: str | None = None
    loop: MultiInstance | StandardLoop | None = None
    default: str | None = None
    async_before: bool = False
    async_after: bool = False
    retry_cycle: Value | None = None
    listeners: list[Listener] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.node.get("id", "")

    @property
    def parent(self) -> str | None:
        return self.scope.id if self.scope else None

    def element(self, incoming: tuple[str, ...], outgoing: tuple[str, ...]) -> Element:
        return Element(
            id=self.id, name=self.node.get("name") or self.id, kind=self.kind, line=line_of(self.node), incoming=incoming,
            outgoing=outgoing, default=self.default, inputs=tuple(self.inputs), outputs=tuple(self.outputs),
            work=self.work, retries=self.retries, keeps_results=self.keeps_results, properties=self.properties, parent=self.parent,
            event=self.event, attached_to=self.node.get("attachedToRef"), interrupting=self.interrupting, event_driven=self.event_driven,
            compensates=self.compensates, handler=self.handler, loop=self.loop, async_before=self.async_before,
            async_after=self.async_after, retry_cycle=self.retry_cycle, listeners=tuple(self.listeners),
        )  # fmt: skip


@dataclass
class ProcessDraft:
    """What belongs to the process as a whole."""

    embedded_forms: dict[str, str] = field(default_factory=dict)
    initiator: str | None = None
    start_form: FormRef | None = None
    version_tag: str | None = None
    history_days: int | None = None
    listeners: list[Listener] = field(default_factory=list)


def read_properties(draft: Draft, node: etree._Element, report: Report) -> None:
    """Extension properties, the same in both dialects but for the namespace."""
    draft.properties.update({item.get("name", ""): item.get("value", "") for item in node})


def whole(text: str) -> int | None:
    """A whole number of at most nine digits; None when the text is none."""
    return int(text) if WHOLE.fullmatch(text.strip()) else None


def a(name: str) -> str:
    """A name with its article, inside a sentence."""
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def an(name: str) -> str:
    """A name with its article, where a sentence begins."""
    return a(name)[0].upper() + a(name)[1:]


def prefixed(node: etree._Element) -> str:
    """The tag as it stands in the file."""
    return f"{node.prefix}:{local(node)}" if node.prefix else local(node)


def _nearest_id(node: etree._Element | None) -> str | None:
    """The id of what is drawn around a node: parts of it, like event definitions, have ids that nobody sees."""
    while node is not None:
        parent = node.getparent()
        if node.get("id") and parent is not None and local(parent) in OWNERS and not local(node).endswith(PARTS):
            return str(node.get("id"))
        node = parent
    return None
