"""Verbs: messages to whoever waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine import access
from engine.core.kernel import Kernel
from engine.identity import Person
from engine.runtime import messages

DEFAULT_MESSAGE_SECONDS = 3600


class Messages(Kernel):
    """What reaches instances from outside."""

    def correlate(
        self, name: str, key: str | None, variables: Mapping[str, Any], who: Person, ttl_seconds: float = DEFAULT_MESSAGE_SECONDS
    ) -> list[str]:  # fmt: skip
        """Deliver a message to whoever waits for it, once per process; it is kept for its time to live. The instances it reached."""
        access.require_analyst(who)
        reached: dict[str, str] = {}
        with self._moving(who) as tx:
            for waiting in messages.waiting(tx, name, key):
                if waiting.process_key not in reached:
                    reached[waiting.process_key] = waiting.instance_id
                    found = self._open_run(tx, waiting.instance_id, who)
                    found.finish(waiting.token_id, dict(variables))
                    found.save()
            if ttl_seconds > 0:
                expires = self.clock.now() + timedelta(seconds=ttl_seconds)
                messages.keep(tx, messages.Message(name, key, dict(variables), expires, list(reached)))
        return list(reached.values())
