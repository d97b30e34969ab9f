"""The only place that starts, uses and ends the processes in which JavaScript runs. One serves one script at a time, many in a row."""

from __future__ import annotations

import atexit
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from engine.config import bare_environment
from engine.expressions.limits import LimitReached

MAX_SECONDS = 10.0
KEPT_IDLE = 4
PROGRAM = Path(__file__).with_name("worker.py")


class Worker:
    """One process. It is of no more use once it was killed."""

    def __init__(self) -> None:
        program = [sys.executable, "-I", str(PROGRAM)]
        self.process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=bare_environment()
        )

    def ask(self, request: dict[str, str]) -> dict[str, Any]:
        """Its answer. LimitReached when it gave none in time, and is gone."""
        stop = threading.Timer(MAX_SECONDS, self.process.kill)
        stop.start()
        try:
            line = self._exchanged(json.dumps(request).encode("ascii") + b"\n")
        finally:
            stop.cancel()
        if not line.endswith(b"\n"):
            raise LimitReached("The script takes too long or needs too much memory, and was stopped. Is there an endless loop?")
        return _read(line)

    def _exchanged(self, line: bytes) -> bytes:
        """The line that answers `line`; an incomplete one when the process ended instead."""
        asked, answered = self.process.stdin, self.process.stdout
        assert asked and answered
        try:
            asked.write(line)
            asked.flush()
            return answered.readline()
        except BrokenPipeError:
            return b""

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def _read(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as large:
        raise LimitReached("A number of the script is too large, or a value nested too deeply") from large
    return answer if isinstance(answer, dict) else {}


_idle: queue.LifoQueue[Worker] = queue.LifoQueue(KEPT_IDLE)


def ask(request: dict[str, str]) -> dict[str, Any]:
    """Have an idle process, or a new one, answer a request. LimitReached when it used up its time or memory."""
    worker = _taken()
    try:
        answer = worker.ask(request)
    except BaseException:
        worker.end()
        raise
    try:
        _idle.put_nowait(worker)
    except queue.Full:
        worker.end()
    if "limit" in answer:
        raise LimitReached(f"The script uses too much time or memory and was stopped ({str(answer['limit']).partition(chr(10))[0]})")
    return answer


def _taken() -> Worker:
    try:
        worker = _idle.get_nowait()
    except queue.Empty:
        return Worker()
    return worker if worker.process.poll() is None else Worker()


@atexit.register
def _end_all() -> None:
    while not _idle.empty():
        _idle.get_nowait().end()
