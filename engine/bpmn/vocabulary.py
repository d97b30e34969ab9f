"""Which attributes and elements each vendor element may have. A word that is not in these tables is refused, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.draft import Report, prefixed
from engine.bpmn.xml import BPMN, CAMUNDA, ZEEBE, local

Words = Mapping[str, tuple[str, str]]  # element: its attributes, its elements

STRUCTURES = "script list map"
CAMUNDA_WORDS: Words = {
    "properties": ("", "property"),
    "property": ("id name value", ""),
    "inputOutput": ("", "inputParameter outputParameter"),
    "inputParameter": ("name", STRUCTURES),
    "outputParameter": ("name", STRUCTURES),
    "list": ("", f"value {STRUCTURES}"),
    "value": ("id name", STRUCTURES),
    "map": ("", "entry"),
    "entry": ("key", STRUCTURES),
    "script": ("scriptFormat resource", ""),
    "executionListener": ("event class delegateExpression expression", "script field"),
    "taskListener": ("event class delegateExpression expression id", "script field timerEventDefinition"),
    "failedJobRetryTimeCycle": ("", ""),
    "errorEventDefinition": ("id errorRef expression errorCodeVariable errorMessageVariable", ""),
    "field": ("name stringValue expression", "string expression"),
    "string": ("", ""),
    "expression": ("", ""),
    "in": ("source sourceExpression target variables local businessKey", ""),
    "out": ("source sourceExpression target variables local businessKey", ""),
    "formData": ("businessKey", "formField"),
    "formField": ("id label type defaultValue datePattern", "properties validation value"),
    "formProperty": ("id name type variable expression default datePattern readable writable required", "value"),
    "validation": ("", "constraint"),
    "constraint": ("name config", ""),
}
ZEEBE_WORDS: Words = {
    "properties": ("", "property"),
    "property": ("id name value", ""),
    "taskDefinition": ("type retries", ""),
    "taskHeaders": ("", "header"),
    "header": ("id key value", ""),
    "ioMapping": ("", "input output"),
    "input": ("source target", ""),
    "output": ("source target", ""),
    "script": ("expression resultVariable", ""),
    "calledDecision": ("decisionId resultVariable bindingType versionTag", ""),
    "calledElement": (
        "processId processIdExpression propagateAllChildVariables propagateAllParentVariables bindingType versionTag businessId", "",
    ),
    "userTask": ("", ""),
    "userTaskForm": ("id", ""),
    "formDefinition": ("formKey formId externalReference bindingType versionTag", ""),
    "assignmentDefinition": ("assignee candidateUsers candidateGroups", ""),
    "taskSchedule": ("dueDate followUpDate", ""),
    "priorityDefinition": ("priority", ""),
    "jobPriorityDefinition": ("priority", ""),
    "subscription": ("correlationKey", ""),
    "publishMessage": ("correlationKey messageId timeToLive", ""),
    "executionListeners": ("", "executionListener"),
    "executionListener": ("eventType type retries", "taskHeaders"),
    "taskListeners": ("", "taskListener"),
    "taskListener": ("eventType type retries", "taskHeaders"),
    "loopCharacteristics": ("inputCollection inputElement outputCollection outputElement", ""),
    "adHoc": ("activeElementsCollection outputCollection outputElement", ""),
    "conditionalFilter": ("variableNames variableEvents", ""),
    "versionTag": ("value", ""),
}  # fmt: skip
FORMAL = "id evaluatesToTypeRef"
BPMN_WORDS: Words = {  # of the BPMN namespace only what holds an expression; `nodes` and `events` know the rest
    **dict.fromkeys(["timeDate", "timeDuration", "timeCycle", "loopCardinality"], (FORMAL, "")),
    **dict.fromkeys(["condition", "conditionExpression", "completionCondition", "loopCondition"], (f"{FORMAL} language", "")),
    "script": ("", ""),
    "message": ("id name itemRef", "documentation extensionElements"),
    "signal": ("id name structureRef", "documentation extensionElements"),
    "error": ("id name errorCode structureRef", "documentation extensionElements"),
    "escalation": ("id name escalationCode structureRef", "documentation extensionElements"),
}
VOCABULARIES = {CAMUNDA: CAMUNDA_WORDS, ZEEBE: ZEEBE_WORDS, BPMN: BPMN_WORDS}
FOREIGN_ATTRIBUTES = (CAMUNDA, ZEEBE)


def check(root: etree._Element, report: Report) -> None:
    """Refuse the unknown words in an element and everything below it."""
    for node in root.iter():
        namespace = str(node.tag).rpartition("}")[0] + "}"
        words = VOCABULARIES.get(namespace, {}).get(local(node))
        if words is not None:
            _check(node, namespace, words, report)


def _check(node: etree._Element, namespace: str, words: tuple[str, str], report: Report) -> None:
    attributes, children = (set(text.split()) for text in words)
    for name in map(str, node.attrib):
        qualified = name.startswith(FOREIGN_ATTRIBUTES) and namespace != BPMN
        if name not in attributes and (qualified or not name.startswith("{")):
            report.refuse(node, f"The attribute {name.rpartition('}')[2]} is not run by Ratchet in <{prefixed(node)}>. Remove it.")
    for child in node:
        if local(child) not in children:
            report.refuse_unknown(child, f"in <{prefixed(node)}>")
