"""Nothing is ignored silently: an unknown word anywhere in a model stands in its way."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.bpmn.vocabulary import BPMN_WORDS
from engine.bpmn.xml import BPMN, CAMUNDA, ZEEBE, local
from tests.bpmn.reading import refusal
from tests.bpmn.test_broken_files import MODELS

HARMLESS = {"definitions", "extensionElements", "association"}
VENDORS = {"seven": CAMUNDA, "eight": ZEEBE}
PLACES = [
    (dialect, number)
    for dialect, content in MODELS.items()
    for number, node in enumerate(etree.fromstring(content).iter())
    if local(node) not in HARMLESS
]


@pytest.mark.parametrize(("dialect", "number"), PLACES)
def test_an_unknown_word_is_refused(dialect: str, number: int) -> None:
    vendor = VENDORS[dialect]
    attributes = ["zzz"] if local(_place(dialect, number)) in BPMN_WORDS else ["zzz", f"{vendor}zzz"]
    for name in attributes:
        node = _place(dialect, number)
        node.set(name, "1")
        assert "zzz is not run by Ratchet" in _refusal(node)
    for tag in (f"{BPMN}zzz", f"{vendor}zzz"):
        node = _place(dialect, number)
        node.append(etree.Element(tag))
        assert ":zzz> is not run by Ratchet" in _refusal(node)


def _place(dialect: str, number: int) -> etree._Element:
    return list(etree.fromstring(MODELS[dialect]).iter())[number]


def _refusal(node: etree._Element) -> str:
    return refusal(etree.tostring(node.getroottree()))
