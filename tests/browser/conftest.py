"""A real browser before a real server: headless Chromium, the demo's people and processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

from engine.config import Config
from engine.core import Engine
from engine.demo import HERE
from tests.browser.person import Person
from tests.serving import Server

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[WebDriver]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("chromium and chromedriver are not installed here")
    if not (HERE / "web/static/dist/form.js").exists():
        pytest.fail("the browser bundle is not built: run `make bundle`")
    options = Options()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def live(demo_engine: Engine, config: Config) -> Iterator[Server]:
    """A server process over the test's database, with the project's processes in it."""
    server = Server(config)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def person(chromium: WebDriver, live: Server, pki: Any) -> Iterator[Callable[..., Person]]:
    """person("ann") has logged in; person("ann", width=400) on a small screen."""
    made: list[Person] = []

    def log_in(user: str, width: int = 1280) -> Person:
        chromium.delete_all_cookies()
        made.append(Person(chromium, live.url, user, width, pki.people, Path(os.environ.get("RATCHET_SCREENSHOTS", "")) if os.environ.get("RATCHET_SCREENSHOTS") else None))
        return made[-1]

    yield log_in
    chromium.delete_all_cookies()
