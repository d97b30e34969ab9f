"""The only place that decides which database a connector really works on: the engine's own, a mapped one, or the one described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.config import REGISTRY, REMOTE
from engine.delegates.connector import ConnectorError
from engine.delegates.sql.products import Described, Product, Wanted

ANY = "*"
_OWN = (REGISTRY, f"sqlite:///{REGISTRY}")
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}


def target(
    connections: Mapping[str, str], own: URL | None, request: Wanted, resolve: Callable[[str], str] = str
) -> str | None:  # fmt: skip
    """The URL of the database that a request works on; None for the engine's own one, whose URL is `own`.

    The map's key is `host:port/database` (the host in any case), or `*` for all that have no key of their own. Without either, the
    database is the one that the model describes. A mapped URL without a user takes the model's user and password; `resolve` puts in
    the secrets that its own name.
    """
    mapped = _mapped(connections, request)
    if mapped in _OWN:
        return None
    if mapped and mapped.startswith(REMOTE):
        raise ConnectorError(f"{request.described.key} is left to a connector runtime, which cannot do this here.", "InvalidDatabase")
    url = _mapped_url(mapped, request.described, resolve) if mapped else _described(request.product, request.described)
    return None if own is not None and _same_place(url, own) else url.render_as_string(hide_password=False)


def runtime(connections: Mapping[str, str], request: Wanted) -> str | None:
    """The name of the connector runtime that a request's database is left to, "" where any may do it; None where it is not left to one."""
    mapped = _mapped(connections, request)
    return mapped.removeprefix(REMOTE) if mapped and mapped.startswith(REMOTE) else None


def _mapped_url(mapped: str, described: Described, resolve: Callable[[str], str]) -> URL:
    url = _with_user(_read(mapped, described.key), described)
    return url.set(username=resolve(url.username or "") or None, password=resolve(str(url.password or "")) or None)


def _mapped(connections: Mapping[str, str], request: Wanted) -> str | None:
    wanted = _folded(request.described.key, request.product)
    for key, url in connections.items():
        if _folded(key, request.product) == wanted:
            return url
    return connections.get(ANY)


def _folded(key: str, product: Product) -> str:
    host, slash, database = key.strip().partition("/")
    return f"{host.lower()}{slash}{database.lower() if product.folds_database else database}"


def _read(url: str, key: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ConnectorError(
            f"InvalidDatabase: {key} is mapped to something that is no database URL: correct it.", "InvalidDatabase"
        ) from None


def _with_user(url: URL, described: Described) -> URL:
    if url.username or url.get_backend_name() == "sqlite" or not described.username:
        return url
    return url.set(username=described.username, password=described.password)


def _described(product: Product, described: Described) -> URL:
    if not product.described:
        name = described.database
        raise ConnectorError(f"InvalidDatabase: add {name!r} to the connections, such as {name}: sqlite:///data.db", "InvalidDatabase")
    user, password, database = (text or None for text in (described.username, described.password, described.database))
    url = URL.create(product.drivername, user, password, described.host, int(described.port), database)
    return url.set(query={**product.query, **described.settings})


def _same_place(url: URL, own: URL) -> bool:
    """Whether two URLs lead to one database; a different search path leads to another."""
    options = own.query.get("options")
    return _place(url) == _place(own) and url.query.get("options", options) == options


def _place(url: URL) -> tuple[Any, ...]:
    kind = url.get_backend_name()
    if kind == "sqlite":
        in_file = url.database and url.database != ":memory:"
        return kind, str(Path(str(url.database)).resolve()) if in_file else ""
    host, port = url.host or url.query.get("host") or "localhost", url.port or url.query.get("port") or _PORTS.get(kind)
    return kind, str(host).lower(), str(port), url.database
