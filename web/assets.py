"""The only place that serves files: scripts, styles and pictures, named by their content so that browsers keep them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

FOLDER = Path(__file__).parent / "static"
NAMED_BY_CONTENT = ("chunk-", "asset-")  # the bundler puts a hash into these names
TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".map": "application/json",
}
A_YEAR = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__)


def setup(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of a file below `static`, with a version that changes whenever the file does."""
    path = FOLDER / name
    version = _version(path, path.stat().st_mtime_ns) if path.is_file() else None
    return url_for("assets.static", name=name, v=version)


@lru_cache(maxsize=256)
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """The file, compressed beforehand where the browser takes that; kept for good under a name that carries its version."""
    packed = request.accept_encodings["gzip"] > 0 and (FOLDER / f"{name}.gz").is_file()
    answer = send_from_directory(FOLDER, f"{name}.gz" if packed else name, mimetype=TYPES.get(Path(name).suffix))
    answer.vary.add("Accept-Encoding")
    if packed:
        answer.content_encoding = "gzip"
    if "v" in request.args or Path(name).name.startswith(NAMED_BY_CONTENT):
        answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return answer
