"""The commands for what processes reach outside: secrets, and the connector runtime."""

from __future__ import annotations

import secrets as randomness
import signal
import socket
import sys
import threading
from pathlib import Path

import click

from engine import config, outpost
from engine.delegates import sql
from engine.delegates.foreign import Foreign
from engine.errors import Forbidden
from engine.terminal import Context, command

SECONDS_A_DAY = 86_400


@command("secret")
@click.argument("action", type=click.Choice(["set", "list", "delete"]))
@click.argument("name", required=False)
def secret(context: Context, action: str, name: str | None) -> None:
    """The encrypted secrets in the database. `set` reads the value from the terminal, unseen, or from standard input."""
    if action == "list":
        context.show(context.engine.stored_secrets(context.who), ("name", "set_at", "set_by"))
        return
    if not name:
        raise click.UsageError(f"Which secret? Write: ratchet secret {action} NAME")
    if action == "set":
        context.engine.set_secret(name, _value(name), context.who)
    else:
        context.engine.delete_secret(name, context.who)
    context.say(f"The secret {name} is {'kept' if action == 'set' else 'deleted'}.", secret=name)


def _value(name: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=True))
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")


@command("token")
@click.argument("user")
@click.option("--days", type=click.IntRange(1, 3650), default=1, show_default=True, help="How long it is good for.")
def token(context: Context, user: str, days: int) -> None:
    """An access token that speaks for a person: for programs, workers and connector runtimes."""
    found = context.engine.find_person(user)
    if found is None:
        raise click.UsageError(f"There is no person with the user name “{user}”.")
    made = context.engine.tokens.issue(found, days * SECONDS_A_DAY)
    context.say(made, token=made)


@command("connect")
@click.option("--server", required=True, metavar="URL", help="The Ratchet server.")
@click.option("--token", required=True, envvar="RATCHET_TOKEN", help="An analyst's access token; better in RATCHET_TOKEN.")
@click.option("--types", required=True, help="Job types, with commas between them; TYPE@NAME for databases mapped to :remote:NAME.")
@click.option("--connections", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File: name in a model -> URL.")
@click.option("--concurrency", type=click.IntRange(1, 100), default=1, show_default=True, help="How many jobs at a time.")
def connect(context: Context, server: str, token: str, types: str, connections: Path | None, concurrency: int) -> None:
    """A connector runtime: does SQL jobs of a server beside a database that only it can reach, with its own secrets."""
    wanted = [one.strip() for one in types.split(",") if one.strip()]
    unknown = [one for one in wanted if one.partition("@")[0] not in sql.JOB_TYPES]
    if unknown or not wanted:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is none of {', '.join(sql.JOB_TYPES)}", param_hint="--types")
    foreign = Foreign()
    there = outpost.world(config.reachable(connections) if connections else {}, config.given_secrets(), foreign)
    stop, refusals = threading.Event(), list[Forbidden]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    name = f"{socket.gethostname()}-{randomness.token_hex(4)}"
    workers = [outpost.Outpost(outpost.Api(server, token), wanted, there, f"{name}-{number}") for number in range(concurrency)]
    click.echo(f"Ratchet connects {', '.join(wanted)} to {server} — stop with Ctrl+C.")
    _run_all(workers, stop, refusals)
    foreign.close()
    if refusals:
        raise refusals[0]


def _run_all(workers: list[outpost.Outpost], stop: threading.Event, refusals: list[Forbidden]) -> None:
    """Until they are told to stop, or the server accepts none of them."""

    def run(worker: outpost.Outpost) -> None:
        try:
            worker.run(stop)
        except Forbidden as refused:
            refusals.append(refused)
            stop.set()

    threads = [threading.Thread(target=run, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
