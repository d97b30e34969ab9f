"""The only place that knows the connectors' kinds of database, and how a model describes one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

INFOSYS = "com.infosys.camundaconnectors.db"


@dataclass(frozen=True)
class Product:
    """One of the connectors.

    prefix          of its operations: `postgresql.read-data`
    drivername      how SQLAlchemy calls the driver
    port            where such a server listens unless it is said otherwise
    folds_database  the database's name is read in lower case
    blank_password  the password may be empty
    query           what the URL carries besides
    server          the database to be connected to when another one is to be created
    described       a model describes the database by host, port and user; otherwise by its name alone
    """

    prefix: str
    drivername: str
    port: int = 0
    folds_database: bool = False
    blank_password: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    server: str | None = None
    described: bool = True


POSTGRESQL = Product("postgresql", "postgresql+psycopg", 5432, folds_database=True, server="postgres")
MYSQL = Product("mysql", "mysql+pymysql", 3306, blank_password=True, server="information_schema")
MSSQL = Product("mssql", "mssql+pyodbc", 1433, query={"driver": "ODBC Driver 18 for SQL Server"}, server="master")
ORACLE = Product("oracledb", "oracle+oracledb", 1521)
SQLITE = Product("sqlite", "sqlite", described=False)

PRODUCTS: dict[str, Product] = {
    f"{INFOSYS}:postgresql:1": POSTGRESQL,
    f"{INFOSYS}:mysql:1": MYSQL,
    f"{INFOSYS}:mssql:1": MSSQL,
    f"{INFOSYS}:oracle:1": ORACLE,
    "ratchet:sqlite": SQLITE,
}


@dataclass(frozen=True)
class Described:
    """The database as the model describes it. The password never shows; `settings` go into its URL (see `engine.delegates.dialing`)."""

    host: str
    port: str
    username: str
    password: str = field(repr=False)
    database: str
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """How the map of connections names it."""
        return f"{self.host}:{self.port}/{self.database}" if self.host else self.database


class Wanted(Protocol):
    """Whatever says on which database it works."""

    @property
    def product(self) -> Product: ...

    @property
    def described(self) -> Described: ...
