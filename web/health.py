"""The only place that tells whether this server lives, and whether it can work."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from engine.identity import SYSTEM
from web.asked import engine

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> ResponseReturnValue:
    return jsonify(status="up")


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """503 while the database does not answer; why is in the log, not in the answer."""
    try:
        engine().find_person(SYSTEM.id)  # any question will do: it is the answer that counts
    except Exception as broken:
        current_app.logger.error("Not ready: the database does not answer", exc_info=broken)
        return jsonify(status="down"), 503
    return jsonify(status="up")
