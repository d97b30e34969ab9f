"""The only place for the page on which analysts draw processes, and for what its script asks of the server."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from engine.access import is_analyst
from engine.errors import Forbidden, NotFound
from engine.runtime.deployments import SourceFile
from web.answers import page
from web.asked import engine, person
from web.processes import known

NEW_FILE = "new-process.bpmn"
TEMPLATES = Path(__file__).parent.parent / "processes" / "element-templates"

blueprint = Blueprint("modeler", __name__, url_prefix="/modeler")


@blueprint.before_request
def _only_analysts() -> None:
    """Drawing changes nothing by itself; deploying is checked by the engine. This spares others an editor that is of no use to them."""
    if not is_analyst(person()):
        raise Forbidden("Drawing processes is the work of analysts. Ask your administrator if it is yours.")


@blueprint.get("")
def empty() -> ResponseReturnValue:
    """A new, empty diagram."""
    return page("modeler.html", definition=None, file=NEW_FILE)


@blueprint.get("/<key>/<int:version>")
def opened(key: str, version: int) -> ResponseReturnValue:
    """One version of a process, to look at or to go on from."""
    definition = next((each for each in known(key) if each.version == version), None)
    if definition is None:
        raise NotFound(f"There is no version {version} of the process “{key}”.")
    return page("modeler.html", definition=definition, file=definition.file)


@blueprint.get("/templates")
def templates() -> ResponseReturnValue:
    """The element templates for service tasks, as a JSON list."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(TEMPLATES.glob("*.json"))]
    return jsonify([each for content in found for each in (content if isinstance(content, list) else [content])])


@blueprint.post("/deploy")
def deploy() -> ResponseReturnValue:
    """Deploy the diagram in the body; 422 with its problems when it cannot run."""
    name = unquote(request.headers.get("X-File-Name", NEW_FILE))
    deployment = engine().deploy([SourceFile(name, request.get_data())], person())
    first = deployment.definitions[0]
    return jsonify(key=first.key, version=first.version, changed=first.changed, problems=[])
