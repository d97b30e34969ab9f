"""The only place that knows who is logged in: sessions of the browser, access tokens of programs, and the page to log in on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect

from engine.identity import LoginRefused, Person
from web.asked import engine, wants_json
from web.errors import NotLoggedIn

PUBLIC = {"login.form", "login.log_in", "health.live", "health.ready", "assets.static"}
LOGIN_FAILED = 401
FAILED_LOGINS = "10 per minute"
BEARER = "Bearer "

blueprint = Blueprint("login", __name__)


class Account(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """A person as Flask-Login keeps one."""

    def __init__(self, person: Person):
        self.person = person
        self.id = person.id


def setup(app: Flask) -> None:
    """Everything needs a known person, except the public pages; every change from a browser needs its forgery token."""
    sessions = LoginManager(app)
    sessions.user_loader(_account)
    CSRFProtect(app)
    app.before_request(identify)
    app.register_blueprint(blueprint)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    only_failures = limiter.limit(FAILED_LOGINS, deduct_when=lambda response: response.status_code == LOGIN_FAILED)
    views: dict[str, Any] = app.view_functions
    views["login.log_in"] = only_failures(views["login.log_in"])


def _account(person_id: str) -> Account | None:
    found = engine().find_person(person_id)
    return Account(found) if found else None


def identify() -> ResponseReturnValue | None:
    """Before every request: who asks? A token goes before the session, and only a session can be abused from another site."""
    token = _token()
    if token is not None:
        g.person = engine().tokens.read(token)
        return None
    g.person = current_user.person if current_user.is_authenticated else None
    if g.person is None and request.endpoint not in PUBLIC and request.endpoint is not None:
        return _ask_to_log_in()
    if current_app.config["WTF_CSRF_ENABLED"] and request.endpoint is not None:
        current_app.extensions["csrf"].protect()
    return None


def _token() -> str | None:
    """The access token of this request, from either header; None when there is none."""
    header = request.headers.get("Authorization", "")
    if header.startswith(BEARER):
        return header.removeprefix(BEARER).strip()
    return request.headers.get("X-Access-Token")


def _ask_to_log_in() -> ResponseReturnValue:
    if wants_json() or "HX-Request" in request.headers:
        raise NotLoggedIn("Your session has ended, or you have not logged in. Log in and try again.")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("login.form", next=wanted))


def local(url: str | None) -> str:
    """The address if it is one of our own pages, else the task list: nobody is sent to another site after logging in."""
    plain = bool(url) and url is not None and url.isprintable() and "\\" not in url
    if url and plain and url.startswith("/") and not url.startswith("//") and not urlsplit(url).netloc:
        return url
    return url_for("tasks.listed")


@blueprint.get("/login")
def form() -> ResponseReturnValue:
    if g.person:
        return redirect(local(request.args.get("next")))
    return render_template("login.html", next=request.args.get("next"))


@blueprint.post("/login")
def log_in() -> ResponseReturnValue:
    """Raises nothing: a wrong password is said on the page itself."""
    name, wanted = request.form.get("username", "").strip(), request.form.get("next")
    try:
        found = engine().authenticate(name, request.form.get("password", ""))
    except LoginRefused as refusal:
        return render_template("login.html", message=refusal.message, username=name, next=wanted), LOGIN_FAILED
    session.clear()
    session.permanent = True
    login_user(Account(found))
    return redirect(local(wanted), 303)


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    logout_user()
    session.clear()
    return redirect(url_for("login.form"), 303)
