"""The demo: a fresh database with the project's own processes, four people, a test certificate authority and the officers' keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine import demo_pki
from engine.config import REGISTRY, Config
from engine.core import Engine
from engine.core import open as open_engine
from engine.errors import Refused
from engine.files import sources
from engine.identity import SYSTEM, Person

PASSWORD = "demo"
HERE = Path(__file__).resolve().parent.parent
MARK = "this-is-a-ratchet-demo"
OFFICER, ANALYST = frozenset({"officer"}), frozenset({"officer", "analyst"})
OFFICERS = frozenset({"officers"})
PEOPLE = (
    Person("ann", "Ann Archer", OFFICER, OFFICERS, "TINXX-1000000001"),
    Person("bob", "Bob Barker", OFFICER, OFFICERS, "TINXX-1000000002"),
    Person("alex", "Alex Adams", ANALYST, OFFICERS, None),
    Person("root", "Ruth Root", frozenset({"officer", "analyst", "admin"}), OFFICERS, None),
)
KEY_OWNERS = ("ann", "bob")


@dataclass(frozen=True)
class Demo:
    """A prepared demo: its engine, and where the officers' key files are."""

    engine: Engine
    keys: Path


def prepare(folder: Path, keep: bool = False) -> Demo:
    """Make the demo in a folder; what an earlier demo left there goes, except the officers' keys. With `keep` it all stays."""
    folder = folder.resolve()
    _claim(folder)
    if not keep:
        for file in folder.glob("demo.db*"):
            file.unlink()
    owners = [(one.name, one.serial_number or "", f"{one.id}.p12") for one in PEOPLE if one.id in KEY_OWNERS]
    pki = demo_pki.make_pki(folder / "pki", owners, PASSWORD)
    engine = open_engine(Config(
        f"sqlite:///{folder / 'demo.db'}", folder / "home", {"*": REGISTRY}, {"TRADES_PASSWORD": PASSWORD}, pki.trust, pki.seal
    ))  # fmt: skip
    if engine.find_person("ann") is None:
        _fill(engine)
    return Demo(engine, pki.people)


def tell(made: Demo, port: int, say: Callable[[str], None]) -> None:
    """What somebody needs to know to try it."""
    say(f"\nRatchet's demo:  http://127.0.0.1:{port}/\n")
    say("  log in as  ann or bob (officers), alex (analyst), root (administrator)")
    say(f"  password   {PASSWORD}, also that of the key files")
    for name in KEY_OWNERS:
        say(f"  key file   {made.keys / f'{name}.p12'}")
    say("\nStop it with Ctrl+C.\n")


def _claim(folder: Path) -> None:
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Refused(f"{folder} is not empty and holds no demo; name another folder with --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _fill(engine: Engine) -> None:
    for person in PEOPLE:
        engine.add_person(person, PASSWORD)
    engine.deploy(sources([HERE / "processes", HERE / "forms"]), SYSTEM)
