"""Files: kept by browsers for as long as they are the same, compressed, and nothing from outside the folder."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from web import assets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(assets, "FOLDER", tmp_path / "static")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.js").write_text("let a = 1;")
    (tmp_path / "static" / "a.js.gz").write_bytes(gzip.compress(b"let a = 1;"))
    (tmp_path / "static" / "b.css").write_text("b {}")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "static"


def test_a_browser_that_takes_gzip_gets_it(app: Flask, folder: Path) -> None:
    get: Any = app.test_client().get
    packed, plain = get("/static/a.js", headers={"Accept-Encoding": "br, gzip"}), get("/static/a.js")
    assert packed.content_encoding == "gzip" and gzip.decompress(packed.data) == plain.data == b"let a = 1;"
    assert packed.mimetype == plain.mimetype == "text/javascript"
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert get("/static/a.js", headers={"Accept-Encoding": "gzip;q=0"}).content_encoding is None
    assert get("/static/b.css", headers={"Accept-Encoding": "gzip"}).content_encoding is None


def test_versioned_names_are_kept_for_good(app: Flask, folder: Path) -> None:
    get: Any = app.test_client().get
    assert "immutable" in get("/static/a.js?v=1").headers["Cache-Control"]
    assert "immutable" not in get("/static/a.js").headers["Cache-Control"]
    (folder / "chunk-ABCDEFGH.js").write_text("")
    assert "immutable" in get("/static/chunk-ABCDEFGH.js").headers["Cache-Control"]
    assert "immutable" not in get("/static/nothing.js?v=1").headers["Cache-Control"]


def test_the_version_follows_the_content(app: Flask, folder: Path) -> None:
    with app.test_request_context():
        before = assets.asset("b.css")
        (folder / "b.css").write_text("b { color: red }")
        assert before.startswith("/static/b.css?v=") and assets.asset("b.css") != before
        assert assets.asset("missing.css") == "/static/missing.css"


@pytest.mark.parametrize(
    "path", ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "a/../../secret.txt", "/etc/passwd", "..\\secret.txt"]
)
def test_nothing_comes_from_outside(app: Flask, folder: Path, path: str) -> None:
    answer = app.test_client().get(f"/static/{path}")
    assert answer.status_code in (302, 308, 404) and b"secret" not in answer.data.replace(b"/secret", b"")
