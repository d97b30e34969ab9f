"""The only place that knows how each kind of database is connected to: timeouts, TLS, and what a driver is told for either.

A URL may carry these settings, the same for every database; they are taken out before the driver sees it:

tls                off, prefer, require, verify-ca or verify-full; default: what the driver does
tls_ca             file of the certificates that a server's own must lead to
tls_cert, tls_key  files of our own certificate and key
connect_seconds    how long to wait for a connection; default 5
statement_seconds  how long one statement may take; default 300, 0 for ever
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import URL

from engine.delegates.connector import ConnectorError

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 300
SETTINGS = ("tls", "tls_ca", "tls_cert", "tls_key", "connect_seconds", "statement_seconds")
MODES = ("off", "prefer", "require", "verify-ca", "verify-full")
Settings = Mapping[str, str]


@dataclass(frozen=True)
class Dialled:
    """How to connect: the URL and the arguments that the driver gets.

    seconds  how long one statement may take; None for ever
    must_be_encrypted  whether the driver may give a connection in the clear all the same, so that somebody has to look
    """

    url: URL
    arguments: Mapping[str, Any]
    seconds: float | None
    must_be_encrypted: bool = False


def dialled(url: URL) -> Dialled:
    """What to connect with. ConnectorError for a setting that cannot be understood."""
    kind = url.get_backend_name()
    given = {name: str(url.query[name]) for name in SETTINGS if name in url.query}
    if given.get("tls", MODES[0]) not in MODES:
        raise ConnectorError(f"InvalidInput: tls is {given['tls']!r}; write one of {', '.join(MODES)}.", "InvalidInput")
    wait = _seconds(given, "connect_seconds", CONNECT_SECONDS)
    query, arguments = _TLS.get(kind, _none)(given)
    for name, make in _ALWAYS.get(kind, {}).items():
        arguments.setdefault(name, make(wait))
    return Dialled(
        url.difference_update_query(SETTINGS).update_query_dict(query), arguments, _seconds(given, "statement_seconds", STATEMENT_SECONDS)
        or None, kind in ("mysql", "mariadb") and given.get("tls", "off") not in ("off", "prefer"),
    )  # fmt: skip


def _seconds(given: Settings, name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise ConnectorError(f"InvalidInput: {name} is {text!r}; write a whole number of seconds.", "InvalidInput")
    return int(text)


_ALWAYS: dict[str, dict[str, Callable[[int], Any]]] = {
    # Never prepared: a table that is altered later would break statements that are cached by the server.
    "postgresql": {"connect_timeout": int, "prepare_threshold": lambda _: None},
    "mysql": {"connect_timeout": int, "charset": lambda _: "utf8mb4"},
    "mariadb": {"connect_timeout": int, "charset": lambda _: "utf8mb4"},
    "mssql": {"timeout": int},
    "oracle": {"tcp_connect_timeout": int},
    "sqlite": {"timeout": int, "check_same_thread": lambda _: False},
}
Made = tuple[dict[str, str], dict[str, Any]]


def _none(given: Settings) -> Made:
    return {}, {}


def _postgresql(given: Settings) -> Made:
    mode = {"sslmode": {"off": "disable"}.get(given["tls"], given["tls"])} if "tls" in given else {}
    names = {"tls_ca": "sslrootcert", "tls_cert": "sslcert", "tls_key": "sslkey"}
    return {}, {**mode, **{known: given[name] for name, known in names.items() if name in given}}


def _mysql(given: Settings) -> Made:
    mode = given.get("tls", "verify-ca" if "tls_ca" in given else "")
    if mode in ("", "off", "prefer"):
        return {}, {"ssl_disabled": True} if mode == "off" else {}
    checks = {"check_hostname": mode == "verify-full", "verify_mode": "none" if mode == "require" else "required"}
    files = {"tls_ca": "ca", "tls_cert": "cert", "tls_key": "key"}
    return {}, {"ssl": {**checks, **{known: given[name] for name, known in files.items() if name in given}}}


def _mssql(given: Settings) -> Made:
    if "tls" not in given:
        return {}, {}
    encrypt, mode = {"off": "no", "prefer": "optional"}.get(given["tls"], "yes"), given["tls"]
    return {"Encrypt": encrypt, "TrustServerCertificate": "yes" if mode in ("prefer", "require") else "no"}, {}


def _oracle(given: Settings) -> Made:
    if given.get("tls", "off") not in ("off", "prefer"):
        told = "TLS to Oracle is set up by a name in tnsnames.ora: map the connection to oracle+oracledb://user@name."
        raise ConnectorError(f"InvalidInput: {told}", "InvalidInput")
    return {}, {}


_TLS: dict[str, Callable[[Settings], Made]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mysql,
    "mssql": _mssql,
    "oracle": _oracle,
}
