"""The only place that reads the environment.

RATCHET_DATABASE_URL   SQLAlchemy URL of the database; default `sqlite:///ratchet.db`. The command line's `--database` goes before it.
RATCHET_HOME           folder for keys and settings; default `.ratchet` beside the SQLite file, else in the current folder.
RATCHET_CONNECTIONS    JSON object: what a model calls a database ("host:port/database") → SQLAlchemy URL, or `:registry:` for the
                       engine's own database, or `:remote:NAME` for one that the connector runtime of that name reaches.
                       It goes before the same names in `connections.json` or `connections.yaml` in the home folder.
RATCHET_REMOTE_TYPES   job types of ours, with commas between them, that are left to connector runtimes (`ratchet connect`).
RATCHET_TRUST          folder of the certificates and revocation lists that officers' signatures are checked with; default `<home>/trust`.
RATCHET_SEAL           folder of the system's own signing key and certificate; default `<home>/seal`.
RATCHET_SECRET_<NAME>  the secret that models call `secrets.<NAME>`.
RATCHET_SECRETS        where more of them are: a folder with one file for each, or a JSON file with an object of them.
"""

from __future__ import annotations

import json
import os
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import Refused
from engine.keyfiles import private_file

DEFAULT_DATABASE = "sqlite:///ratchet.db"
REGISTRY = ":registry:"
REMOTE = ":remote:"
SECRET_PREFIX = "RATCHET_SECRET_"
TOKEN_KEY_BYTES = SECRET_KEY_BYTES = 32
_REGISTRY_SPELLINGS = (REGISTRY, f"sqlite:///{REGISTRY}")


class BadSetting(Refused):
    """A setting is wrong. The message names the variable or file, what is wrong with it and what to write instead."""


@dataclass(frozen=True)
class Config:
    """Everything that one installation is started with.

    database_url  SQLAlchemy URL of the engine's database.
    home          folder for keys; made when something is first kept there.
    connections   "host:port/database" as a model writes it → SQLAlchemy URL, or REGISTRY for the engine's own database.
    secrets       name → value of what models call `secrets.NAME`, besides those that `ratchet secret set` keeps in the database.
    remote_types  job types of ours that are left to connector runtimes.
    trust         folder of trusted certificates and revocation lists (signing.Trust).
    seal          folder of the system's signing key (signing.SystemSigner).
    """

    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    home: Path = Path(".ratchet")
    connections: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    trust_folder: Path | None = None
    seal_folder: Path | None = None
    remote_types: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, database: str | None = None) -> Config:
        """The settings that `environ` (default: the process's own) holds; `database` goes before RATCHET_DATABASE_URL.

        Raises BadSetting for a value that cannot be used.
        """
        environ = os.environ if environ is None else environ
        named, url = ("--database", database) if database else ("RATCHET_DATABASE_URL", environ.get("RATCHET_DATABASE_URL"))
        parsed = _url(named, url or DEFAULT_DATABASE)
        home = _folder("RATCHET_HOME", environ) or _beside(parsed)
        return cls(
            database_url=parsed.render_as_string(hide_password=False),
            home=home,
            connections=_connections(environ, home),
            secrets=given_secrets(environ),
            trust_folder=_folder("RATCHET_TRUST", environ),
            seal_folder=_folder("RATCHET_SEAL", environ),
            remote_types=frozenset(filter(None, (one.strip() for one in environ.get("RATCHET_REMOTE_TYPES", "").split(",")))),
        )

    @property
    def trust(self) -> Path:
        return self.trust_folder or self.home / "trust"

    @property
    def seal(self) -> Path:
        return self.seal_folder or self.home / "seal"

    def token_key(self) -> bytes:
        """The key that access tokens are signed with: 32 random bytes, made on first use and kept in `<home>/token.key`."""
        path = self.home / "token.key"
        key = private_file(path, lambda: randomness.token_bytes(TOKEN_KEY_BYTES))
        if len(key) < TOKEN_KEY_BYTES:
            raise BadSetting(f"{path}: a token key has {TOKEN_KEY_BYTES} bytes, this one has {len(key)}. Delete the file to get a new one.")
        return key

    def secret_key(self) -> bytes:
        """The key of the secrets in the database: 32 random bytes, made on first use and kept in `<home>/secret.key` alone."""
        path = self.home / "secret.key"
        key = private_file(path, lambda: randomness.token_bytes(SECRET_KEY_BYTES))
        if len(key) != SECRET_KEY_BYTES:
            raise BadSetting(f"{path}: a key of secrets has {SECRET_KEY_BYTES} bytes, this one has {len(key)}. Bring back the right file.")
        return key


