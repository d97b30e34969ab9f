"""The commands by which analysts mend, move and rerun what is under way, one instance or many at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import click

from engine.core import Outcome
from engine.errors import Refused
from engine.runtime.modification import AFTER, BEFORE, CANCEL, Instruction
from engine.runtime.selection import Selection
from engine.terminal import Context, command, json_object

Command = Callable[..., None]
_FILTERS: dict[str, dict[str, Any]] = {
    "key": {"help": "Instances of this process."},
    "version": {"type": click.IntRange(1), "help": "On this version of it."},
    "state": {"help": "active, incident, suspended, completed or canceled."},
    "business_key": {"help": "With this business key."},
    "element": {"help": "With a token at this element."},
    "incident": {"help": "With this text in the message of an incident."},
    "started_after": {"type": click.DateTime(), "help": "Started at this moment or later, in UTC."},
    "started_before": {"type": click.DateTime(), "help": "Started before this moment, in UTC."},
}


def filtering(*without: str) -> Callable[[Command], Command]:
    """The options that say which instances are meant."""

    def decorate(function: Command) -> Command:
        for name in reversed([name for name in _FILTERS if name not in without]):
            function = click.option(f"--{name.replace('_', '-')}", name, **_FILTERS[name])(function)
        return function

    return decorate


def chosen(instances: Sequence[str], options: dict[str, Any]) -> Selection:
    """The selection that arguments and options describe; moments without a zone are UTC."""
    known = {field.name: options[field.name] for field in fields(Selection) if options.get(field.name) is not None}
    aware: dict[str, Any] = {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in known.items()}
    return Selection(ids=tuple(instances), **aware)


def _act(context: Context, instances: Sequence[str], options: dict[str, Any], told: str, act: Callable[[str], str | None]) -> None:
    """Do it to the one instance that is named, or to all that are meant."""
    selection = chosen(instances, options)
    if selection == Selection(ids=tuple(instances)) and len(instances) == 1:
        made = act(instances[0])
        context.say(f"{told}: instance {made or instances[0]}.", instance=made or instances[0])
        return
    outcomes = context.engine.each(selection, act, context.who)
    _tell(context, outcomes, told)


def _tell(context: Context, outcomes: list[Outcome], told: str) -> None:
    context.show(outcomes, ("instance_id", "done", "made", "message"))
    done = sum(one.done for one in outcomes)
    if not context.as_json:
        click.echo(f"{told}: {done} of {len(outcomes)} instances.")
    if done < len(outcomes):
        sys.exit(1)


@command("instances")
@filtering()
def instances(context: Context, **options: Any) -> None:
    """Instances, the newest first; only those that the filters mean."""
    selection = chosen((), options)
    simple = selection == Selection(key=selection.key, state=selection.state)
    engine, who = context.engine, context.who
    found = engine.instances(who, selection.key, selection.state) if simple else engine.select(selection, who)[::-1]
    context.show(found, ("id", "key", "version", "business_key", "state", "started_at", "started_by"))


@command("incidents")
@filtering()
def incidents(context: Context, **options: Any) -> None:
    """What failed and waits for somebody."""
    found = context.engine.incidents(context.who, chosen((), options))
    context.show(found, ("id", "instance_id", "key", "version", "element_id", "message"))


@command("retry")
@click.argument("instances", nargs=-1, metavar="[INSTANCE]...")
@click.option("--job", help="Only this incident: its id as `ratchet incidents` tells it.")
@filtering()
def retry(context: Context, instances: tuple[str, ...], job: str | None, **options: Any) -> None:
    """Try the incidents of instances once more."""
    if job is not None and not instances:
        context.engine.retry_job(job, context.who)
        context.say(f"Tried again: {job}.", incident=job)
        return
    _act(context, instances, options, "Tried again", lambda id: context.engine.retry(id, context.who, job))


@command("cancel")
@click.argument("instances", nargs=-1, metavar="[INSTANCE]...")
@filtering()
def cancel(context: Context, instances: tuple[str, ...], **options: Any) -> None:
    """Stop instances for good; what they wrote stays."""
    _act(context, instances, options, "Canceled", lambda id: context.engine.cancel(id, context.who))


@command("suspend")
@click.argument("instances", nargs=-1, metavar="[INSTANCE]...")
@filtering()
def suspend(context: Context, instances: tuple[str, ...], **options: Any) -> None:
    """Stop instances for a while, with all that they called."""
    _act(context, instances, options, "Suspended", lambda id: context.engine.suspend(id, context.who))


@command("resume")
@click.argument("instances", nargs=-1, metavar="[INSTANCE]...")
@filtering()
def resume(context: Context, instances: tuple[str, ...], **options: Any) -> None:
    """Let suspended instances go on."""
    _act(context, instances, options, "Resumed", lambda id: context.engine.resume(id, context.who))


@command("variables")
@click.argument("instance")
@click.option("--set", "given", default="{}", help="Variables to change, as a JSON object.")
@click.option("--remove", "removed", multiple=True, help="The name of a variable to take away.")
@click.option("--at", "element", help="The element or token whose own variables are meant; default: the instance's.")
def variables(context: Context, instance: str, given: str, removed: tuple[str, ...], element: str | None) -> None:
    """Show the variables of an instance, or change them."""
    changed = json_object(given, "--set")
    if changed or removed:
        context.engine.set_variables(instance, changed, context.who, element, removed)
    found = context.engine.instance(instance, context.who).variables
    context.show([{"at": at, "name": name, "value": value} for at, name, value in found], ("at", "name", "value"))


@command("modify")
@click.argument("instances", nargs=-1, metavar="[INSTANCE]...")
@click.option("--cancel", "canceled", multiple=True, help="Cancel the tokens at this element, or this token.")
@click.option("--before", multiple=True, help="Begin before this element.")
@click.option("--after", multiple=True, help="Begin after this element.")
@click.option("--in", "scope", help="The token of the sub-process to begin in, where several are under way.")
@click.option("--vars", "given", default="{}", help="Variables of the instance to set first, as a JSON object.")
@filtering()
def modify(
    context: Context, instances: tuple[str, ...], canceled: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...],
    scope: str | None, given: str, **options: Any,
) -> None:  # fmt: skip
    """Change where instances stand: tokens are canceled first, then begin before and after elements."""
    asked = [Instruction(BEFORE, id, scope) for id in before] + [Instruction(AFTER, id, scope) for id in after]
    set_first = json_object(given)

    def act(id: str) -> None:
        at = context.engine.instance(id, context.who).tokens
        gone = [Instruction(CANCEL, one) if one in at else Instruction(CANCEL, token=one) for one in canceled]
        context.engine.modify(id, [*gone, *asked], context.who, set_first)

    _act(context, instances, options, "Modified", act)


@command("migrate")
@click.argument("key")
@click.option("--from", "version", type=click.IntRange(1), help="The version to leave; default: every older one.")
@click.option("--to", "to_version", type=click.IntRange(1), help="The version to go to; default: the latest.")
@click.option("--map", "renamed", multiple=True, metavar="OLD=NEW", help="An element that has another id now.")
@click.option("--renew", is_flag=True, help="Wait for messages, signals and timers anew, as the new version says.")
@click.option("--plan", "only_plan", is_flag=True, help="Only say what stands in the way.")
@filtering("key", "version")
def migrate(
    context: Context, key: str, version: int | None, to_version: int | None, renamed: tuple[str, ...], renew: bool, only_plan: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Take the open instances of a process to another version."""
    mapping = dict(_pair(one) for one in renamed)
    versions = [one.version for one in context.engine.versions(key, context.who)]
    if not versions:
        raise Refused(f"There is no process “{key}”.")
    target = to_version or versions[0]
    if only_plan:
        _show_plans(context, key, version, target, mapping, chosen((), options))
        return
    selection = chosen((), {**options, "key": key, "version": version})
    found = [one.id for one in context.engine.select(selection, context.who) if one.ended_at is None and one.version != target]
    outcomes = [] if not found else context.engine.each(
        Selection(ids=tuple(found)), lambda id: context.engine.migrate(id, context.who, target, mapping, renew), context.who
    )  # fmt: skip
    _tell(context, outcomes, f"Migrated to version {target}")


