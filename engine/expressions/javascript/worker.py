"""The only place that holds the JavaScript engine: a process of its own, which its parent can end when nothing else stops a script.

It reads one request a line and answers each with one line, both JSON. It imports nothing of Ratchet and gets none of its environment.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import quickjs

MAX_MEMORY = 64_000_000
MAX_SECONDS = 2.0
MAX_ANSWER = 20_000_000
MAX_SOURCE = 100_000
MAX_LINES = 10_000
FIRST_LINE = MAX_LINES + 2  # of the world, so that a smaller line in a stack is the script's

WORLD = "\n" * (FIRST_LINE - 1) + Path(__file__).with_name("world.js").read_text("utf-8")
CHECKED = "throw 0;"
PLACE = re.compile(r"<input>:(\d+):(\d+)")


def fresh() -> Any:
    """An engine with nothing in it."""
    context = quickjs.Context()
    context.set_memory_limit(MAX_MEMORY)
    context.set_time_limit(MAX_SECONDS)
    return context


def run(request: dict[str, str]) -> str:
    """Run `source` over the variables in `given`, a JavaScript literal."""
    text: str = fresh().eval(WORLD)(request["source"], request["given"], request["facts"])
    if text.startswith('{"error"'):
        failed = json.loads(text)
        return failure(str(failed["error"]), str(failed["stack"]))
    return text if len(text) <= MAX_ANSWER else json.dumps({"limit": "too much data"})


def check(request: dict[str, str]) -> str:
    """Read `source` without running it: the statement put before it ends the run at once."""
    try:
        fresh().eval(CHECKED + request["source"])
    except quickjs.JSException as error:
        message, _, stack = str(error).partition("\n")
        return failure(message, stack, len(CHECKED)) if message.startswith("SyntaxError") else "{}"
    return "{}"


def unreadable(source: str) -> str:
    """Why the engine cannot be given this text; "" when it can."""
    if len(source) > MAX_SOURCE or source.count("\n") > MAX_LINES:
        return f"The script is longer than {MAX_SOURCE} characters or {MAX_LINES} lines"
    broken = "\0" in source or any("\ud800" <= character <= "\udfff" for character in source)
    return "The script has a character that no text can have" if broken else ""


def failure(message: str, stack: str, before: int = 0) -> str:
    """An error with the innermost place of its stack that is in the script; `before` characters stood before the script's first line."""
    places = [(int(line), int(column)) for line, column in PLACE.findall(stack)]
    line, column = next((place for place in places if place[0] < FIRST_LINE), (1, 1 + before))
    return json.dumps({"error": message, "line": line, "column": column - before if line == 1 else column})


def answer(request: dict[str, str]) -> str:
    """What the engine says; a limit that it reached is an answer too."""
    if problem := unreadable(request["source"]):
        return failure(problem, "")
    try:
        return {"run": run, "check": check}[request["do"]](request)
    except (quickjs.JSException, MemoryError) as stopped:
        return json.dumps({"limit": str(stopped)})


def main() -> None:
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer(json.loads(line)).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
