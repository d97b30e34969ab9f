"""The only place that understands JDBC URLs and the properties of JDBC drivers: which database is meant, who works there, and how.

Properties that are about TLS are understood or refused, never passed over; of the others only timeouts, the user, the schema and the
application's name have a meaning here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.products import MSSQL, MYSQL, ORACLE, POSTGRESQL, SQLITE, Described, Product

Properties = Mapping[str, str]
_PLACE = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]*)(?::(?P<port>\d{1,5}))?")
_SECURE = re.compile(r"ssl|tls|trust|encrypt|cert|keystore", re.IGNORECASE)
_SCHEMAS = re.compile(r"[\w$]+(?:,[\w$]+)*")
_VERIFIED = {"verify-ca": "verify-ca", "verify_ca": "verify-ca", "verify-full": "verify-full", "verify_identity": "verify-full"}
_MODES = {"disable": "off", "disabled": "off", "allow": "prefer", "prefer": "prefer", "preferred": "prefer", "require": "require",
          "required": "require", "trust": "require", **_VERIFIED}  # fmt: skip


def described(url: str, properties: Properties | None = None) -> tuple[Product, Described]:
    """The database that a JDBC URL and further properties mean. ConnectorError with code InvalidUrl where they cannot be understood."""
    for start, read in _KINDS.items():
        if url.lower().startswith(start):
            return read(url[len(start) :], properties or {})
    known = ", ".join(start.removesuffix(":") for start in _KINDS)
    raise _invalid(f"the URL must begin with one of {known}")


def detailed(product: Product, connection: Mapping[str, Any]) -> tuple[Product, Described]:
    """The database that host, port, user, password, database and properties mean."""
    missing = [name for name in ("host", "port") if not str(connection.get(name) or "").strip()]
    if missing:
        raise _invalid(f"connection.{missing[0]} must not be blank")
    host, port = str(connection["host"]).strip(), str(connection["port"]).strip()
    found = _PLACE.fullmatch(f"{host}:{port}")
    if found is None:
        raise _invalid("connection.host must be a name or address, and connection.port a number")
    own = {"user": connection.get("username"), "password": connection.get("password")}
    given = {**texts(connection.get("properties"), "connection.properties"), **{key: str(value) for key, value in own.items() if value}}
    return _made(product, found, str(connection.get("databaseName") or "").strip(), given)


def texts(given: Any, what: str) -> dict[str, str]:
    """A map of properties as texts."""
    if given is not None and not isinstance(given, Mapping):
        raise _invalid(f"{what} must be a map")
    there = {str(key): value for key, value in (given or {}).items() if value is not None}
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in there.items()}


def _made(product: Product, place: re.Match[str], database: str, given: Properties) -> tuple[Product, Described]:
    port = place["port"] or str(product.port)
    if not 0 < int(port) < 65536:
        raise _invalid(f"the port {port} is none")
    folded = {key.lower(): value for key, value in given.items()}
    user, password = folded.pop("user", folded.pop("username", "")), folded.pop("password", "")
    settings = {**product.query, **_SETTINGS[product.prefix](folded)}
    return product, Described((place["host"] or "localhost").strip("[]"), port, user, password, database, settings)


def _slashed(product: Product) -> Callable[[str, Properties], tuple[Product, Described]]:
    """`//host:port/database?key=value&…`, as PostgreSQL, MySQL and MariaDB write it; PostgreSQL also `database` alone."""

    def read(rest: str, properties: Properties) -> tuple[Product, Described]:
        rest, _, query = rest.partition("?")
        given = {**_pairs(query, "&"), **properties}
        if not rest.startswith("//"):
            rest = f"///{rest.lstrip('/')}" if product is POSTGRESQL else f"//{rest}"
        place, _, database = rest[2:].partition("/")
        user, at, place = place.rpartition("@")
        if at:
            name, _, password = user.partition(":")
            given = {"user": unquote(name), "password": unquote(password), **given}
        return _made(product, _place(place), unquote(database), given)

    return read


def _sqlserver(rest: str, properties: Properties) -> tuple[Product, Described]:
    """`//host\\instance:port;key=value;key={a;b}`"""
    place, _, query = rest.removeprefix("//").partition(";")
    given = {key.lower(): value for key, value in {**_pairs(query, ";"), **properties}.items()}
    if "\\" in place or "instancename" in given:
        raise _invalid("a named instance of SQL Server cannot be looked up; write its port")
    place = place or given.get("servername", given.get("server", ""))
    port = given.get("portnumber", given.get("port"))
    place = f"{place}:{port}" if port and ":" not in place else place
    return _made(MSSQL, _place(place), given.get("databasename", given.get("database", "")), given)


def _oracle(rest: str, properties: Properties) -> tuple[Product, Described]:
    """`user/password@//host:port/service`, `@host:port/service` or `@host:port:SID`"""
    user, _, address = rest.rpartition("@")
    name, _, password = user.partition("/")
    given = {**({"user": name, "password": password} if name else {}), **properties}
    if address.startswith("("):
        raise _invalid("a description in brackets is not understood; write @host:port/service, or name a TNS alias in the connections")
    if address.lower().startswith("tcps:"):
        given, address = {**given, "tls": "verify-full"}, address[5:]
    address, _, _query = address.removeprefix("tcp:").removeprefix("//").partition("?")
    found = re.fullmatch(rf"{_PLACE.pattern}(?:/(?P<service>[\w.$-]+)|:(?P<sid>[\w$]+))?", address)
    if found is None:
        raise _invalid("it is not of the form @host:port/service or @host:port:SID")
    product, made = _made(ORACLE, found, found["sid"] or "", given)
    service = {"service_name": found["service"]} if found["service"] else {}
    return product, Described(made.host, made.port, made.username, made.password, made.database, {**made.settings, **service})


def _sqlite(rest: str, _properties: Properties) -> tuple[Product, Described]:
    """A file; which one it really is, the connections say."""
    return SQLITE, Described("", "", "", "", rest.partition("?")[0])


def _pairs(text: str, sign: str) -> dict[str, str]:
    if sign == "&":
        parts = [part.partition("=") for part in text.split("&") if part]
        return {unquote(key): unquote(value) for key, _, value in parts}
    found = re.finditer(r"\s*([^=;]+?)\s*=\s*(?:\{((?:[^}]|\}\})*)\}|([^;]*))\s*(?:;|$)", text)
    return {match[1]: match[3] if match[2] is None else match[2].replace("}}", "}") for match in found}


def _place(text: str) -> re.Match[str]:
    found = _PLACE.fullmatch(text)
    if found is None:
        several = "," in text or "(" in text
        raise _invalid("several hosts are not understood; write one" if several else "it is not of the form //host:port/database")
    return found


def _postgresql(given: Properties) -> dict[str, str]:
    made = {"tls": _mode(given.get("sslmode", "verify-full"))} if "sslmode" in given or _true(given.get("ssl")) else {}
    schemas = given.get("currentschema")
    if schemas is not None and not _SCHEMAS.fullmatch(schemas):
        raise _invalid("currentSchema must be names with commas between them")
    made |= {"options": f"-csearch_path={schemas}"} if schemas else {}
    return _with_rest(given, made, "ssl", "sslmode", tls_ca="sslrootcert", tls_cert="sslcert", tls_key="sslkey",
                      connect_seconds="connecttimeout", statement_seconds="sockettimeout", application_name="applicationname")  # fmt: skip


def _mysql(given: Properties) -> dict[str, str]:
    encrypted = "verify-ca" if _true(given.get("verifyservercertificate")) else "require"
    said = [name for name in ("usessl", "requiressl") if name in given]
    mode = given.get("sslmode") or (encrypted if any(_true(given[name]) for name in said) else "disabled" if said else "")
    made = {"tls": _mode(mode)} if mode else {}
    seconds = {ours: str(-(-int(given[theirs]) // 1000)) for ours, theirs in (("connect_seconds", "connecttimeout"),
               ("statement_seconds", "sockettimeout")) if given.get(theirs, "0").isdecimal() and int(given.get(theirs, "0"))}  # fmt: skip
    return _with_rest(given, {**made, **seconds}, "usessl", "requiressl", "sslmode", "verifyservercertificate", tls_ca="serversslcert")


def _mssql(given: Properties) -> dict[str, str]:
    encrypt, trusted = given.get("encrypt", "").lower(), _true(given.get("trustservercertificate"))
    modes = {"false": "off", "no": "off", "optional": "off", "": ""}
    mode = modes.get(encrypt, "require" if trusted else "verify-full") or ("require" if trusted else "")
    return _with_rest(given, {"tls": mode} if mode else {}, "encrypt", "trustservercertificate", connect_seconds="logintimeout",
                      statement_seconds="querytimeout")  # fmt: skip


def _plain(given: Properties) -> dict[str, str]:
    return _with_rest(given, {}, tls="tls")


def _with_rest(given: Properties, made: dict[str, str], *read: str, **named: str) -> dict[str, str]:
    """What is made of the properties, and those that only have another name here."""
    unknown = [key for key in given if _SECURE.search(key) and key not in (*read, *named.values())]
    if unknown:
        raise _invalid(f"the property {unknown[0]} is not understood here; set TLS in the connections")
    return {**made, **{ours: given[theirs] for ours, theirs in named.items() if given.get(theirs) not in (None, "", "0")}}


def _mode(text: str) -> str:
    if text.lower() not in _MODES:
        raise _invalid(f"{text!r} is no sslMode; write one of {', '.join(_MODES)}")
    return _MODES[text.lower()]


def _true(text: str | None) -> bool:
    return text is not None and text.lower() in ("true", "yes", "1", "")


def _invalid(told: str) -> ConnectorError:
    return ConnectorError(f"Cannot create the Database connection: {told}.", "InvalidUrl")


_SETTINGS: dict[str, Callable[[Properties], dict[str, str]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mssql": _mssql,
    "oracledb": _plain,
    "sqlite": _plain,
}
_KINDS: dict[str, Callable[[str, Properties], tuple[Product, Described]]] = {
    "jdbc:postgresql:": _slashed(POSTGRESQL),
    "jdbc:mysql:": _slashed(MYSQL),
    "jdbc:mariadb:": _slashed(MYSQL),
    "jdbc:sqlserver:": _sqlserver,
    "jdbc:oracle:thin:": _oracle,
    "jdbc:sqlite:": _sqlite,
}
DATABASES: dict[str, Product] = {"POSTGRESQL": POSTGRESQL, "MYSQL": MYSQL, "MARIADB": MYSQL, "MSSQL": MSSQL, "ORACLE": ORACLE}
