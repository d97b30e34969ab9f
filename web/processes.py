"""The only place for the pages of processes: what can be started, which versions there are, and deploying new ones."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from engine.data.migration import NotConfirmed
from engine.errors import DeploymentRefused, NotFound, Refused
from engine.runtime.definitions import DefinitionInfo
from engine.runtime.deployments import Deployment, SourceFile
from web.answers import moved, page
from web.asked import engine, entered, person, text, variables
from web.errors import facts_of
from web.tasks import island

CONFIRMED = ("true", "on", "1")

blueprint = Blueprint("processes", __name__)


@blueprint.get("/processes")
def startable() -> ResponseReturnValue:
    """What can be started: the latest version of each process."""
    return page("processes.html", definitions=engine().definitions(person()))


@blueprint.get("/processes/<key>/start")
def start_form(key: str) -> ResponseReturnValue:
    """The form that a process begins with."""
    schema = engine().start_form(key, person())
    return page("start.html", definition=known(key)[0], form=island(schema, {}))


@blueprint.post("/processes/<key>/start")
def start(key: str) -> ResponseReturnValue:
    """Start it with what was entered or given as variables; without either, a process with a start form shows that first."""
    if not request.is_json and not text("variables") and engine().start_form(key, person()) is not None:
        return moved(url_for("processes.start_form", key=key))
    given = entered() if request.is_json else variables()
    instance_id = engine().start(key, given, person(), business_key=text("business_key"))
    return _started(key, instance_id)


def _started(key: str, instance_id: str) -> ResponseReturnValue:
    """On to the first task of the new case if it is this person's."""
    flash(f"Started: {known(key)[0].name}", "ok")
    offered = [task for which in ("mine", "claimable") for task in engine().tasks(person(), which)]
    first = next((task.id for task in offered if task.instance_id == instance_id), None)
    return moved(url_for("tasks.shown", task_id=first) if first else url_for("instances.shown", instance_id=instance_id))


def known(key: str) -> list[DefinitionInfo]:
    """All versions of a process, the latest first. Raises NotFound when there is none."""
    found = engine().versions(key, person())
    if not found:
        raise NotFound(f"There is no process “{key}”.")
    return found


@blueprint.get("/definitions")
def definitions() -> ResponseReturnValue:
    return page("definitions.html", definitions=engine().definitions(person()))


@blueprint.get("/definitions/<key>")
def versions(key: str) -> ResponseReturnValue:
    """All versions of one process, the latest first."""
    return page("definition.html", key=key, versions=known(key))


@blueprint.get("/definitions/<definition_id>/xml")
def xml(definition_id: str) -> Response:
    return Response(engine().definition_xml(definition_id, person()), mimetype="application/xml")


@blueprint.post("/definitions")
def upload() -> ResponseReturnValue:
    """Deploy uploaded files and say what became of them; nothing is deployed when there is a problem in one of them."""
    try:
        deployment = deployed()
    except DeploymentRefused as refused:
        return page("definitions.html", 422, definitions=engine().definitions(person()), **facts_of(refused))
    except NotConfirmed as asked:
        return page("definitions.html", 409, definitions=engine().definitions(person()), **facts_of(asked))
    return page("definitions.html", definitions=engine().definitions(person()), deployment=deployment)


def deployed() -> Deployment:
    """The deployment of the files in this request, where the field `confirm` lets tables that exist be changed.

    Raises Refused without any, DeploymentRefused with a problem in one, NotConfirmed where tables would be changed.
    """
    files = [SourceFile(each.filename, each.read()) for each in request.files.getlist("files") if each.filename]
    if not files:
        raise Refused("No file was sent. Choose one or more BPMN files or forms.")
    return engine().deploy(files, person(), confirmed=request.form.get("confirm", "") in CONFIRMED)
