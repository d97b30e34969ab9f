"""Secrets: where they go in, and that they do not come out."""

from __future__ import annotations

import json
import time
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

import pytest

from engine.secrets import MASK, Secrets

SECRETS = Secrets({"PASSWORD": "p@ss w/rd", "HOST": "db.example.com", "A.B-C/D_E": "dotted", "EMPTY": "", "NAMES": "secrets.PASSWORD"})


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("secrets.PASSWORD", "p@ss w/rd"),
        ("{{secrets.PASSWORD}}", "p@ss w/rd"),
        ("{{ secrets.PASSWORD }}", "p@ss w/rd"),
        ("{{\n\tsecrets.PASSWORD\n}}", "p@ss w/rd"),
        ("jdbc:postgresql://{{secrets.HOST}}:5432/x", "jdbc:postgresql://db.example.com:5432/x"),
        ("secrets.HOST:5432", "db.example.com:5432"),
        ("secrets.HOST and secrets.PASSWORD", "db.example.com and p@ss w/rd"),
        ("{{secrets.HOST}}{{secrets.PASSWORD}}", "db.example.comp@ss w/rd"),
        ("secrets.A.B-C/D_E", "dotted"),
        ("{{secrets.A.B-C/D_E}}", "dotted"),
        ("secrets.HOST.", "db.example.com."),
        ("[{{secrets.EMPTY}}]", "[]"),
        ("secrets.UNKNOWN", "secrets.UNKNOWN"),
        ("{{secrets.UNKNOWN}}", "{{secrets.UNKNOWN}}"),
        ("{{ secrets.UNKNOWN }} secrets.HOST", "{{ secrets.UNKNOWN }} db.example.com"),
        ("secrets.HOST/db", "secrets.HOST/db"),  # the runtime reads the longest name: HOST/db
        ("secrets.", "secrets."),
        ("{{secrets.}}", "{{secrets.}}"),
        ("{{secrets.HOST", "{{db.example.com"),
        ("secrets.password", "secrets.password"),
        ("Secrets.PASSWORD", "Secrets.PASSWORD"),
        ("", ""),
    ],
)
def test_resolve(written: str, given: str) -> None:
    assert SECRETS.resolve(written) == given


def test_a_secrets_text_is_not_read_again() -> None:
    assert SECRETS.resolve("{{secrets.NAMES}}") == "secrets.PASSWORD"
    assert SECRETS.resolve("secrets.NAMES") == "secrets.PASSWORD"


def test_resolve_inside_json() -> None:
    given = {"a": ["secrets.HOST", {"b": "{{secrets.PASSWORD}}", "secrets.HOST": 1}], "n": 1, "d": Decimal("1.10"), "t": True, "z": None}
    assert SECRETS.resolve(given) == {
        "a": ["db.example.com", {"b": "p@ss w/rd", "secrets.HOST": 1}],
        "n": 1,
        "d": Decimal("1.10"),
        "t": True,
        "z": None,
    }
    assert given["n"] == 1 and given["a"][0] == "secrets.HOST", "what was given stays as it was"  # type: ignore[index]


@pytest.mark.parametrize("value", [None, 1, 1.5, True, date(2026, 1, 1), b"secrets.HOST"])
def test_other_values_pass(value: Any) -> None:
    assert SECRETS.resolve(value) is value


def test_backslashes_and_groups_are_taken_literally() -> None:
    assert Secrets({"X": r"\1\g<0>\\"}).resolve("a{{secrets.X}}b") == r"a\1\g<0>\\b"


@pytest.mark.parametrize("shown", ["p@ss w/rd", quote_plus("p@ss w/rd"), "p%40ss%20w%2Frd", json.dumps("p@ss w/rd")])
def test_mask(shown: str) -> None:
    masked = SECRETS.mask(f"could not connect with {shown} today")
    assert MASK in masked and "p@ss" not in masked and "w/rd" not in masked and "40ss" not in masked
    assert masked.startswith("could not connect with ") and masked.endswith(" today")


def test_mask_takes_the_longest_first_and_all_of_them() -> None:
    secrets = Secrets({"SHORT": "abcd", "LONG": "abcdefgh"})
    assert secrets.mask("abcdefgh abcd abcdefgh") == f"{MASK} {MASK} {MASK}"


def test_mask_of_quotes_and_letters_in_json() -> None:
    secrets = Secrets({"X": 'пароль "x"\n'})
    for shown in (json.dumps(['пароль "x"\n']), json.dumps(['пароль "x"\n'], ensure_ascii=False)):
        assert secrets.mask(shown) == f'["{MASK}"]'


def test_mask_leaves_text_readable() -> None:
    assert Secrets({"X": "x", "EMPTY": ""}).mask("extra text") == "extra text"
    assert Secrets().mask("text") == "text"


def test_printing_shows_names_only() -> None:
    assert repr(Secrets({"B": "hidden", "A": "hidden"})) == str(Secrets({"B": "hidden", "A": "hidden"})) == "Secrets(A, B)"


def test_from_environment() -> None:
    secrets = Secrets.from_environment({"RATCHET_SECRET_HOST": "db", "RATCHET_HOME": "x", "RATCHET_SECRET_": "nameless", "HOST": "y"})
    assert repr(secrets) == "Secrets(HOST)"
    assert secrets.resolve("secrets.HOST") == "db"


@pytest.mark.parametrize("text", ["{{secrets." * 5000, "{{" + " " * 20000, "secrets." + "a." * 20000, "{{secrets.a" + " " * 20000])
def test_long_input_takes_no_long_time(text: str) -> None:
    start = time.perf_counter()
    assert SECRETS.resolve(text) == text
    assert time.perf_counter() - start < 2


def test_only_what_the_model_wrote_gets_a_secret() -> None:
    secrets = Secrets({"KEY": "value"})
    typed = {"db": {"password": "secrets.KEY", "user": "secrets.KEY"}, "rows": [{"name": "secrets.KEY"}], "other": "{{secrets.KEY}}"}
    resolved = secrets.resolve_at(typed, ["db.password", "missing.path"])
    assert resolved == {**typed, "db": {"password": "value", "user": "secrets.KEY"}}
    assert typed["db"]["password"] == "secrets.KEY"
    assert secrets.mentions("= {a: \"{{secrets.KEY}}\"}") and not secrets.mentions("= secret")