def bare_environment() -> dict[str, str]:
    """What a process needs that runs somebody's script: enough to start a Python at all. The rest may hold secrets."""
    return {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}


def with_prefix(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The variables whose name starts with `prefix`, named by what follows it."""
    return {name[len(prefix) :]: value for name, value in environ.items() if name.startswith(prefix) and name != prefix}


def _url(name: str, text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError) as error:
        example = "postgresql+psycopg://user:password@host/database or sqlite:///ratchet.db"
        raise BadSetting(f"{name}: this is not a database URL. Write for example {example}.", setting=name) from error


def _folder(name: str, environ: Mapping[str, str]) -> Path | None:
    text = environ.get(name)
    if not text:
        return None
    path = Path(text).expanduser()
    if path.exists() and not path.is_dir():
        raise BadSetting(f"{name}: {path} is a file; give a folder.", setting=name)
    return path


def _beside(url: URL) -> Path:
    in_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    return (Path(str(url.database)).parent if in_file else Path()) / ".ratchet"


def given_secrets(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The secrets of the environment, and of the files that it names. Raises BadSetting."""
    environ = os.environ if environ is None else environ
    return {**_secret_files(environ), **with_prefix(environ, SECRET_PREFIX)}


def reachable(path: Path) -> dict[str, str]:
    """A connector runtime's connections: the name that a model gives a database -> SQLAlchemy URL. Raises BadSetting."""
    found = _named_urls(str(path), path.read_text(encoding="utf-8"))
    for name, url in found.items():
        if url.startswith((REGISTRY, REMOTE)):
            raise BadSetting(f"{path}, {name}: {url} means nothing to a connector runtime; write the URL of a database.", setting=str(path))
    return found


def _secret_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The secrets of a folder of files, as containers get them, or of a JSON file. A file's last line end is none of the secret."""
    path = Path(environ.get("RATCHET_SECRETS") or "").expanduser()
    if not environ.get("RATCHET_SECRETS"):
        return {}
    if path.is_dir():
        files = (file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
        return {file.name: file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r") for file in files}
    if not path.is_file():
        raise BadSetting(f"RATCHET_SECRETS: there is no file or folder {path}.", setting="RATCHET_SECRETS")
    try:
        given: Any = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:  # not chained: it holds the text of the file
        raise BadSetting(f"RATCHET_SECRETS: {path} is no JSON ({_where(error)}).", setting="RATCHET_SECRETS") from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise BadSetting(f'RATCHET_SECRETS: {path} must hold an object of texts, like {{"NAME": "value"}}.', setting="RATCHET_SECRETS")
    return given


def _connections(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (home / "connections.yaml", home / "connections.json"):
        if path.exists():
            found |= _named_urls(str(path), path.read_text(encoding="utf-8"))
    return found | _named_urls("RATCHET_CONNECTIONS", environ.get("RATCHET_CONNECTIONS") or "{}")


def _named_urls(source: str, text: str) -> dict[str, str]:
    expected = 'an object like {"db.example.com:5432/trades": "postgresql+psycopg://…"}'
    try:
        given: Any = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text) or {}
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise BadSetting(f"{source}: cannot be read ({_where(error)}); it must be {expected}.", setting=source) from error
    if not isinstance(given, dict) or not all(isinstance(url, str) for url in given.values()):
        raise BadSetting(f"{source}: must be {expected}.", setting=source)
    return {str(name): _target(f"{source}, {name}", url) for name, url in given.items()}


def _where(error: json.JSONDecodeError | yaml.YAMLError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}"
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark else "broken YAML"


def _target(name: str, url: str) -> str:
    if url in _REGISTRY_SPELLINGS or url.startswith(REMOTE):
        return url if url.startswith(REMOTE) else REGISTRY
    return _url(name, url).render_as_string(hide_password=False)
