"""Drawing processes in the browser: what the page is given, and what becomes of the drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core import Engine
from tests.models import END, START, line, user, zeebe
from tests.web.conftest import ALEX, TWO_TASKS

Client = Callable[[str], Any]


def deploy(who: Any, xml: bytes, name: str = "drawn%20here.bpmn") -> Any:
    headers = {"X-File-Name": name, "Accept": "application/json"}
    return who.post("/modeler/deploy", data=xml, content_type="application/xml", headers=headers)


def test_drawing_is_for_analysts(client: Client, entered: str) -> None:
    for path in ("/modeler", "/modeler/p/1", "/modeler/templates"):
        assert client("ann").get(path).status_code == 403
        assert client("alex").get(path).status_code == 200
    assert deploy(client("ann"), zeebe(TWO_TASKS)).status_code == 403


def test_a_version_is_opened(client: Client, entered: str) -> None:
    page = client("alex").get("/modeler/p/1").text
    assert 'data-xml="/definitions/p:1/xml"' in page and 'data-name="p.bpmn"' in page and 'data-deploy="/modeler/deploy"' in page
    assert "data-xml" not in client("alex").get("/modeler").text
    assert client("alex").get("/modeler/p/9").status_code == 404
    assert client("alex").get("/modeler/nothing/1").status_code == 404


def test_a_drawing_is_deployed(client: Client, engine: Engine) -> None:
    answer = deploy(client("alex"), zeebe(TWO_TASKS))
    assert answer.json == {"key": "p", "version": 1, "changed": True, "problems": []}
    assert engine.definitions(ALEX)[0].file == "drawn here.bpmn"


def test_what_cannot_run_is_refused_with_its_problems(client: Client, engine: Engine) -> None:
    for broken in (b"", b"<", b"<a/>", zeebe(START + user("u") + END + line("start", "nowhere"))):
        answer = deploy(client("alex"), broken)
        assert answer.status_code == 422 and answer.json["problems"][0]["message"], broken
        assert answer.json["problems"][0]["file"] == "drawn here.bpmn"


def test_templates_are_one_list(client: Client) -> None:
    found = client("alex").get("/modeler/templates").json
    assert len(found) > 3 and all(each["id"] and each["appliesTo"] for each in found)
