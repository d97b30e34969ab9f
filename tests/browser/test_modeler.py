"""An analyst changes a diagram in the browser, deploys it as the next version and starts that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from engine.core import Engine
from engine.demo import HERE, PEOPLE
from tests.browser.person import Person

ALEX = PEOPLE[2]
Login = Callable[..., Person]


def open_modeler(alex: Person, process: str) -> None:
    alex.go("/definitions")
    alex.look("definitions")
    alex.with_text("tr", process).find_element("css selector", "a").click()
    alex.press("modeler", "a")
    alex.find("#modeler svg .djs-element")


def rename(alex: Person, element: str, name: str) -> None:
    alex.find(f"[data-element-id='{element}'] .djs-hit").click()
    if not alex.driver.find_element(By.CSS_SELECTOR, "#bio-properties-panel-name").is_displayed():
        alex.with_text(".bio-properties-panel-group-header", "General").click()
    field = alex.find("#bio-properties-panel-name")
    field.clear()
    field.send_keys(name)
    field.send_keys(Keys.TAB)


def test_change_deploy_and_start(person: Login, demo_engine: Engine) -> None:
    alex = person("alex")
    open_modeler(alex, "onboarding")
    rename(alex, "CheckCustomer", "Check the customer twice")
    alex.look("modeler")
    alex.press("Deploy", "#modeler button")
    alex.says("version 2")
    assert [one.version for one in demo_engine.versions("customer-onboarding", ALEX)] == [2, 1]
    assert b"Check the customer twice" in demo_engine.definition_xml("customer-onboarding:2", ALEX)
    alex.go("/processes")
    alex.with_text(".card", "onboarding").find_element("css selector", "button").click()
    alex.says("Enter beneficial owner")
    (case,) = demo_engine.instances(ALEX)
    assert case.version == 2


def test_the_seven_dialect_opens_too(person: Login) -> None:
    alex = person("alex", 400)
    open_modeler(alex, "nested")
    alex.look("modeler-seven")


def test_problems_are_told_where_they_are(person: Login, demo_engine: Engine, tmp_path: Path) -> None:
    alex = person("alex")
    model = (HERE / "processes/customer-onboarding/customer-onboarding.bpmn").read_text()
    bad = tmp_path / "bad.bpmn"
    bad.write_text(model.replace("=accepted = true", "=accepted = = true"))
    broken = tmp_path / "broken.bpmn"
    broken.write_text(model[:900])
    for file, told in ((bad, "Flow_Accepted"), (broken, "not well-formed")):
        alex.go("/definitions")
        alex.find("input[type=file]").send_keys(str(file))
        alex.press("Deploy", "button")
        alex.says(told)
        alex.look(f"deploy-{file.stem}")
    assert [one.version for one in demo_engine.versions("customer-onboarding", ALEX)] == [1]
