"""The connector runtime: takes SQL jobs from a Ratchet server, does them beside a database that only it can reach, and answers.

Its secrets and connections are its own; of the server it sees jobs only. It may be killed at any moment: the job's lock ends, another
runtime (or the same one, later) takes the job, and the marker row in the foreign database keeps its effect the only one.
"""

from __future__ import annotations

import json
import logging
import math
import secrets as randomness
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from engine import db
from engine.clock import SystemClock
from engine.delegates import JOB_TYPES, connector, remote
from engine.delegates.call import World
from engine.delegates.connector import JobFailed
from engine.delegates.foreign import Foreign
from engine.errors import BpmnError, Forbidden, RatchetError, Refused
from engine.identity import Tokens
from engine.runtime.values import from_json, plain
from engine.secrets import Secrets

LOCK_SECONDS, IDLE_SECONDS, LONGEST_WAIT = 30, 0.5, 15.0
ANSWER_SECONDS = 30
log = logging.getLogger("ratchet.connect")


class Unreachable(RatchetError):
    """The server cannot be reached."""


@dataclass(frozen=True)
class Api:
    """A Ratchet server's REST API, as one person. `server` is its address: https://ratchet.example.com"""

    server: str
    token: str = field(repr=False)

    def send(self, path: str, body: Mapping[str, Any], method: str = "POST") -> Any:
        """What the server answers. Raises Forbidden for a bad token, Refused for what it will not do, Unreachable when it is not there."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.server.rstrip('/')}/api{path}", json.dumps(plain(body)).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            raise _refusal(refused) from None
        except (OSError, HTTPException, ValueError) as lost:
            raise Unreachable(f"{self.server} cannot be reached: {lost}") from lost


def _refusal(refused: urllib.error.HTTPError) -> RatchetError:
    told = refused.read().decode(errors="replace")
    try:
        message = str(json.loads(told).get("message") or told)
    except (ValueError, AttributeError):
        message = told[:500]
    kind = {401: Forbidden, 403: Forbidden, 502: Unreachable, 503: Unreachable, 504: Unreachable}.get(refused.code, Refused)
    return kind(f"The server refused ({refused.code}): {message}")


def world(connections: Mapping[str, str], secrets: Mapping[str, str], foreign: Foreign) -> World:
    """What connectors find here: no registry, no people, nothing but connections and secrets."""
    clock = SystemClock()
    return World(
        registry=_no_registry, secrets=Secrets(secrets), connections=connections, seal=None,
        tokens=Tokens(randomness.token_bytes(32), clock), clock=clock, foreign=foreign, has_registry=False,
    )  # fmt: skip


def _no_registry(_tx: Any) -> Any:
    raise Refused("A connector runtime has no data factory.")


class Outpost:
    """One worker of a connector runtime. Several share a world, each in a thread of its own."""

    def __init__(self, api: Api, types: Sequence[str], there: World, name: str, lock_seconds: int = LOCK_SECONDS):
        self._api, self._types, self._world, self._name, self._lock_seconds = api, tuple(types), there, name, lock_seconds
        self._ground = db.open_database("sqlite://")  # calls want a transaction; nothing is ever in this one

    def run(self, stop: threading.Event) -> None:
        """Do what comes until it is told to stop. Raises Forbidden when the server does not accept the token."""
        wait = IDLE_SECONDS
        while not stop.is_set():
            try:
                busy = self.step()
                wait = IDLE_SECONDS
            except Unreachable as lost:
                log.warning("%s Trying again in %g seconds.", lost, wait)
                busy, wait = 0, min(wait * 2, LONGEST_WAIT)
            if not busy:
                stop.wait(wait)

    def step(self) -> int:
        """Take a job of each type that is there, do it, answer; how many there were. Raises Unreachable and Forbidden."""
        found = 0
        for type_ in self._types:
            asked = {"type": type_, "worker": self._name, "limit": 1, "lock_seconds": self._lock_seconds}
            for job in self._api.send("/jobs/activate", asked):
                found += 1
                self._do(job)
        return found

    def _do(self, job: Mapping[str, Any]) -> None:
        with self._keeping(job["id"]):
            verb, body = self._done(job)
            try:
                self._api.send(f"/jobs/{job['id']}/{verb}", {**body, "worker": self._name})
            except Forbidden:
                raise
            except Refused as refused:
                log.warning("The job %s was done, and its answer was not taken: %s", job["id"], refused)

    def _done(self, job: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The job's work, as the verb and the body of the answer."""
        try:
            return "complete", {"variables": self._called(job)}
        except BpmnError as error:
            return "error", {"code": error.code, "message": error.message, "variables": error.variables}
        except JobFailed as failed:
            return _failed(job, failed.message, failed.retries, failed.backoff)
        except RatchetError as error:
            return _failed(job, f"{type(error).__name__}: {error}")

    def _called(self, job: Mapping[str, Any]) -> dict[str, Any]:
        if remote.HEADER not in job["headers"]:
            raise JobFailed("This job holds no call of a connector: the server has to leave its type to connector runtimes.", 0)
        with db.read(self._ground) as tx:
            type_, call = remote.taken(job["headers"], self._world, tx, from_json)
            if type_ not in JOB_TYPES:
                raise JobFailed(f"This connector runtime has no connector {type_}: its version is another one than the server's.", 0)
            try:
                return connector.run(JOB_TYPES[type_], call, {"job": {"retries": job["retries"]}})
            except BpmnError as error:
                raise BpmnError(error.code, self._world.secrets.mask(error.message), error.variables) from None

    @contextmanager
    def _keeping(self, job_id: str) -> Iterator[None]:
        """The job stays locked while this lasts, however long it is."""
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(job_id, done), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _keep(self, job_id: str, done: threading.Event) -> None:
        while not done.wait(self._lock_seconds / 3):
            try:
                self._api.send(f"/jobs/{job_id}/lock", {"worker": self._name, "lock_seconds": self._lock_seconds}, "PUT")
            except RatchetError as lost:
                log.warning("The lock of the job %s was not prolonged: %s", job_id, lost)


def _failed(job: Mapping[str, Any], message: str, left: int | None = None, backoff: timedelta | None = None) -> tuple[str, dict[str, Any]]:
    wait = math.ceil(backoff.total_seconds()) if backoff else 0
    retries = max(job["retries"] - 1, 0) if left is None else left
    return "fail", {"message": message or "It failed.", "retries": retries, "backoff_seconds": wait}
