"""The command line's own ground: settings, output, and how a command is made. Commands stand in `cli` and `operating`."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import wraps
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from engine.config import Config
from engine.core import Engine
from engine.core import open as open_engine
from engine.errors import RatchetError
from engine.identity import Person
from engine.runtime.values import plain

OPERATOR_ROLES = frozenset({"officer", "analyst", "admin"})


class Context:
    """What every command is handed: the settings, the output, and the engine when it is first asked for."""

    def __init__(self, database: str | None, as_json: bool):
        self.database, self.as_json = database, as_json
        self.who = Person(getpass.getuser(), getpass.getuser(), OPERATOR_ROLES)
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = open_engine(Config.from_environment(database=self.database))
        return self._engine

    def show(self, rows: Sequence[Any], columns: Sequence[str]) -> None:
        """Print records as a table with these columns, or as JSON with all they have."""
        if self.as_json:
            self.print_json(rows)
            return
        table = Table(*[column.replace("_", " ") for column in columns], box=None, pad_edge=False)
        for row in rows:
            values = row if isinstance(row, dict) else row.__dict__
            table.add_row(*[_cell(values[column]) for column in columns])
        _console().print(table)

    def say(self, text: str, **facts: Any) -> None:
        """Print one sentence, or its facts as JSON."""
        if self.as_json:
            self.print_json(facts)
        else:
            click.echo(text)

    def print_json(self, value: Any) -> None:
        click.echo(json.dumps(jsonable(value), ensure_ascii=False))


def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command of `ratchet` that can print JSON and tells refusals in one line."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def run(as_json: bool, **options: Any) -> None:
            context = Context(click.get_current_context().obj, as_json)
            try:
                function(context, **options)
            except RatchetError as refused:
                _fail(context, refused)

        with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(run)
        return main.command(name)(with_json)

    return decorate


@click.group()
@click.option("--database", help="SQLAlchemy URL of the database; default: RATCHET_DATABASE_URL, else an SQLite file.")
@click.version_option(package_name="ratchet")
@click.pass_context
def main(context: click.Context, database: str | None) -> None:
    """Ratchet runs BPMN processes whose SQL commits together with them."""
    context.obj = database


def json_object(text: str, option: str = "--vars") -> dict[str, Any]:
    """The JSON object that an option holds."""
    try:
        value = json.loads(text)
    except ValueError as broken:
        raise click.BadParameter(f"“{text}” is not JSON: {broken}", param_hint=option) from broken
    if not isinstance(value, dict):
        raise click.BadParameter('it must be a JSON object, like {"amount": 5}', param_hint=option)
    return value


def _fail(context: Context, refused: RatchetError) -> None:
    errors = getattr(refused, "errors", {})
    if context.as_json:
        context.print_json({"error": type(refused).__name__, "message": str(refused), "errors": errors})
    else:
        click.echo(str(refused), err=True)
        for path, texts in errors.items():
            click.echo(f"  {path}: {' '.join(texts)}", err=True)
    sys.exit(1)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 240, soft_wrap=True)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)


def jsonable(value: Any) -> Any:
    """What JSON can say of any record."""
    if is_dataclass(value) and not isinstance(value, type):
        return jsonable(asdict(value))
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    return plain(value)
