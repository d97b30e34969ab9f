"""BPMN: XML in, executable specs out. The only place that knows XML and the two dialects."""
