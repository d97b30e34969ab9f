"""The only place that reads boxed expressions and single texts from XML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.xml import line_of, local
from engine.dmn.model import Boxed, FunctionOf, Invocation, Listing, Literal, Logic, Relation
from engine.dmn.texts import LANGUAGES, Text, language_of
from engine.dmn.vocabulary import LOGIC, Findings, nearest_id

NOTHING = Literal(Text("feel", "null"))
ReadLogic = Callable[[etree._Element, "Reading"], Logic]


@dataclass(frozen=True)
class Reading:
    """What reading one file needs: its namespace and dialect, its types by name, and the readers of logic by element."""

    namespace: str
    dialect: str
    language: str | None
    types: dict[str, tuple[str | None, Text | None]]
    findings: Findings
    logic: dict[str, ReadLogic] = field(default_factory=dict)

    def children(self, node: etree._Element, *names: str) -> list[etree._Element]:
        """The children of these names in DMN's namespace."""
        return [child for child in node if etree.QName(child).namespace == self.namespace and local(child) in names]

    def child(self, node: etree._Element, name: str) -> etree._Element | None:
        """The child of this name, of which there may be one."""
        found = self.children(node, name)
        for one in found[1:]:
            self.findings.refuse(one, f"<{local(node)}> has more than one <{name}>. Keep one.")
        return found[0] if found else None


def text_of(node: etree._Element | None, reading: Reading, unary: bool = False) -> Text | None:
    """The text of a cell or expression; None where it is empty."""
    inside = None if node is None else reading.child(node, "text")
    if node is None or inside is None:
        return None
    source = "".join(str(part) for part in inside.itertext()).strip()
    name = node.get("expressionLanguage") or reading.language
    language = language_of(name)
    if language is None:
        reading.findings.refuse(node, f"Ratchet has no expression language “{name}”. It has {LANGUAGES}.")
        return None
    return Text(language, source, line_of(inside), nearest_id(node), unary) if source else None


def type_of(node: etree._Element | None, reading: Reading) -> tuple[str | None, Text | None]:
    """What the values of an element become (None: they stay as they are), and which are allowed, when its type is one of the file's own."""
    name = "" if node is None else (node.get("typeRef") or "").strip().rsplit(":", 1)[-1]
    return reading.types.get(name, (name or None, None))


def logic_of(node: etree._Element, reading: Reading, where: str) -> Logic:
    """The one boxed expression in an element."""
    found = reading.children(node, *LOGIC)
    if len(found) != 1:
        reading.findings.refuse(node, f"{where} needs exactly one expression, and has {len(found)}.")
        return NOTHING
    return reading.logic[local(found[0])](found[0], reading)


def _literal(node: etree._Element, reading: Reading) -> Logic:
    text = text_of(node, reading)
    if text is None:
        reading.findings.refuse(node, "The literal expression is empty. Write its text.")
        return NOTHING
    return Literal(text, type_of(node, reading)[0] if reading.dialect == "camunda" else None)


def _context(node: etree._Element, reading: Reading) -> Logic:
    entries: list[tuple[str | None, Logic]] = []
    nodes = reading.children(node, "contextEntry")
    for place, entry in enumerate(nodes, 1):
        variable = reading.child(entry, "variable")
        name = None if variable is None else _named(variable, reading)
        if name is None and place < len(nodes):
            reading.findings.refuse(entry, "Only the last entry of a context may be without a variable: it is the result. Give it a name.")
        if name is not None and name in (known for known, _ in entries):
            reading.findings.refuse(entry, f"The context has two entries with the name “{name}”. Rename one.")
        entries.append((name, logic_of(entry, reading, "A context entry")))
    return Boxed(tuple(entries))


def _listing(node: etree._Element, reading: Reading) -> Logic:
    return Listing(tuple(reading.logic[local(child)](child, reading) for child in reading.children(node, *LOGIC)))


def _relation(node: etree._Element, reading: Reading) -> Logic:
    columns = tuple(_named(column, reading) for column in reading.children(node, "column"))
    rows = []
    for row in reading.children(node, "row"):
        cells = [_cell(child, reading) for child in reading.children(row, *LOGIC)]
        if len(cells) != len(columns):
            reading.findings.refuse(row, f"The row has {len(cells)} cells, but the relation has {len(columns)} columns.")
        rows.append(tuple(cells))
    return Relation(columns, tuple(rows))


def _cell(node: etree._Element, reading: Reading) -> Logic:
    """A cell of a relation; an empty one is null."""
    empty = local(node) == "literalExpression" and text_of(node, reading) is None
    return NOTHING if empty else reading.logic[local(node)](node, reading)


def function_of(node: etree._Element, reading: Reading) -> FunctionOf:
    """A function definition, or the encapsulated logic of a knowledge model."""
    kind = node.get("kind", "FEEL")
    if kind != "FEEL":
        reading.findings.refuse(node, f"A function of the kind {kind} is not called by Ratchet. Write it in FEEL.")
    parameters = tuple(_named(each, reading) for each in reading.children(node, "formalParameter"))
    if len(set(parameters)) < len(parameters):
        reading.findings.refuse(node, "Two parameters of the function have the same name. Rename one.")
    return FunctionOf(parameters, logic_of(node, reading, "A function"))


def _invocation(node: etree._Element, reading: Reading) -> Logic:
    bindings = []
    for each in reading.children(node, "binding"):
        parameter = reading.child(each, "parameter")
        name = _named(each if parameter is None else parameter, reading)
        bindings.append((name, logic_of(each, reading, "A binding")))
    return Invocation(logic_of(node, reading, "An invocation"), tuple(bindings))


def _named(node: etree._Element, reading: Reading) -> str:
    name = (node.get("name") or "").strip()
    if not name:
        reading.findings.refuse(node, f"The <{local(node)}> has no name. Give it one.")
    return name


READERS: dict[str, ReadLogic] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _listing,
    "relation": _relation,
    "functionDefinition": function_of,
    "invocation": _invocation,
}
