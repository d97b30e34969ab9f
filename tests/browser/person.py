"""What somebody does in the browser: open, read, fill in, press; and what is checked on every page on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from engine.demo import HERE, PASSWORD

AXE = HERE / "web/ui/node_modules/axe-core/axe.min.js"
WAIT_SECONDS = 15
REFUSALS = ("status of 422", "status of 409")  # what the page itself tells the person


class Person:
    """Somebody before a browser, logged in."""

    def __init__(self, driver: WebDriver, url: str, user: str, width: int, keys: Path, shots: Path | None):
        self.driver, self.url, self.user, self.keys, self.shots, self.width = driver, url, user, keys, shots, width
        driver.set_window_size(width, 900)
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.complaints()
        self.go("/login")
        self.fill("username", user)
        self.fill("password", PASSWORD)
        self.look("login")
        self.find("form button[type=submit], form button").click()
        self.wait(lambda: "/login" not in driver.current_url)

    def go(self, path: str) -> None:
        self.driver.get(self.url + path)

    def find(self, css: str) -> WebElement:
        found: WebElement = self.wait(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, css)), None), f"nothing matches {css}")
        return found

    def with_text(self, css: str, text: str) -> WebElement:
        """The first element whose visible text contains the words."""

        def look() -> WebElement | None:
            return next((one for one in self.driver.find_elements(By.CSS_SELECTOR, css) if text.lower() in one.text.lower()), None)

        found: WebElement = self.wait(look, f"no {css} says “{text}”")
        return found

    def press(self, text: str, css: str = "button, a") -> None:
        """Press the button or link with these words, and wait for the next page."""
        one = self.with_text(css, text)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", one)
        one.click()

    def fill(self, name: str, value: str) -> None:
        """Type into the field with this name."""
        one = self.find(f"[name='{name}']")
        one.clear()
        one.send_keys(value)

    def enter(self, label: str, value: str) -> None:
        """Type into the field of a form that has this label."""
        script = """
            const wanted = arguments[0].toLowerCase();
            const label = [...document.querySelectorAll('label')].find(one => one.textContent.toLowerCase().includes(wanted));
            return label && (label.control || label.parentElement.querySelector('input, textarea, select'));
        """
        one: WebElement = self.wait(lambda: self.driver.execute_script(script, label), f"no field is called “{label}”")
        one.send_keys(Keys.CONTROL, "a")
        one.send_keys(value)
        one.send_keys(Keys.TAB)

    def pick(self, label: str, option: str) -> None:
        """Open the list of a field and pick an entry."""
        self.with_text("label", label).find_element(By.XPATH, "..").find_element(By.CSS_SELECTOR, ".fjs-select-display, input").click()
        self.with_text(".fjs-dropdownlist-item", option).click()

    def choose(self, label: str) -> None:
        """Choose the radio button or tick the box with this label."""
        self.with_text(".fjs-form label, label", label).click()

    def says(self, text: str) -> None:
        """The page shows this text, now or soon."""
        self.wait(lambda: text.lower() in self.text().lower(), f"the page does not say “{text}”")

    def text(self) -> str:
        return str(self.driver.find_element(By.TAG_NAME, "body").text)

    def sign(self, file: Path | None = None, password: str = PASSWORD) -> None:
        """Open the key file in the browser and sign."""
        self.find("#p12").send_keys(str(file or self.keys / f"{self.user}.p12"))
        self.find("#password").clear()
        self.find("#password").send_keys(password)
        self.find("#sign #submit").click()

    def wait(self, condition: Any, message: str = "") -> Any:
        def tolerant(_: WebDriver) -> Any:
            try:
                return condition()
            except WebDriverException:  # the page was changing under our eyes: look again
                return None

        try:
            return WebDriverWait(self.driver, WAIT_SECONDS, 0.05).until(tolerant)
        except Exception as late:
            raise AssertionError(f"{message or 'it did not happen'} at {self.driver.current_url}:\n{self.text()[:1500]}") from late

    def look(self, name: str) -> None:
        """Check the page as it stands: nothing sticks out, axe finds nothing, the console is silent; keep a picture when asked."""
        if self.shots:
            self.shots.mkdir(parents=True, exist_ok=True)
            height = max(900, self.driver.execute_script("return document.documentElement.scrollHeight"))
            metrics = {"width": self.width, "height": min(height, 4000), "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            self.driver.save_screenshot(str(self.shots / f"{name}-{self.width}.png"))
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**metrics, "height": 900})
        assert self.driver.execute_script("return document.documentElement.scrollWidth") <= self.width, f"{name} is wider than the screen"
        assert self.complaints() == [], f"{name}: the browser complains"
        assert self.axe() == [], f"{name}: axe finds"

    def complaints(self) -> list[str]:
        """What the browser's console has to say against us."""
        entries = self.driver.get_log("browser")  # type: ignore[attr-defined]
        return [one["message"] for one in entries if one["level"] == "SEVERE" and not any(word in one["message"] for word in REFUSALS)]

    def axe(self) -> list[str]:
        """Accessibility problems: rule, and the elements that break it."""
        self.driver.execute_script(AXE.read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(r => done(JSON.stringify(r.violations)))"
        )
        return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in json.loads(found)]
