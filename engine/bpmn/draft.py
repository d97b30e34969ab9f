"""What a reader collects while it walks through a file: the problems it finds and the element it is filling in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn.model import Assign, Element, FormRef, Work
from engine.bpmn.xml import line_of, local
from engine.errors import Problem


@dataclass
class Report:
    """The problems of one file, in the order in which they were met."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: etree._Element, message: str) -> None:
        """Note that `node` stands in the way of deploying, and why."""
        self.problems.append(Problem(self.file, line_of(node), _nearest_id(node), message))

    def refuse_unknown(self, node: etree._Element, where: str) -> None:
        self.refuse(node, f"<{_prefixed(node)}> is not run by Ratchet {where}. Remove it or model it another way.")


@dataclass
class Draft:
    """An element while it is being read; `element()` freezes it."""

    node: etree._Element
    kind: str
    retries: int | None
    keeps_results: bool = False
    inputs: list[Assign] = field(default_factory=list)
    outputs: list[Assign] = field(default_factory=list)
    work: Work | None = None
    headers: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.node.get("id", "")

    def element(self, incoming: tuple[str, ...], outgoing: tuple[str, ...]) -> Element:
        return Element(
            id=self.id, name=self.node.get("name") or self.id, kind=self.kind, line=line_of(self.node), incoming=incoming,
            outgoing=outgoing, default=self.node.get("default"), inputs=tuple(self.inputs), outputs=tuple(self.outputs),
            work=self.work, retries=self.retries, keeps_results=self.keeps_results, properties=self.properties,
        )  # fmt: skip


@dataclass
class ProcessDraft:
    """What belongs to the process as a whole."""

    embedded_forms: dict[str, str] = field(default_factory=dict)
    initiator: str | None = None
    start_form: FormRef | None = None


ReadExtension = Callable[[Draft, etree._Element, Report], None]


def properties(draft: Draft, node: etree._Element, report: Report) -> None:
    """Extension properties, the same in both dialects but for the namespace."""
    draft.properties.update({item.get("name", ""): item.get("value", "") for item in node})


def _nearest_id(node: etree._Element | None) -> str | None:
    while node is not None:
        if node.get("id") and local(node) != "definitions":
            return str(node.get("id"))
        node = node.getparent()
    return None


def _prefixed(node: etree._Element) -> str:
    return f"{node.prefix}:{local(node)}" if node.prefix else local(node)
