"""What stands in the way of deploying a decision model is told, all of it, with line and element; nothing is skipped silently."""

from __future__ import annotations

import pytest

from engine import dmn
from engine.errors import DeploymentRefused
from tests.dmn.models import NAMESPACES, decision, knowledge, literal, model, table

GOOD = decision("d", literal("1"))
CONTEXT = '<context><contextEntry>{}</contextEntry><contextEntry><variable name="a"/>{}</contextEntry></context>'


def refused(*nodes: str, **options: str) -> list[str]:
    with pytest.raises(DeploymentRefused) as refusal:
        dmn.read(model(*nodes, **options), "d.dmn")
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (decision("d", table(["n"], ["o"], ["1 -> 1"], "BEST")), "d.dmn:5: table: There is no hit policy “BEST”. Choose one of UNIQUE"),
        (decision("d", table(["n"], ["o"], ["1 -> 1"], "unique")), "no hit policy “unique”"),
        (decision("d", table(["n"], ["o"], ["1 -> 1"], "COLLECT", "AVG")), "There is no aggregation “AVG”. Choose one of SUM"),
        (decision("d", table(["n"], ["o"], ["1 -> 1"], "FIRST", "SUM")), "Only the hit policy COLLECT aggregates"),
        (decision("d", table(["n"], ["o", "p"], ["1 -> 1; 2"], "COLLECT", "SUM")), "SUM needs a single output, and there are 2"),
        (decision("d", table(["n"], ["o"], ["1; 2 -> 1"])), "r1: Rule 1 has 2 input entries, but the table has 1 inputs"),
        (decision("d", table(["n"], ["o"], ["1 -> 1", "1 -> 1; 2"])), "r2: Rule 2 has 2 output entries, but the table has 1 outputs"),
        (decision("d", table(["n"], ["o"], ["1 -> "])), "Rule 1 has 0 output entries"),
        (decision("d", table(["n"], [], ["1 -> "])), "has no output"),
        (decision("d", table(["n"], ["o", "o"], ["1 -> 1; 1"])), "Two outputs have the name “o”"),
        (decision("d", table(["n"], ["o", ""], ["1 -> 1; 1"])), "With several outputs each needs a name"),
        (decision("d", table(["n"], ["o|null and"], ["1 -> 1"], "PRIORITY")), "no list of values"),
        (decision("d", table(["n"], ["o"], [], extra='hitpolicy="FIRST"')), "The attribute “hitpolicy” of <decisionTable> is not known in DMN"),
        (decision("d", table(["n"], ["o"], [], extra='camunda:inputVariable="x"')), "camunda:inputVariable of <decisionTable> is not known"),
        (decision("d", "<decisionTable><inputs/></decisionTable>"), "<inputs> is not evaluated by Ratchet in <decisionTable>"),
        (decision("d", ""), "d: The decision “d” needs exactly one expression, and has 0"),
        (decision("d", literal("1") + literal("2")), "needs exactly one expression, and has 2"),
        (decision("d", literal("")), "The literal expression is empty"),
        (decision("d", "<literalExpression/>"), "The literal expression is empty"),
        (decision("d", literal("1", 'expressionLanguage="cobol"')), "Ratchet has no expression language “cobol”. It has feel, juel"),
        (decision("d", literal("1"), "x"), "<requiredDecision> leads to “#x”, which is not in this file"),
        (decision("d", literal("1"), "in:x"), "<requiredInput> leads to “#x”"),
        (decision("d", literal("1"), "bkm:x"), "<requiredKnowledge> leads to “#x”"),
        (decision("d", literal("1"), "d"), "d: It requires itself: d → d"),
        (GOOD + decision("a", literal("1"), "b") + decision("b", literal("1"), "c") + decision("c", literal("1"), "a"), "It requires itself: a → b → c → a"),
        (GOOD + knowledge("f", "x", literal("g(x)"), "bkm:g") + knowledge("g", "x", literal("f(x)"), "bkm:f"), "It requires itself: f → g → f"),
        (GOOD + GOOD, "The id “d” is used twice"),
        (decision("", literal("1")), "has no id"),
        (GOOD + '<businessKnowledgeModel id="f" name="f"/>', "“f” has no logic"),
        (GOOD + knowledge("f", "x x", literal("1")), "Two parameters of the function have the same name"),
        (GOOD + knowledge("f", "x", "").replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">'), "A function of the kind Java"),
        (GOOD + '<import name="x" namespace="y" importType="z"/>', "<import> is not evaluated by Ratchet in <definitions>"),
        (decision("d", CONTEXT.format(literal("1"), literal("2"))), "Only the last entry of a context may be without a variable"),
        (decision("d", CONTEXT.format('<variable name="a"/>' + literal("1"), literal("2"))), "two entries with the name “a”"),
        (decision("d", f'<relation><column name="a"/><row>{literal("1")}{literal("2")}</row></relation>'), "The row has 2 cells, but the relation has 1 columns"),
        (decision("d", f'<relation><column/><row>{literal("1")}</row></relation>'), "The <column> has no name"),
        (decision("d", literal("1")).replace("<literalExpression ", f'<literalExpression xmlns="{NAMESPACES["1.1"]}" '), "not in that of its file"),
        (decision("d", literal("1"), inside='<extensionElements><zeebe:taskDefinition type="x"/></extensionElements>'), "The extension <taskDefinition> is not known"),
        ('<inputData id="i" name="i"/>', "There is no decision in this file"),
        (decision("d", "<conditional/>"), "<conditional> is not evaluated by Ratchet in <decision>"),
        (decision("d", literal("1"), inside='<variable name="a"/><variable name="b"/>'), "more than one <variable>"),
    ],
)  # fmt: skip
def test_what_is_refused(node: str, said: str) -> None:
    assert any(said in problem for problem in refused(node)), refused(node)


