"""The only place for the page on which an officer reads what they sign, and signs it with a key that stays on their computer."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from engine.runtime.tasks import OPEN
from engine.signing import SignatureRefused
from web.answers import moved, page
from web.asked import engine, json_object, person
from web.tasks import after

blueprint = Blueprint("signing", __name__)


@blueprint.get("/tasks/<task_id>/sign/<request_id>")
def shown(task_id: str, request_id: str) -> ResponseReturnValue:
    """What will be signed in words, and the exact bytes of it for the script that signs."""
    task = engine().task_form(task_id, person()).task
    if task.state != OPEN:
        return moved(url_for("tasks.shown", task_id=task_id))
    wanted = engine().signing(request_id, person())
    signing = {"request_id": wanted.id, "document_base64": b64encode(wanted.document).decode()}
    return page("sign.html", task=task, lines=wanted.lines, signing=signing, document=wanted.document.decode())


@blueprint.post("/tasks/<task_id>/sign/<request_id>")
def sign(task_id: str, request_id: str) -> ResponseReturnValue:
    """The signature over the server's own copy of the document; the form's data are those that were prepared."""
    task = engine().task_form(task_id, person()).task
    return after(task, engine().submit(task_id, {}, person(), signature=signature(), request_id=request_id))


def signature() -> bytes:
    """The signature in the body, base64 of its DER. Raises SignatureRefused when it is none."""
    try:
        return b64decode(json_object().get("signature", ""), validate=True)
    except (binascii.Error, TypeError, ValueError) as broken:
        raise SignatureRefused("The signature arrived damaged. Sign once more.", reason="malformed") from broken
