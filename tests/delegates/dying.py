"""Imported by a server that is to be killed: it dies right after its first commit on a foreign database, before its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from engine.delegates import foreign

MARK = "RATCHET_TEST_DIE_AFTER_FOREIGN_COMMIT"
_once = foreign.once


def once(*given: Any) -> Any:
    result = _once(*given)
    mark = Path(os.environ.get(MARK, "nowhere"))
    if mark.exists():
        mark.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return result


foreign.once = once