def _show_plans(context: Context, key: str, version: int | None, target: int, mapping: dict[str, str], narrowed: Selection) -> None:
    others = [one.version for one in context.engine.versions(key, context.who) if one.version != target]
    plans = [
        context.engine.plan_migration(key, one, context.who, target, mapping, narrowed) for one in others if version in (None, one)
    ]  # fmt: skip
    if context.as_json:
        context.print_json(plans)
        return
    for plan in plans:
        click.echo(f"From version {plan.from_version} to {plan.to_version}: {plan.instances} instances.")
        for obstacle in plan.obstacles:
            click.echo(f"  {obstacle.instances} cannot go: “{obstacle.element}”: {obstacle.reason}")


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise click.BadParameter(f"“{text}” must be written OLD=NEW.", param_hint="--map")
    return old, new


@command("rerun")
@click.argument("instances", nargs=-1, metavar="[INSTANCE]...")
@click.option("--from", "before", multiple=True, metavar="ELEMENT", help="Begin before this element; default: where the instance began.")
@click.option("--after", multiple=True, metavar="ELEMENT", help="Begin after this element.")
@click.option("--to", "to_version", type=click.IntRange(1), help="On this version, where --version is a filter.")
@click.option("--vars", "given", default="{}", help="Variables that are different, as a JSON object.")
@click.option("--remove", "removed", multiple=True, help="The name of a variable to leave out.")
@click.option("--as-it-is", is_flag=True, help="With the variables that the instance has now, not those that it began with.")
@filtering()
def rerun(
    context: Context, instances: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...], to_version: int | None, given: str,
    removed: tuple[str, ...], as_it_is: bool, **options: Any,
) -> None:  # fmt: skip
    """Start new instances like others: `rerun INSTANCE --version V` runs one again on that version."""
    version, different = to_version, json_object(given)
    if instances and to_version is None:
        version = options.pop("version")

    def act(id: str) -> str:
        return context.engine.rerun(id, context.who, version, before, after, different, removed, as_it_is)

    _act(context, instances, options, "Started", act)


