"""Starts the real servers that tests use, on ports and data folders of their own, and stops them. None is needed to run the rest."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

POSTGRES_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


class Postgres:
    """A PostgreSQL server for this test run; `url` is a SQLAlchemy URL for its only database. `None` where there is no PostgreSQL."""

    def __init__(self, bin: Path):
        self._bin, self._port = bin, free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="ratchet-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "ratchet", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._start()
        self.url = f"postgresql+psycopg://ratchet@127.0.0.1:{self._port}/postgres"

    @classmethod
    def start(cls) -> Postgres | None:
        return cls(POSTGRES_HOMES[0]) if POSTGRES_HOMES else None

    def stop(self) -> None:
        self.pause()
        shutil.rmtree(self._folder)

    def pause(self) -> None:
        """As when the machine goes down."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def resume(self) -> None:
        self._start()

    def _start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-o", options, "-w", "-l", str(self._folder / "log"), "start")

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        run([*as_user, str(self._bin / program), *arguments])


class MariaDb:
    """A MariaDB server for this test run; `url` is a SQLAlchemy URL for its database, whose user has a password. `None` where there is none."""

    PASSWORD = "pa55-word"

    def __init__(self) -> None:
        self._folder, port = Path(tempfile.mkdtemp(prefix="ratchet-mariadb-")), free_port()
        user = "mysql" if os.geteuid() == 0 else str(os.environ.get("USER"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, "mysql")
        data, socket_ = f"--datadir={self._folder}/data", f"--socket={self._folder}/socket"
        run(["mariadb-install-db", "--no-defaults", f"--user={user}", data, "--skip-test-db"])
        options = ["--no-defaults", f"--user={user}", data, socket_, f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={self._folder}/pid"]
        quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--max-connections=200"]
        self._process = subprocess.Popen(["mariadbd", *options, *quick], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(port)
        made = "".join(f"CREATE USER ann@'{host}' IDENTIFIED BY '{self.PASSWORD}'; GRANT ALL ON *.* TO ann@'{host}';" for host in ("127.0.0.1", "localhost"))
        database = "CREATE DATABASE trades CHARACTER SET utf8mb4;"
        run(["mariadb", "--no-defaults", socket_, "-u", "root" if os.geteuid() == 0 else user, "-e", database + made])
        self.url = f"mysql+pymysql://ann:{self.PASSWORD}@127.0.0.1:{port}/trades"

    @classmethod
    def start(cls) -> MariaDb | None:
        return cls() if shutil.which("mariadbd") and shutil.which("mariadb-install-db") else None

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)


def run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int, seconds: float = 20) -> None:
    """Until something answers on the port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing answers on port {port}")
