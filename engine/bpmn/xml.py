"""The only place that parses XML: without entities, network or document types, within limits."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.errors import DeploymentRefused, Problem

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
ACTIVITI = "{http://activiti.org/bpmn}"
MODELER = "{http://camunda.org/schema/modeler/1.0}"
MAX_BYTES = 5_000_000
MAX_DEPTH = 100


def parse(content: bytes, file: str) -> etree._Element:
    """The root of an XML document; `DeploymentRefused` with the line where it is broken."""
    if len(content) > MAX_BYTES:
        raise _refused(file, None, f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as broken:
        raise _refused(file, broken.lineno, f"This is not well-formed XML: {broken.msg}.") from broken
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise _refused(file, 1, "A document type declaration (DOCTYPE) is not allowed here; remove it.")
    _refuse_depth(root, file)
    _rename_activiti(root)
    return root


def _refuse_depth(root: etree._Element, file: str) -> None:
    depth = 0
    for action, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if action == "start" else -1
        if depth > MAX_DEPTH:
            raise _refused(file, line_of(node), f"Elements are nested deeper than {MAX_DEPTH} levels.")


def _rename_activiti(root: etree._Element) -> None:
    """Files from before Camunda 7 call its namespace activiti; the words in it are the same."""
    for node in root.iter():
        if str(node.tag).startswith(ACTIVITI):
            node.tag = CAMUNDA + local(node)
        for name in [name for name in node.attrib if str(name).startswith(ACTIVITI)]:
            node.set(CAMUNDA + str(name).removeprefix(ACTIVITI), node.attrib.pop(name))


def _refused(file: str, line: int | None, message: str) -> DeploymentRefused:
    return DeploymentRefused([Problem(file, line, None, message)])


def local(node: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(node).localname


def line_of(node: etree._Element) -> int | None:
    found: Any = node.sourceline
    return found if isinstance(found, int) else None


def plain_attributes(node: etree._Element) -> dict[str, str]:
    """The attributes of a node that stand in no namespace, which are those of its own."""
    return {str(name): str(value) for name, value in node.attrib.items() if not str(name).startswith("{")}


def attributes(node: etree._Element, namespace: str) -> dict[str, str]:
    """The attributes of a node in one namespace, by their local names."""
    return {str(name).removeprefix(namespace): str(value) for name, value in node.attrib.items() if str(name).startswith(namespace)}
