"""The only place for the officer's pages: the task list, one task with its form, and what becomes of an entered form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from engine import forms
from engine.core import Submitted, TaskForm
from engine.runtime.tasks import OPEN
from engine.runtime.views import TaskInfo
from web import answers
from web.answers import moved, page
from web.asked import engine, entered, person

TABS = {"mine": "My tasks", "claimable": "To claim", "done": "Done"}
COUNTED = ("mine", "claimable")

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/")
def listed() -> ResponseReturnValue:
    """The tasks of one tab: mine, claimable or done."""
    tab = request.args.get("show", "mine")
    tab = tab if tab in TABS else "mine"
    found = {each: engine().tasks(person(), each) for each in {*COUNTED, tab}}
    counts = {each: len(found[each]) for each in COUNTED}
    return page("tasks.html", show=tab, tasks=found[tab], counts=counts)


@blueprint.get("/tasks/<task_id>")
def shown(task_id: str) -> ResponseReturnValue:
    """One task: its form while it is open, what was submitted once it is done."""
    form = engine().task_form(task_id, person())
    return _open(form) if form.task.state == OPEN else _over(form)


def _open(form: TaskForm) -> ResponseReturnValue:
    mine = form.task.assignee == person().id
    return page("task.html", task=form.task, mine=mine, signed=form.signed, form=island(form.schema, form.data, readonly=not mine))


def _over(form: TaskForm) -> ResponseReturnValue:
    submission = engine().submission(form.task.id, person())
    lines = in_words(form.schema, submission.data) if submission else []
    return page("submission.html", task=form.task, submission=submission, lines=lines)


def in_words(schema: dict[str, Any] | None, data: dict[str, Any]) -> list[tuple[str, str]]:
    """Submitted data by label; by name when there was no form."""
    return forms.describe(schema, data) if schema else [(name, answers.shown(value)) for name, value in data.items()]


def island(schema: dict[str, Any] | None, data: dict[str, Any], readonly: bool = False) -> dict[str, Any] | None:
    """What the script of a form page starts from; None when there is no form."""
    return None if schema is None else {"schema": schema, "data": data, "errors": {}, "readonly": readonly}


@blueprint.post("/tasks/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    engine().claim(task_id, person())
    return moved(url_for("tasks.shown", task_id=task_id))


@blueprint.post("/tasks/<task_id>/unclaim")
def unclaim(task_id: str) -> ResponseReturnValue:
    engine().unclaim(task_id, person())
    flash("You gave the task back. It is under “To claim” again.", "info")
    return moved(url_for("tasks.listed"))


@blueprint.post("/tasks/<task_id>/draft")
def draft(task_id: str) -> ResponseReturnValue:
    engine().save_draft(task_id, entered(), person())
    return "", 204


@blueprint.post("/tasks/<task_id>/submit")
def submit(task_id: str) -> ResponseReturnValue:
    """A form to be signed goes on to its signing page, any other one is done with."""
    form = engine().task_form(task_id, person())
    if form.signed:
        request_id = engine().prepare_signature(task_id, entered(), person()).id
        return moved(url_for("signing.shown", task_id=task_id, request_id=request_id))
    return after(form.task, engine().submit(task_id, entered(), person()))


def after(task: TaskInfo, submitted: Submitted) -> ResponseReturnValue:
    """On to the person's next task in the same case; back to the list when there is none."""
    flash(f"Done: {task.name}", "ok")
    following = submitted.next_task_id
    return moved(url_for("tasks.shown", task_id=following) if following else url_for("tasks.listed"))
