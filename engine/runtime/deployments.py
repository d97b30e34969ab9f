"""A deployment: files in, checked as a whole; all of them come in or none does. The only user of `ratchet_registry`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from engine import dmn
from engine.bpmn.model import Process
from engine.bpmn.reader import read
from engine.bpmn.values import Expression
from engine.data import ddl, declarations, migration
from engine.data.declarations import Declarations
from engine.data.migration import Change
from engine.data.tables import apply_tables
from engine.db import metadata
from engine.dmn import Decision
from engine.errors import DeploymentRefused, Problem
from engine.runtime import checks, decisions, definitions, evaluate
from engine.runtime.decisions import DecisionInfo
from engine.runtime.definitions import DefinitionInfo, Form

registry_file = Table(
    "ratchet_registry",
    metadata,
    Column("folder", Text, primary_key=True),
    Column("declaration", Text, nullable=False),
    Column("tables", Text, nullable=False),
    Column("stamp", Text, nullable=False, server_default=""),
)


@dataclass(frozen=True)
class SourceFile:
    """A file to deploy. Its name may have folders; they tell which tables.sql and registry.yaml belong together."""

    name: str
    content: bytes

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.name).parent)

    @property
    def base(self) -> str:
        return PurePosixPath(self.name).name

    def text(self) -> str:
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as broken:
            raise DeploymentRefused([Problem(self.name, None, None, "The file is not text in UTF-8.")]) from broken


@dataclass(frozen=True)
class Deployment:
    """What came in: process and decision versions (changed or not), forms, and the tables that were created; and what may be a slip.

    changes  what was changed of tables that were there, in words
    """

    definitions: list[DefinitionInfo]
    forms: list[Form]
    tables: list[str]
    warnings: list[Problem]
    decisions: list[DecisionInfo]
    changes: list[str] = field(default_factory=list)


@dataclass
class Bundle:
    """The files of one deployment, read, with the problems that stand in its way and the warnings that do not."""

    processes: list[tuple[SourceFile, Process]] = field(default_factory=list)
    decisions: list[tuple[SourceFile, Decision]] = field(default_factory=list)
    forms: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tables: list[SourceFile] = field(default_factory=list)
    registries: list[SourceFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def examine(files: Iterable[SourceFile]) -> Bundle:
    """Read all files and look for everything that would stand in their way."""
    bundle = Bundle()
    for file in files:
        reader = _READERS.get(file.base) or _READERS.get(PurePosixPath(file.base).suffix)
        try:
            if reader is None:
                known = ".bpmn, .dmn, .form, tables.sql and registry.yaml"
                raise DeploymentRefused([Problem(file.name, None, None, f"Ratchet does not deploy files of this kind; it takes {known}.")])
            reader(bundle, file)
        except DeploymentRefused as refused:
            bundle.problems += refused.problems
    return bundle


def apply(tx: Connection, bundle: Bundle, at: datetime, by: str, confirmed: bool = False) -> Deployment:
    """Bring the files in. Raises `DeploymentRefused` while there is a problem, `NotConfirmed` where tables that exist would be changed."""
    if bundle.problems:
        raise DeploymentRefused(bundle.problems)
    changes = [_changes(tx, file) for file in bundle.tables]
    if any(changes) and not confirmed:
        raise migration.NotConfirmed(change for each in changes for change in each)
    several = zip(bundle.tables, changes, strict=True)
    tables = [name for file, changed in several for name in apply_tables(tx, file.text(), file.name, changed)]
    for folder in dict.fromkeys(file.folder for file in (*bundle.tables, *bundle.registries)):
        _keep_registry(tx, folder, bundle)
    kept = [definitions.add_form(tx, key, schema, at) for key, schema in bundle.forms]
    infos = [definitions.add(tx, process, file.name, file.content, at, by) for file, process in bundle.processes]
    decided = [decisions.add(tx, one, file.name, file.content, at, by, at) for file, one in bundle.decisions]
    missing = [warning for file, process in bundle.processes for warning in checks.warnings(tx, process, file.name)]
    told = [str(change) for each in changes for change in each]
    return Deployment(infos, kept, tables, [*bundle.warnings, *missing], decided, told)


def registry_declarations(tx: Connection) -> Declarations:
    """What all deployed registry.yaml files say together."""
    return Declarations.together(declarations.read(row.declaration, row.tables, row.folder) for row in tx.execute(select(registry_file)))


def _changes(tx: Connection, file: SourceFile) -> list[Change]:
    before = tx.execute(select(registry_file.c.tables).where(registry_file.c.folder == file.folder)).scalar()
    return migration.plan(tx, file.text(), file.name, before or "")


def _keep_registry(tx: Connection, folder: str, bundle: Bundle) -> None:
    """Keep a folder's files; one that this deployment does not bring stays as it was. The stamp tells others that it is new."""
    mine = registry_file.c.folder == folder
    row = tx.execute(select(registry_file.c.declaration, registry_file.c.tables).where(mine)).one_or_none() or ("", "")
    brought = [[file.text() for file in files if file.folder == folder] for files in (bundle.registries, bundle.tables)]
    declaration, tables = ("\n".join(texts) if texts else before for texts, before in zip(brought, row, strict=True))
    tx.execute(delete(registry_file).where(mine))
    tx.execute(insert(registry_file).values(folder=folder, declaration=declaration, tables=tables, stamp=str(uuid4())))


def _read_bpmn(bundle: Bundle, file: SourceFile) -> None:
    for process in read(file.content, file.name):
        bundle.problems += [*_said_by(evaluate.check, process, file.name), *checks.problems(process, file.name)]
        bundle.warnings += _said_by(evaluate.doubts, process, file.name)
        if any(process.key == other.key for _, other in bundle.processes):
            bundle.problems.append(Problem(file.name, None, process.key, "Another file of this deployment has a process with the same id."))
        bundle.processes.append((file, process))


def _said_by(ask: Callable[[Expression], list[str]], process: Process, file: str) -> list[Problem]:
    """What is to be said of a process's expressions, each with the line and element where it stands."""
    return [Problem(file, one.line, element_id, text) for element_id, one in process.expressions() for text in ask(one)]


def _read_dmn(bundle: Bundle, file: SourceFile) -> None:
    for decision in dmn.read(file.content, file.name):
        bundle.problems += dmn.check(decision)
        bundle.warnings += dmn.doubts(decision)
        if any(decision.id == other.id for _, other in bundle.decisions):
            text = "Another file of this deployment has a decision with the same id."
            bundle.problems.append(Problem(file.name, decision.line, decision.id, text))
        bundle.decisions.append((file, decision))


def _read_form(bundle: Bundle, file: SourceFile) -> None:
    schema, problems = checks.form_problems(file.text())
    bundle.problems += [Problem(file.name, None, None, text) for text in problems]
    if not problems:
        bundle.forms.append((str(schema.get("id") or PurePosixPath(file.base).stem), schema))


def _read_tables(bundle: Bundle, file: SourceFile) -> None:
    ddl.statements(file.text(), file.name)
    bundle.tables.append(file)


def _read_registry(bundle: Bundle, file: SourceFile) -> None:
    declarations.read(file.text(), file=file.name)
    bundle.registries.append(file)


_READERS: dict[str, Callable[[Bundle, SourceFile], None]] = {
    "tables.sql": _read_tables,
    "registry.yaml": _read_registry,
    ".bpmn": _read_bpmn,
    ".dmn": _read_dmn,
    ".form": _read_form,
}
