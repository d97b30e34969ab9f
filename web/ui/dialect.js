// The only place that tells the dialect of a BPMN file, and what an empty file of each looks like.

const NAMESPACE = { zeebe: 'http://camunda.org/schema/zeebe/1.0', camunda: 'http://camunda.org/schema/1.0/bpmn' };
const PLATFORM = { zeebe: ['Camunda Cloud', '8.6.0'], camunda: ['Camunda Platform', '7.22.0'] };
const MODELER = 'http://camunda.org/schema/modeler/1.0';

/** 'zeebe' or 'camunda': the one whose namespace the file uses; a file that uses neither is what its platform says, else Camunda 8. */
export function dialectOf(xml) {
  if (uses(xml, NAMESPACE.zeebe)) return 'zeebe';
  if (uses(xml, NAMESPACE.camunda)) return 'camunda';
  return xml.includes(`executionPlatform="${PLATFORM.camunda[0]}"`) ? 'camunda' : 'zeebe';
}

// declared is not used: modelers leave declarations behind
function uses(xml, uri) {
  const prefix = xml.match(new RegExp(`xmlns:([\\w.-]+)\\s*=\\s*["']${uri}["']`))?.[1];
  return prefix !== undefined && new RegExp(`[<\\s]${prefix}:\\w`).test(xml);
}

/** An empty process with a start event. */
export function emptyDiagram(dialect, key) {
  const [platform, version] = PLATFORM[dialect];
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:${dialect}="${NAMESPACE[dialect]}" xmlns:modeler="${MODELER}"
  id="Definitions_${key}" targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="${platform}" modeler:executionPlatformVersion="${version}">
  <bpmn:process id="${key}" isExecutable="true"${dialect === 'camunda' ? ' camunda:historyTimeToLive="P180D"' : ''}>
    <bpmn:startEvent id="Start" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1">
    <bpmndi:BPMNPlane id="Plane_1" bpmnElement="${key}">
      <bpmndi:BPMNShape id="Start_di" bpmnElement="Start"><dc:Bounds x="180" y="160" width="36" height="36" /></bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>`;
}
