"""A real server in a process of its own, for tests that kill it or look at it in a browser."""

from __future__ import annotations

import multiprocessing
import os
import signal
from importlib import import_module
from typing import Any

from engine.config import Config
from tests.servers import free_port, wait_for

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["web.server", "engine.core", "tests.serving"])


class Server:
    """`ratchet serve` over one database, with the module `also` imported first."""

    def __init__(self, config: Config, worker: bool = True, also: str = "tests.serving"):
        self._config, self._worker, self._also = config, worker, also
        self.port = free_port()
        self._process: Any = None

    def start(self) -> None:
        self._process = FORK.Process(target=_serve, args=(self._config, self.port, self._worker, self._also), daemon=True)
        self._process.start()
        wait_for(self.port)

    def kill(self) -> None:
        """As `kill -9` does."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.join()
            self._process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _serve(config: Config, port: int, worker: bool, also: str) -> None:
    import_module(also)  # may bring job types of a test
    from engine.core import open as open_engine
    from web.server import serve

    serve(open_engine(config), port=port, worker=worker)
