"""Settings: where they come from, which goes before which, and what is said about bad ones."""

from __future__ import annotations

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine import config
from engine.config import REGISTRY, BadSetting, Config


def test_defaults() -> None:
    found = Config.from_environment({})
    assert found == Config()
    assert found.database_url == "sqlite:///ratchet.db"
    assert (found.home, found.trust, found.seal) == (Path(".ratchet"), Path(".ratchet/trust"), Path(".ratchet/seal"))
    assert found.connections == found.secrets == {}


def test_home_is_beside_the_database_file(tmp_path: Path) -> None:
    assert Config.from_environment({"RATCHET_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}).home == tmp_path / ".ratchet"
    for elsewhere in ("sqlite://", "sqlite:///:memory:", "postgresql+psycopg://u:p@host/x"):
        assert Config.from_environment({"RATCHET_DATABASE_URL": elsewhere}).home == Path(".ratchet")


def test_the_command_lines_database_goes_first() -> None:
    environ = {"RATCHET_DATABASE_URL": "sqlite:///a.db"}
    assert Config.from_environment(environ).database_url == "sqlite:///a.db"
    assert Config.from_environment(environ, database="sqlite:///b.db").database_url == "sqlite:///b.db"
    assert Config.from_environment(environ, database=None).database_url == "sqlite:///a.db"


def test_passwords_stay_in_the_url_but_are_not_printed() -> None:
    found = Config.from_environment({"RATCHET_DATABASE_URL": "postgresql+psycopg://u:hid%40den@host/x", "RATCHET_SECRET_X": "hidden"})
    assert found.database_url == "postgresql+psycopg://u:hid%40den@host/x"
    assert "hid" not in repr(found)


def test_folders(tmp_path: Path) -> None:
    environ = {"RATCHET_HOME": str(tmp_path), "RATCHET_TRUST": str(tmp_path / "ca"), "RATCHET_SEAL": str(tmp_path / "key")}
    found = Config.from_environment(environ)
    assert (found.home, found.trust, found.seal) == (tmp_path, tmp_path / "ca", tmp_path / "key")


def test_secrets() -> None:
    assert Config.from_environment({"RATCHET_SECRET_A": "1", "RATCHET_SECRET_": "2", "SECRET_A": "3"}).secrets == {"A": "1"}


def test_connections_from_everywhere(tmp_path: Path) -> None:
    (tmp_path / "connections.yaml").write_text("one:5432/x: sqlite:///one.db\ntwo:5432/x: sqlite:///two.db\n")
    (tmp_path / "connections.json").write_text(json.dumps({"two:5432/x": "sqlite:///json.db", "three:1/x": ":registry:"}))
    environ = {"RATCHET_HOME": str(tmp_path), "RATCHET_CONNECTIONS": '{"four:1/x": "sqlite:///:registry:", "one:5432/x": "sqlite://"}'}
    assert Config.from_environment(environ).connections == {
        "one:5432/x": "sqlite://",
        "two:5432/x": "sqlite:///json.db",
        "three:1/x": REGISTRY,
        "four:1/x": REGISTRY,
    }


@pytest.mark.parametrize("empty", ["", "{}", "  "])
def test_no_connections(empty: str, tmp_path: Path) -> None:
    (tmp_path / "connections.yaml").write_text(empty)
    assert Config.from_environment({"RATCHET_HOME": str(tmp_path), "RATCHET_CONNECTIONS": empty}).connections == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATCHET_DATABASE_URL", "ratchet.db"),
        ("RATCHET_DATABASE_URL", "postgresql://host:notaport/x"),
        ("RATCHET_CONNECTIONS", "{"),
        ("RATCHET_CONNECTIONS", "[1]"),
        ("RATCHET_CONNECTIONS", "text"),
        ("RATCHET_CONNECTIONS", '{"a": 1}'),
        ("RATCHET_CONNECTIONS", '{"a": "nonsense"}'),
        ("RATCHET_CONNECTIONS", "a: [b"),
        ("RATCHET_HOME", __file__),
        ("RATCHET_TRUST", __file__),
        ("RATCHET_SEAL", __file__),
    ],
)
def test_bad_values_name_the_variable(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Config.from_environment({name: value})


def test_bad_database_on_the_command_line() -> None:
    with pytest.raises(BadSetting, match="--database"):
        Config.from_environment({"RATCHET_DATABASE_URL": "sqlite://"}, database="nonsense")


@pytest.mark.parametrize(("name", "text"), [("connections.json", "{"), ("connections.yaml", "a: [b"), ("connections.yaml", "- a")])
def test_bad_files_name_the_file(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadSetting, match=re.escape(name)):
        Config.from_environment({"RATCHET_HOME": str(tmp_path)})


def test_a_bad_url_does_not_show_its_password() -> None:
    with pytest.raises(BadSetting) as caught:
        Config.from_environment({"RATCHET_DATABASE_URL": "postgresql//user:hidden@host/x"})
    assert "hidden" not in caught.value.message


def test_token_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    found = Config(home=tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: found.token_key(), range(8)))
    assert len(keys) == 1 and len(keys.pop()) == 32
    assert [path.name for path in found.home.iterdir()] == ["token.key"], "no drafts stay"
    assert stat.S_IMODE((found.home / "token.key").stat().st_mode) == 0o600
    assert Config(home=tmp_path / "other").token_key() != found.token_key()


def test_a_short_token_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token.key").write_bytes(b"short")
    with pytest.raises(BadSetting, match=r"token\.key"):
        Config(home=tmp_path).token_key()


def test_every_variable_is_in_the_docstring() -> None:
    source = Path(config.__file__).read_text(encoding="utf-8").split('"""', 2)[2]
    used = set(re.findall(r'"(RATCHET_[A-Z_]+)"', source))
    assert used and all(name in str(config.__doc__) for name in used)


def test_nobody_else_reads_the_environment() -> None:
    engine = Path(config.__file__).parent
    readers = {path.name for path in engine.rglob("*.py") if re.search(r"os\.environ|getenv", path.read_text(encoding="utf-8"))}
    assert readers == {"config.py"}


def test_types_left_to_connector_runtimes(tmp_path: Path) -> None:
    given = {"RATCHET_REMOTE_TYPES": "ratchet:sql, io.camunda:connector-jdbc:1,", "RATCHET_CONNECTIONS": '{"h:1/d": ":remote:north"}', "RATCHET_HOME": str(tmp_path)}
    config = Config.from_environment(given)
    assert config.remote_types == {"ratchet:sql", "io.camunda:connector-jdbc:1"} and config.connections == {"h:1/d": ":remote:north"}
