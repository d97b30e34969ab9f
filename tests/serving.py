"""A real server in a process of its own, for tests that kill it or look at it in a browser."""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import Any

from engine.config import Config
from tests.servers import free_port, wait_for

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["web.server", "engine.core", "tests.serving"])


class Server:
    """`ratchet serve` over one database."""

    def __init__(self, config: Config):
        self._config = config
        self.port = free_port()
        self._process: Any = None

    def start(self) -> None:
        self._process = _fork.Process(target=_serve, args=(self._config, self.port), daemon=True)
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


def _serve(config: Config, port: int) -> None:
    from engine.core import open as open_engine
    from web.server import serve

    serve(open_engine(config), port=port)
