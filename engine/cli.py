"""The command line: one function per command, each printing a table for people or JSON with --json.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from textwrap import indent

import click

from engine import connecting, operating
from engine.core.clearing import cleaning
from engine.files import sources
from engine.identity import ROLES, Person
from engine.jobs import wakeup
from engine.terminal import Context, command, json_object, jsonable, main

__all__ = ["connecting", "main", "operating"]


@command("demo")
@click.option("--port", default=8080, show_default=True, help="Where to serve.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".ratchet-demo"), show_default=True, help="Where the demo lives.")
@click.option("--keep", is_flag=True, help="Go on with the demo that is there instead of a fresh one.")
def demo(context: Context, port: int, folder: Path, keep: bool) -> None:
    """A fresh demo: tables, processes, people, keys; serves the browser pages."""
    from engine import demo as made
    from web import server

    prepared = made.prepare(folder, keep)
    made.tell(prepared, port, click.echo)
    server.serve(prepared.engine, port=port)


@command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--no-worker", is_flag=True, help="Leave timers, retries and asynchronous steps to `ratchet worker`.")
def serve(context: Context, host: str, port: int, no_worker: bool) -> None:
    """The web server, with a worker for timers, retries and asynchronous steps."""
    from web import server

    click.echo(f"Ratchet serves http://{host}:{port}/ — stop with Ctrl+C.")
    server.serve(context.engine, host=host, port=port, worker=not no_worker)


@command("worker")
@click.option("--concurrency", type=click.IntRange(1, 100), default=1, show_default=True, help="How many jobs at a time.")
def worker(context: Context, concurrency: int) -> None:
    """Do what falls due in the database, until it is interrupted: timers, retries, asynchronous steps. Any number may run."""
    side = wakeup.installed(context.engine.database)
    assert side is not None  # `open` installs one
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: side.stop())
    click.echo("Ratchet works off what falls due — stop with Ctrl+C.")
    with cleaning(context.engine):
        side.run(context.engine, concurrency)


@command("deploy")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Change tables that exist as the files ask for; without it, the changes are only told.")
def deploy(context: Context, paths: tuple[Path, ...], yes: bool) -> None:
    """Check and deploy BPMN and DMN files, forms, tables.sql and registry.yaml; folders are searched."""
    done = context.engine.deploy(sources(paths), context.who, confirmed=yes)
    if not context.as_json:
        click.echo("".join(f"Changed: {change}\n" for change in done.changes), nl=False)
    context.show([*done.definitions, *done.decisions], ("key", "version", "name", "changed"))


@command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def check(context: Context, paths: tuple[Path, ...]) -> None:
    """Say what stands in the way of deploying; deploys nothing."""
    from engine.runtime import deployments

    found = deployments.examine(sources(paths))
    if context.as_json:
        context.print_json({"problems": found.problems, "warnings": found.warnings})
    else:
        lines = [*map(str, found.problems), *(f"{warning} (a warning)" for warning in found.warnings)]
        click.echo("\n".join(lines) or "No problems.")
    if found.problems:
        sys.exit(1)


@command("start")
@click.argument("key")
@click.option("--vars", "variables", default="{}", help="Variables as a JSON object.")
@click.option("--business-key")
@click.option("--version", type=click.IntRange(1), help="Default: the latest.")
@click.option("--before", multiple=True, metavar="ELEMENT", help="Begin before this element, not at the start.")
@click.option("--after", multiple=True, metavar="ELEMENT", help="Begin after this element, not at the start.")
def start(
    context: Context, key: str, variables: str, business_key: str | None, version: int | None, before: tuple[str, ...],
    after: tuple[str, ...],
) -> None:  # fmt: skip
    """Start a process."""
    id = context.engine.start(key, json_object(variables), context.who, business_key, version, before, after)
    context.say(f"Started instance {id}.", instance=id)


@command("tasks")
def tasks(context: Context) -> None:
    """All open user tasks."""
    found = context.engine.tasks(context.who, "all")
    context.show(found, ("id", "name", "process_name", "business_key", "assignee", "created_at"))


@command("complete")
@click.argument("task")
@click.option("--vars", "variables", default="{}", help="The form's data as a JSON object.")
@click.option("--as", "user", help="The user name of whoever does it; default: the task's assignee.")
def complete(context: Context, task: str, variables: str, user: str | None) -> None:
    """Complete a user task that needs no signature."""
    who = _worker(context, task, user)
    done = context.engine.submit(task, json_object(variables), who)
    context.say(f"Done: task {task} of instance {done.instance_id}.", instance=done.instance_id, next_task=done.next_task_id)


@command("message")
@click.argument("name")
@click.option("--key", help="The correlation key (or business key) of the instance that it is for.")
@click.option("--vars", "variables", default="{}", help="Variables as a JSON object.")
@click.option("--ttl", default=3600.0, show_default=True, help="How many seconds it is kept for somebody who waits later.")
def message(context: Context, name: str, key: str | None, variables: str, ttl: float) -> None:
    """Send a message to whoever waits for it."""
    reached = context.engine.correlate(name, key, json_object(variables), context.who, ttl)
    told = f"Reached {', '.join(reached)}." if reached else f"Nobody waits for it; kept for {ttl:g} seconds."
    context.say(told, instances=reached)


@command("decide")
@click.argument("key")
@click.option("--vars", "variables", default="{}", help="Variables as a JSON object.")
@click.option("--version", type=click.IntRange(1), help="Default: the latest.")
def decide(context: Context, key: str, variables: str, version: int | None) -> None:
    """Evaluate a decision and tell which rules matched."""
    result = context.engine.decide(key, json_object(variables), context.who, version)
    context.say(json.dumps(jsonable(result.value), ensure_ascii=False), **vars(result))
    for one in result.evaluated if not context.as_json else ():
        click.echo(f"{one.name} ({one.id}): " + (", ".join(f"rule {rule.index} ({rule.id})" for rule in one.rules) or one.kind))
    for warning in result.warnings if not context.as_json else ():
        click.echo(f"{warning} (a warning)")


@command("show")
@click.argument("instance")
def show(context: Context, instance: str) -> None:
    """Everything about one instance."""
    detail = context.engine.instance(instance, context.who)
    if context.as_json:
        context.print_json(detail)
        return
    click.echo(f"{detail.info.process_name} (version {detail.info.version}), {detail.info.state}")
    context.show(detail.activities, ("name", "type", "state", "started_at", "ended_at", "person"))
    context.show([{"name": name, "value": value} for _, name, value in detail.variables], ("name", "value"))
    for incident in detail.incidents:
        click.echo(f"Incident at {incident.element_id}: {incident.message}")
    for failure in detail.failures:
        click.echo(f"Failed attempt {failure.reference} by {failure.person}: {failure.message}")


@command("user")
@click.argument("user")
@click.option("--name", help="The full name; default: the user name.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), default=["officer"], show_default=True)
@click.option("--group", "groups", multiple=True, help="A candidate group of user tasks.")
@click.option("--serial-number", help="The serialNumber in the subject of the person's certificate; without it they cannot sign.")
@click.password_option(envvar="RATCHET_PASSWORD")
def user(
    context: Context, user: str, name: str | None, roles: tuple[str, ...], groups: tuple[str, ...], serial_number: str | None, password: str
) -> None:
    """Make a person known, who then can log in."""
    context.engine.add_person(Person(user, name or user, frozenset(roles), frozenset(groups), serial_number), password)
    context.say(f"{user} can log in.", user=user)


@command("test")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--junit", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file as JUnit's XML.")
def test(context: Context, files: tuple[Path, ...], report: Path | None) -> None:
    """Run scenario files, each in a throw-away database."""
    from engine.scenarios import junit, run_files

    results = run_files(files)
    if report is not None:
        report.write_bytes(junit(results))
    if context.as_json:
        context.print_json(results)
    for result in results if not context.as_json else ():
        click.echo(f"{'ok    ' if result.passed else 'FAILED'} {result.file}")
        if result.message:
            click.echo(indent(result.message, "  "))
    failed = sum(not result.passed for result in results)
    if not context.as_json:
        click.echo(f"{len(results) - failed} passed, {failed} failed")
    if failed:
        sys.exit(1)


def _worker(context: Context, task_id: str, user: str | None) -> Person:
    assignee = next((task.assignee for task in context.engine.tasks(context.who, "all") if task.id == task_id), None)
    name = user or assignee
    found = context.engine.find_person(name) if name else None
    if name and found is None:
        raise click.UsageError(f"There is no person with the user name “{name}”.")
    return found or context.who
