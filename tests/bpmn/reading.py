"""Small words for tests of the readers: one element out of a model, or what a refusal says."""

from __future__ import annotations

import pytest

from engine.bpmn.model import Element, Process
from engine.bpmn.reader import read
from engine.bpmn.values import Expression
from engine.errors import DeploymentRefused
from tests.models import END, START, camunda, line, zeebe

FILE = "f.bpmn"
DIALECTS = {"seven": camunda, "eight": zeebe}


def process(content: bytes) -> Process:
    (found,) = read(content, FILE)
    return found


def seven(body: str, messages: str = "") -> Element:
    """The element x between start and end, read as Camunda 7."""
    return process(camunda(START + body + END + line("start", "x", "end"), messages=messages)).elements["x"]


def eight(body: str, messages: str = "") -> Element:
    """The element x between start and end, read as Camunda 8."""
    return process(zeebe(START + body + END + line("start", "x", "end"), messages=messages)).elements["x"]


def refusal(content: bytes) -> str:
    with pytest.raises(DeploymentRefused) as refused:
        read(content, FILE)
    return str(refused.value)


def refused_seven(body: str, messages: str = "") -> str:
    return refusal(camunda(START + body + END + line("start", "x", "end"), messages=messages))


def refused_eight(body: str, messages: str = "") -> str:
    return refusal(zeebe(START + body + END + line("start", "x", "end"), messages=messages))


def begin(id: str) -> str:
    """A start event by another name, for sub-processes."""
    return f'<bpmn:startEvent id="{id}"/>'


def said(value: object) -> tuple[str, str]:
    """An expression without its line."""
    assert isinstance(value, Expression)
    return value.language, value.source


def extended(tag: str, inside: str, attributes: str = "", more: str = "") -> str:
    """An element x with extension elements."""
    return f'<bpmn:{tag} id="x" {attributes}><bpmn:extensionElements>{inside}</bpmn:extensionElements>{more}</bpmn:{tag}>'
