"""The only place that puts the web application together, out of one engine."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from flask import Flask, Response, g
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.access import is_analyst
from engine.core import Engine
from web import answers, api, assets, data, errors, health, instances, login, modeler, processes, signing, tasks

MAX_UPLOAD_BYTES = 5 * 1024 * 1024
SESSION_HOURS = 12
PAGES = (tasks, signing, processes, instances, modeler, api, data, health)

# bpmn-js and form-js set style attributes on what they draw, hence 'unsafe-inline' for styles; scripts come from files of ours alone.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


def create_app(engine: Engine, *, https: bool = False, proxies: int = 0) -> Flask:
    """The web application over an engine.

    https    it is reached by https only: cookies are marked so, and browsers are told to stay there.
    proxies  how many trusted reverse proxies stand in front; their X-Forwarded headers tell who really asks.
    """
    app = Flask("web", static_folder=None)
    app.extensions["ratchet"] = engine
    _setup_session(app, engine, https)
    _setup_headers(app, https)
    assets.setup(app)
    answers.setup(app)
    login.setup(app)
    errors.setup(app)
    _setup_pages(app)
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]  # as Flask's documentation has it
    return app


def _setup_session(app: Flask, engine: Engine, https: bool) -> None:
    app.config.update(
        SECRET_KEY=hmac.digest(engine.config.token_key(), b"ratchet web session", hashlib.sha256),
        SESSION_COOKIE_NAME="ratchet",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        WTF_CSRF_CHECK_DEFAULT=False,  # `login.identify` checks, once it knows whether a token or a session asks
        WTF_CSRF_TIME_LIMIT=None,  # a forgery token lives as long as its session: forms stay open for hours
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_UPLOAD_BYTES,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # an attribute of Flask's default provider


def _setup_headers(app: Flask, https: bool) -> None:
    headers = HEADERS | (ONLY_HTTPS if https else {})

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _setup_pages(app: Flask) -> None:
    for each in PAGES:
        app.register_blueprint(each.blueprint)
    app.context_processor(_known_to_all_pages)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def _known_to_all_pages() -> dict[str, object]:
    """Who is logged in, and whether they look after processes: pages hide what a person may not do; the engine decides."""
    who = g.get("person")
    return {"me": who, "analyst": bool(who and is_analyst(who))}
