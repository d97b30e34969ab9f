"""Keys to sign with: a throw-away certificate authority that gives everybody in a scenario a key when they first sign."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import pkcs12

from engine.clock import TestClock
from engine.demo_pki import DemoPki, Holder, issue, make_pki
from engine.identity import Person
from engine.signing import SystemSigner

PASSWORD = "scenario"


class Keys:
    """The keys of everybody in all scenarios of one call; `trust` is the folder by which the engine knows their authority."""

    def __init__(self, folder: Path):
        self._folder, self.trust = folder, folder / "trust"
        self._signers: dict[str, SystemSigner] = {}

    def sign(self, who: Person, content: bytes) -> bytes:
        """The person's signature over exactly these bytes: a detached CMS, as the browser makes it."""
        named = f"{who.id}-{who.serial_number}"
        if named not in self._signers:
            holder = Holder(who.name, who.serial_number or "", f"{len(self._signers)}.p12")
            file = issue(self._authority, holder, PASSWORD, TestClock().now())
            made: Any = pkcs12.load_key_and_certificates(file.read_bytes(), PASSWORD.encode())
            self._signers[named] = SystemSigner(made[0], made[1])
        return self._signers[named].sign(content)

    @cached_property
    def _authority(self) -> DemoPki:
        return make_pki(self._folder, at=TestClock().now())
