"""Small process models for tests, written as flow nodes and flows without drawings."""

from __future__ import annotations

from itertools import pairwise

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="defs" targetNamespace="t" modeler:executionPlatform="{platform}">
{messages}<bpmn:process id="{key}" name="{key}" isExecutable="true">
{body}
</bpmn:process></bpmn:definitions>"""


def zeebe(body: str, key: str = "p", messages: str = "") -> bytes:
    return HEAD.format(platform="Camunda Cloud", key=key, body=body, messages=messages).encode()


def camunda(body: str, key: str = "p", messages: str = "") -> bytes:
    return HEAD.format(platform="Camunda Platform", key=key, body=body, messages=messages).encode()


def flow(source: str, target: str, condition: str = "", id: str = "") -> str:
    inside = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>' if condition else ""
    return f'<bpmn:sequenceFlow id="{id or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def line(*ids: str) -> str:
    """Flows that join the nodes one after the other."""
    return "".join(flow(source, target) for source, target in pairwise(ids))


START, END = '<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>'


def user(id: str, extra: str = "", attributes: str = "") -> str:
    return f'<bpmn:userTask id="{id}" name="Task {id}" {attributes}><bpmn:extensionElements>{extra}</bpmn:extensionElements></bpmn:userTask>'


def job(id: str, type: str, extra: str = "", retries: int = 3) -> str:
    definition = f'<zeebe:taskDefinition type="{type}" retries="{retries}"/>'
    return f'<bpmn:serviceTask id="{id}"><bpmn:extensionElements>{definition}{extra}</bpmn:extensionElements></bpmn:serviceTask>'


def feel_script(id: str, expression: str, result: str) -> str:
    script = f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'
    return f'<bpmn:scriptTask id="{id}"><bpmn:extensionElements>{script}</bpmn:extensionElements></bpmn:scriptTask>'


def groovy(id: str, script: str) -> str:
    return f'<bpmn:scriptTask id="{id}" scriptFormat="groovy"><bpmn:script>{script}</bpmn:script></bpmn:scriptTask>'
