"""What became of scenario files, as JUnit's XML: what build servers read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from xml.etree import ElementTree

from engine.scenarios.runner import Result

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold


def junit(results: Sequence[Result]) -> bytes:
    """One test suite with a test case for each file; its class name is the folder, its name the file."""
    failures = sum(not result.passed for result in results)
    suite = ElementTree.Element("testsuite", {
        "name": "ratchet test", "tests": str(len(results)), "failures": str(failures), "errors": "0", "skipped": "0",
        "time": f"{sum(result.seconds for result in results):.6f}",
    })  # fmt: skip
    for result in results:
        suite.append(_case(result))
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    ElementTree.indent(whole)
    text: bytes = ElementTree.tostring(whole, encoding="utf-8", xml_declaration=True)
    return text


def _case(result: Result) -> ElementTree.Element:
    path = PurePath(result.file)
    case = ElementTree.Element("testcase", {
        "classname": str(path.parent), "name": path.stem, "file": result.file, "time": f"{result.seconds:.6f}",
    })  # fmt: skip
    if not result.passed:
        text = _UNFIT.sub("\ufffd", result.message)
        ElementTree.SubElement(case, "failure", {"message": text.split("\n", 1)[0], "type": "ScenarioFailed"}).text = text
    return case
