"""Whatever is done to a model, the reader reads it or refuses it with problems; it never breaks."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from engine.bpmn.reader import read
from engine.errors import DeploymentRefused
from tests.models import END, START, camunda, flow, line, zeebe

MESSAGE = '<bpmn:message id="m" name="n"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message>'
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1M</bpmn:timeDuration></bpmn:timerEventDefinition>"
COMPENSATE = '<bpmn:boundaryEvent id="c" attachedToRef="s"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
HANDLER = '<bpmn:task id="undo" isForCompensation="true"/><bpmn:association id="as" sourceRef="c" targetRef="undo"/>'
SHARED = (
    START + '<bpmn:eventBasedGateway id="g"/><bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    + f'<bpmn:intermediateCatchEvent id="later">{TIMER}</bpmn:intermediateCatchEvent>' + COMPENSATE + HANDLER + END
    + line("start", "g", "wait", "s", "end") + flow("g", "later")
    + f'<bpmn:subProcess id="e" triggeredByEvent="true"><bpmn:startEvent id="es" isInterrupting="false">{TIMER}</bpmn:startEvent></bpmn:subProcess>'
)  # fmt: skip
SEVEN = SHARED + """<bpmn:userTask id="s" camunda:assignee="${a}" camunda:formKey="k"><bpmn:extensionElements>
<camunda:inputOutput><camunda:inputParameter name="i"><camunda:list><camunda:value>1</camunda:value></camunda:list></camunda:inputParameter></camunda:inputOutput>
<camunda:taskListener event="create"><camunda:script scriptFormat="groovy">1</camunda:script></camunda:taskListener>
<camunda:formData><camunda:formField id="f" type="enum"><camunda:value id="v"/><camunda:validation><camunda:constraint name="min" config="1"/></camunda:validation></camunda:formField></camunda:formData>
</bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics camunda:collection="c" camunda:elementVariable="i"/></bpmn:userTask>
<bpmn:callActivity id="call" calledElement="p"><bpmn:extensionElements><camunda:in source="a" target="b"/></bpmn:extensionElements></bpmn:callActivity>
<bpmn:businessRuleTask id="rule" camunda:decisionRef="d" camunda:decisionRefBinding="version" camunda:decisionRefVersion="1"/>"""
EIGHT = SHARED + """<bpmn:userTask id="s"><bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>
<zeebe:formDefinition formId="f" bindingType="versionTag" versionTag="t"/><zeebe:assignmentDefinition assignee="a"/><zeebe:taskListeners>
<zeebe:taskListener eventType="creating" type="t" retries="3"/></zeebe:taskListeners></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics>
<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=c" inputElement="i" outputCollection="o" outputElement="=i"/></bpmn:extensionElements>
</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask><bpmn:callActivity id="call"><bpmn:extensionElements>
<zeebe:calledElement processId="p" bindingType="latest"/></bpmn:extensionElements></bpmn:callActivity><bpmn:adHocSubProcess id="ad"><bpmn:extensionElements>
<zeebe:adHoc activeElementsCollection="=x" outputCollection="o" outputElement="=1"/></bpmn:extensionElements><bpmn:task id="in"/></bpmn:adHocSubProcess>
<bpmn:serviceTask id="job"><bpmn:extensionElements><zeebe:taskDefinition type="t" retries="3"/></bpmn:extensionElements></bpmn:serviceTask>"""
MODELS = {"seven": camunda(SEVEN.replace(' camunda:formKey="k"', ""), messages=MESSAGE.split("<bpmn:ext")[0] + "</bpmn:message>"),
          "eight": zeebe(EIGHT, messages=MESSAGE)}  # fmt: skip
VALUES = ["", " ", "=", "${", "x", "true", "9" * 30, "é\u2028", "a b", "-1", "--1", "²", "start", "wait"]


@pytest.mark.parametrize("dialect", MODELS)
def test_the_whole_model_is_read(dialect: str) -> None:
    assert len(read(MODELS[dialect], "f.bpmn")) == 1


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("seed", range(150))
def test_a_broken_model_is_read_or_refused(dialect: str, seed: int) -> None:
    chance = random.Random(seed)
    root = etree.fromstring(MODELS[dialect])
    for _ in range(chance.randint(1, 4)):
        _break(chance, root)
    try:
        read(etree.tostring(root), "f.bpmn")
    except DeploymentRefused as refused:
        assert refused.problems and all(problem.message.endswith(".") for problem in refused.problems)


def _break(chance: random.Random, root: etree._Element) -> None:
    node = chance.choice([node for node in root.iter() if node is not root])
    parent = node.getparent()
    what = chance.randint(0, 5)
    if what == 0 and parent is not None:
        parent.remove(node)
    elif what == 1 and parent is not None:
        parent.append(etree.fromstring(etree.tostring(node)))
    elif what == 2:
        node.tag = chance.choice([other.tag for other in root.iter()])
    elif what == 3:
        node.text = chance.choice(VALUES)
    elif node.attrib:
        name = chance.choice(list(node.attrib))
        node.attrib.pop(name) if what == 4 else node.set(name, chance.choice(VALUES))
