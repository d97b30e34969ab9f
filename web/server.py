"""The only place that serves the application: the web server, and beside it the worker that does what falls due."""

from __future__ import annotations

from contextlib import nullcontext
from threading import Thread

from waitress import serve as serve_http  # type: ignore[import-untyped]  # it ships no types

from engine.core import Engine
from engine.core.clearing import cleaning
from engine.jobs import wakeup
from web.application import create_app

THREADS = 8


def serve(engine: Engine, host: str = "127.0.0.1", port: int = 8080, worker: bool = True) -> None:
    """Serve pages and API until interrupted, and do what falls due, unless workers of their own do that."""
    side = wakeup.installed(engine.database) if worker else None
    thread = Thread(target=side.run, args=(engine,), name="ratchet-worker", daemon=True) if side else None
    if thread:
        thread.start()
    try:
        with cleaning(engine) if worker else nullcontext():
            serve_http(create_app(engine), host=host, port=port, threads=THREADS, ident="Ratchet")
    finally:
        if side and thread:
            side.stop()
            thread.join()
