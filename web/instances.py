"""The only place for the pages of instances: which ones there are, where one stands, and putting it right."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import is_analyst
from engine.errors import InvalidData
from web.answers import BADGES, moved, page, plain
from web.asked import engine, person, text, variables

STATES = {state: BADGES[state][1] for state in ("active", "incident", "suspended", "completed", "canceled")}
MESSAGE_SECONDS = 3600

blueprint = Blueprint("instances", __name__, url_prefix="/instances")


@blueprint.get("")
def listed() -> ResponseReturnValue:
    """All instances that the person may see, of one process or state if wanted."""
    key, state = (request.args.get(name) or None for name in ("key", "state"))
    found = engine().instances(person(), key=key, state=state)
    failed = engine().failures(person()) if is_analyst(person()) else []
    return page(
        "instances.html", instances=found, key=key, state=state, states=STATES, definitions=engine().definitions(person()), failures=failed
    )  # fmt: skip


@blueprint.get("/<instance_id>")
def shown(instance_id: str) -> ResponseReturnValue:
    return page("instance.html", detail=engine().instance(instance_id, person()))


@blueprint.get("/<instance_id>/diagram")
def diagram(instance_id: str) -> Response:
    definition_id = engine().instance(instance_id, person()).info.definition_id
    return Response(engine().definition_xml(definition_id, person()), mimetype="application/xml")


@blueprint.get("/<instance_id>/state")
def state(instance_id: str) -> ResponseReturnValue:
    """What is drawn on the diagram: tokens and counts by element, taken flows, incidents."""
    detail = engine().instance(instance_id, person())
    drawn: dict[str, object] = plain(
        {"tokens": detail.tokens, "counts": detail.counts, "taken": detail.taken, "incidents": detail.incidents}
    )
    return drawn


@blueprint.post("/<instance_id>/retry")
def retry(instance_id: str) -> ResponseReturnValue:
    engine().retry(instance_id, person())
    flash("Tried again. What still fails is listed below.", "info")
    return moved(url_for("instances.shown", instance_id=instance_id))


@blueprint.post("/<instance_id>/cancel")
def cancel(instance_id: str) -> ResponseReturnValue:
    engine().cancel(instance_id, person())
    flash("Canceled.", "info")
    return moved(url_for("instances.shown", instance_id=instance_id))


@blueprint.post("/<instance_id>/suspension")
def suspend(instance_id: str) -> ResponseReturnValue:
    engine().suspend(instance_id, person())
    flash("Suspended: nothing happens in this case until it is resumed.", "info")
    return moved(url_for("instances.shown", instance_id=instance_id))


@blueprint.post("/<instance_id>/resumption")
def resume(instance_id: str) -> ResponseReturnValue:
    engine().resume(instance_id, person())
    flash("Resumed.", "ok")
    return moved(url_for("instances.shown", instance_id=instance_id))


@blueprint.post("/<instance_id>/signals")
def signal(instance_id: str) -> ResponseReturnValue:
    """Broadcast the signal that an instance waits for; it reaches all that wait for it."""
    name = _named("signal")
    engine().signal(name, variables(), person())
    flash(f"Signal sent: {name}", "ok")
    return moved(url_for("instances.shown", instance_id=instance_id))


@blueprint.post("/<instance_id>/messages")
def message(instance_id: str) -> ResponseReturnValue:
    """Send the message that an instance waits for; it reaches whoever waits for this name and key."""
    name = _named("message")
    engine().correlate(name, text("key"), variables(), person(), ttl_seconds=MESSAGE_SECONDS)
    flash(f"Message sent: {name}", "ok")
    return moved(url_for("instances.shown", instance_id=instance_id))


def _named(what: str) -> str:
    name = text("name")
    if name is None:
        raise InvalidData({"name": [f"Give the name of the {what}."]}, f"Give the name of the {what}.")
    return name