@command("signal")
@click.argument("name")
@click.option("--vars", "given", default="{}", help="Variables as a JSON object.")
def signal(context: Context, name: str, given: str) -> None:
    """Broadcast a signal to everything that waits for it."""
    reached = context.engine.signal(name, json_object(given), context.who)
    context.say(f"Reached {', '.join(reached)}." if reached else "Nobody waits for it.", instances=reached)


@command("delete")
@click.argument("key")
@click.option("--version", type=click.IntRange(1), required=True, help="The version to delete.")
@click.option("--with-instances", is_flag=True, help="Also forget its instances that have finished.")
def delete(context: Context, key: str, version: int, with_instances: bool) -> None:
    """Delete a version of a process that nobody uses."""
    found = [one.id for one in context.engine.versions(key, context.who) if one.version == version]
    if not found:
        raise Refused(f"There is no version {version} of a process “{key}”.")
    context.engine.delete_definition(found[0], context.who, with_instances)
    context.say(f"Deleted: version {version} of {key}.", definition=found[0])


@command("clean-up")
def clean_up(context: Context) -> None:
    """Forget the instances that finished longer ago than their process keeps them; `serve` and `worker` do it every hour."""
    count = context.engine.clean_up(context.who)
    context.say(f"Forgot {count} instances.", instances=count)
