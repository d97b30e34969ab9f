"""The only place that serves the application: the web server, and beside it the thread that does what falls due."""

from __future__ import annotations

import logging
from threading import Event, Thread

from waitress import serve as serve_http  # type: ignore[import-untyped]  # it ships no types

from engine.core import Engine
from web.application import create_app

log = logging.getLogger("ratchet")
THREADS = 8
LOOK_EVERY = 1.0  # seconds between two looks at what is due


def serve(engine: Engine, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Serve pages and API until interrupted, and try again what failed as it falls due."""
    over = Event()
    worker = Thread(target=work, args=(engine, over), name="ratchet-worker", daemon=True)
    worker.start()
    try:
        serve_http(create_app(engine), host=host, port=port, threads=THREADS, ident="Ratchet")
    finally:
        over.set()
        worker.join()


def work(engine: Engine, over: Event, every: float = LOOK_EVERY) -> None:
    """Do what is due, again and again until `over`. What goes wrong is in the log, and the next look comes all the same."""
    while not over.wait(every):
        try:
            engine.run_due()
        except Exception:
            log.exception("What was due could not be done; it is tried again")
