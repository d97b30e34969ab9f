"""JDBC URLs of five databases, their properties, and what cannot be understood."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import make_url

from engine.delegates.connector import ConnectorError
from engine.delegates.dialing import dialled
from engine.delegates.sql.jdbc_urls import DATABASES, described, detailed
from engine.delegates.sql.targets import _described


def url(text: str, properties: dict[str, str] | None = None) -> str:
    """The SQLAlchemy URL for a JDBC URL, its password shown."""
    return _described(*described(text, properties)).render_as_string(hide_password=False)


ODBC = "driver=ODBC+Driver+18+for+SQL+Server"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("jdbc:postgresql://db:5433/trades", "postgresql+psycopg://db:5433/trades"),
        ("jdbc:postgresql://db/trades?user=ann&password=p%40%2F", "postgresql+psycopg://ann:p%40%2F@db:5432/trades"),
        ("jdbc:postgresql:trades", "postgresql+psycopg://localhost:5432/trades"),
        ("jdbc:postgresql:/", "postgresql+psycopg://localhost:5432"),
        ("jdbc:postgresql://[::1]:5433/trades", "postgresql+psycopg://[::1]:5433/trades"),
        ("JDBC:postgresql://db/My%20Trades", "postgresql+psycopg://db:5432/My Trades"),
        ("jdbc:postgresql://db/t?ssl=true", "postgresql+psycopg://db:5432/t?tls=verify-full"),
        ("jdbc:postgresql://db/t?sslmode=require&sslrootcert=/ca.pem", "postgresql+psycopg://db:5432/t?tls=require&tls_ca=%2Fca.pem"),
        ("jdbc:postgresql://db/t?sslmode=verify-ca&sslcert=c&sslkey=k", "postgresql+psycopg://db:5432/t?tls=verify-ca&tls_cert=c&tls_key=k"),
        ("jdbc:postgresql://db/t?connectTimeout=3&socketTimeout=60&tcpKeepAlive=true", "postgresql+psycopg://db:5432/t?connect_seconds=3&statement_seconds=60"),
        ("jdbc:postgresql://db/t?currentSchema=a,b&ApplicationName=x", "postgresql+psycopg://db:5432/t?application_name=x&options=-csearch_path%3Da%2Cb"),
        ("jdbc:mysql://db/t", "mysql+pymysql://db:3306/t"),
        ("jdbc:mariadb://ann:secret@db:3307/t", "mysql+pymysql://ann:secret@db:3307/t"),
        ("jdbc:mysql://db/t?useSSL=false&serverTimezone=UTC", "mysql+pymysql://db:3306/t?tls=off"),
        ("jdbc:mysql://db/t?useSSL=true", "mysql+pymysql://db:3306/t?tls=require"),
        ("jdbc:mysql://db/t?useSSL=true&verifyServerCertificate=true", "mysql+pymysql://db:3306/t?tls=verify-ca"),
        ("jdbc:mysql://db/t?sslMode=VERIFY_IDENTITY", "mysql+pymysql://db:3306/t?tls=verify-full"),
        ("jdbc:mariadb://db/t?sslMode=verify-ca&serverSslCert=/ca.pem", "mysql+pymysql://db:3306/t?tls=verify-ca&tls_ca=%2Fca.pem"),
        ("jdbc:mysql://db/t?connectTimeout=1500&socketTimeout=0", "mysql+pymysql://db:3306/t?connect_seconds=2"),
        ("jdbc:sqlserver://db:1434;databaseName=t;user=sa;password={a;b}}c}", f"mssql+pyodbc://sa:a;b}}c@db:1434/t?{ODBC}"),
        ("jdbc:sqlserver://db;database=t;encrypt=true;trustServerCertificate=true", f"mssql+pyodbc://db:1433/t?{ODBC}&tls=require"),
        ("jdbc:sqlserver://;serverName=db;portNumber=9;databaseName=t;encrypt=false", f"mssql+pyodbc://db:9/t?{ODBC}&tls=off"),
        ("jdbc:sqlserver://db;databaseName=t;encrypt=strict;loginTimeout=4", f"mssql+pyodbc://db:1433/t?connect_seconds=4&{ODBC}&tls=verify-full"),
        ("jdbc:oracle:thin:@db:1522:XE", "oracle+oracledb://db:1522/XE"),
        ("jdbc:oracle:thin:@//db:1522/pdb.example.com", "oracle+oracledb://db:1522?service_name=pdb.example.com"),
        ("jdbc:oracle:thin:ann/secret@db/pdb", "oracle+oracledb://ann:secret@db:1521?service_name=pdb"),
    ],
)
def test_urls(written: str, read: str) -> None:
    found, expected = make_url(url(written)), make_url(read)
    assert (found.set(query={}), dict(found.query)) == (expected.set(query={}), dict(expected.query))


def test_properties_beside_the_url_go_first() -> None:
    given = {"user": "bob", "password": "x", "sslmode": "disable"}
    assert url("jdbc:postgresql://db/t?user=ann&ssl=true", given) == "postgresql+psycopg://bob:x@db:5432/t?tls=off"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("jdbc:h2:mem:x", "must begin with one of"),
        ("", "must begin with one of"),
        ("jdbc:postgresql://a,b/t", "several hosts"),
        ("jdbc:mysql:loadbalance://a/t", "form //host:port/database"),
        ("jdbc:postgresql://db:99999/t", "the port 99999 is none"),
        ("jdbc:postgresql://db:x/t", "form //host:port/database"),
        ("jdbc:postgresql://db/t?sslmode=maybe", "'maybe' is no sslMode"),
        ("jdbc:postgresql://db/t?sslfactory=org.example.Trusting", "sslfactory is not understood"),
        ("jdbc:mysql://db/t?trustCertificateKeyStoreUrl=x", "trustcertificatekeystoreurl is not understood"),
        ("jdbc:postgresql://db/t?currentSchema=a;drop", "currentSchema must be names"),
        ("jdbc:sqlserver://db\\INSTANCE;databaseName=t", "named instance"),
        ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=))", "description in brackets"),
        ("jdbc:oracle:thin:@db", None),
    ],
)
def test_what_cannot_be_understood(written: str, told: str | None) -> None:
    if told is None:
        assert described(written)[1].database == ""
        return
    with pytest.raises(ConnectorError, match="Cannot create the Database connection: ") as refused:
        described(written)
    assert told in refused.value.message


@pytest.mark.parametrize("host", ["db/../x", "a b", "a@b", "h:1", "h;x=1", "h\\i"])
def test_hosts_that_are_none(host: str) -> None:
    with pytest.raises(ConnectorError):
        detailed(DATABASES["POSTGRESQL"], {"host": host, "port": "5432"})


@pytest.mark.parametrize(
    ("written", "arguments", "query"),
    [
        ("postgresql+psycopg://h/d?tls=off", {"sslmode": "disable"}, {}),
        ("postgresql+psycopg://h/d?tls=verify-full&tls_ca=/ca", {"sslmode": "verify-full", "sslrootcert": "/ca"}, {}),
        ("mysql+pymysql://h/d?tls=off", {"ssl_disabled": True}, {}),
        ("mysql+pymysql://h/d?tls=require", {"ssl": {"check_hostname": False, "verify_mode": "none"}}, {}),
        ("mysql+pymysql://h/d?tls=verify-full&tls_ca=/ca", {"ssl": {"check_hostname": True, "verify_mode": "required", "ca": "/ca"}}, {}),
        ("mssql+pyodbc://h/d?tls=verify-full", {"timeout": 5}, {"Encrypt": "yes", "TrustServerCertificate": "no"}),
        ("mssql+pyodbc://h/d?tls=require&connect_seconds=9", {"timeout": 9}, {"Encrypt": "yes", "TrustServerCertificate": "yes"}),
    ],
)
def test_what_drivers_are_told(written: str, arguments: dict[str, Any], query: dict[str, str]) -> None:
    found = dialled(make_url(written))
    assert arguments.items() <= dict(found.arguments).items() and dict(found.url.query) == query and found.seconds == 300


@pytest.mark.parametrize("written", ["postgresql://h/d?tls=maybe", "postgresql://h/d?connect_seconds=-1", "oracle+oracledb://h/d?tls=require", "mysql://h/d?statement_seconds=1e9"])
def test_settings_that_cannot_be_understood(written: str) -> None:
    with pytest.raises(ConnectorError, match="InvalidInput"):
        dialled(make_url(written))