def test_all_problems_are_told_at_once() -> None:
    bad = [decision(f"d{n}", table(["n"], ["o"], ["1 -> 1; 2"], "BEST"), "x") for n in range(3)]
    found = refused(*bad)
    assert len(found) == 9 and [problem.split(":")[1] for problem in found] == [str(line) for line in (5, 6, 7) for _ in range(3)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not well-formed XML"),
        (b"<definitions>", "not well-formed XML"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions>&a;</definitions>', "DOCTYPE"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions/>', "DOCTYPE"),
        (b"<definitions/>", "no DMN file"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "no DMN file"),
        (b'<decision xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "no DMN file"),
        (b"\xff\xfe\x00", "not well-formed XML"),
        (b"<a>" * 300, "not well-formed XML"),
    ],
)
def test_broken_files(content: bytes, said: str) -> None:
    with pytest.raises(DeploymentRefused, match=said):
        dmn.read(content, "d.dmn")


def test_what_is_only_told_to_people_is_no_problem() -> None:
    notes = '<knowledgeSource id="k" name="k"/><textAnnotation id="t"><text>hi</text></textAnnotation><association id="a"><sourceRef href="#d"/></association>'
    drawing = '<dmndi:DMNDI><dmndi:DMNDiagram id="x"/></dmndi:DMNDI>'
    rows = table(["n"], ["o"], ["1 -> 1"]).replace("<rule ", '<annotation name="why"/><rule ').replace("</rule>", "<description>d</description><annotationEntry><text>because</text></annotationEntry></rule>")
    inside = '<description>d</description><question>q</question><authorityRequirement><requiredAuthority href="#k"/></authorityRequirement>'
    assert [one.id for one in dmn.read(model(notes, decision("d", rows, inside=inside), drawing), "d.dmn")] == ["d"]


@pytest.mark.parametrize(
    ("attributes", "inside", "tag"),
    [
        ('camunda:versionTag="v1" camunda:historyTimeToLive="P30D"', "", "v1"),
        ("", '<extensionElements><zeebe:versionTag value="v2"/></extensionElements>', "v2"),
        ("", "", None),
    ],
)
def test_what_a_decision_says_of_itself(attributes: str, inside: str, tag: str | None) -> None:
    found = dmn.read(model(GOOD, decision("e", literal("1"), attributes=attributes, inside=inside)), "d.dmn")
    assert [(one.id, one.name, one.drg, one.drg_name, one.line) for one in found] == [("d", "d", "graph", "Graph", 5), ("e", "e", "graph", "Graph", 6)]
    assert found[1].version_tag == tag


def test_broken_texts_are_told_with_line_and_element() -> None:
    broken = table(["n +"], ["o|(|)"], ["1 < -> 1", '- -> "x'])
    boxed = f'<context><contextEntry id="e"><variable name="a"/>{literal("1 +")}</contextEntry></context>'
    xml = model(knowledge("f", "x", literal("x *")), decision("d", broken, "bkm:f"), decision("c", boxed), decision("s", literal("def (", 'expressionLanguage="groovy"')))
    found = [[str(problem) for problem in dmn.check(one)] for one in dmn.read(xml, "d.dmn")]
    assert [len(each) for each in found] == [6, 1, 1]
    assert found[1][0].startswith("d.dmn:7: e: “1 +”: ") and found[2][0].startswith("d.dmn:8: s: “def (”: ")
    assert {problem.split(": ")[1] for problem in found[0]} == {"table", "r1", "r2", "f"}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (decision("d", literal("fee(1)")), "There is no function 'fee'"),
        (decision("d", table([""], ["o"], ["- -> 1"])), "The input “input 1” has no expression"),
        (decision("d", table(["n:intger"], ["o"], ["- -> 1"])), "The type “intger” is not known"),
        (decision("d", table(["n"], ["o"], ["- -> 1"], "PRIORITY")), "there are none: the order of the rules decides"),
        (decision("d", table(["n"], ["o"], ["a b -> 1"])), "'a b' is read as one name"),
    ],
)
def test_what_may_be_a_slip_is_a_doubt(node: str, said: str) -> None:
    (found,) = dmn.read(model(node), "d.dmn")
    assert dmn.check(found) == []
    assert [said in str(doubt) for doubt in dmn.doubts(found)] == [True]


def test_an_import_by_the_files_own_namespace() -> None:
    xml = model(GOOD, decision("e", literal("d"), "d")).replace(b'href="#d"', b'href="n#d"')
    assert dmn.read(xml, "d.dmn")[1].requires == ("d",)
