"""The scenario runner: each step and expectation, as it passes and as it fails, and what a failure tells."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from click.testing import Result as Outcome

from engine.cli import main
from engine.scenarios import Result, junit, run_files
from engine.scenarios.expectations import CHECKS
from engine.scenarios.steps import STEPS
from tests.models import END, START, camunda, feel_script, flow, job, line, user, zeebe


def _event(kind: str, inside: str = "", attributes: str = "") -> str:
    return f"<bpmn:{kind}EventDefinition {attributes}>{inside}</bpmn:{kind}EventDefinition>"


def _catch(id: str, event: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}">{event}</bpmn:intermediateCatchEvent>'


def _edge(id: str, host: str, event: str, attributes: str = "") -> str:
    return f'<bpmn:boundaryEvent id="{id}" attachedToRef="{host}" {attributes}>{event}</bpmn:boundaryEvent>'


def _timer(kind: str, text: str) -> str:
    return _event("timer", f'<bpmn:time{kind} xsi:type="bpmn:tFormalExpression">{text}</bpmn:time{kind}>')


SUBSCRIBED = '<bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements>'
MESSAGE = f'<bpmn:message id="m" name="matched">{SUBSCRIBED}</bpmn:message>'
GO = '<bpmn:message id="go" name="go"/>'
SIGNAL = '<bpmn:signal id="s" name="stop"/>'
ERROR = '<bpmn:error id="e" errorCode="E-1"/>'
FORK, JOIN = '<bpmn:parallelGateway id="fork"/>', '<bpmn:parallelGateway id="join"/>'
OWNED = user("u", '<zeebe:assignmentDefinition assignee="ann" candidateGroups="clerks"/>')
THRICE = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"><bpmn:extensionElements><zeebe:loopCharacteristics '
    'inputCollection="=[1,2,3]" inputElement="n"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)
CALLED = (
    '<bpmn:callActivity id="c"><bpmn:extensionElements><zeebe:calledElement processId="{}" propagateAllChildVariables="false"/>'
    "</bpmn:extensionElements></bpmn:callActivity>"
)
BY_MESSAGE = _event("message", attributes='messageRef="go"')
IN_A = '<zeebe:ioMapping><zeebe:input source="=1" target="own"/></zeebe:ioMapping>'

MODELS = {
    "user.bpmn": zeebe(START + user("u") + END + line("start", "u", "end")),
    "owned.bpmn": zeebe(START + OWNED + END + line("start", "u", "end")),
    "two.bpmn": zeebe(START + FORK + user("a", IN_A) + user("b") + JOIN + END + line("start", "fork", "a", "join", "end") + line("fork", "b", "join")),
    "job.bpmn": zeebe(
        START + job("j", "work") + _edge("b", "j", _event("error", attributes='errorRef="e"')) + user("mend") + END
        + line("start", "j", "end") + line("b", "mend", "end"), messages=ERROR,
    ),
    "thrice.bpmn": zeebe(START + job("j", "work").replace("</bpmn:serviceTask>", THRICE.format("true") + "</bpmn:serviceTask>") + END + line("start", "j", "end")),
    "message.bpmn": zeebe(START + _catch("c", _event("message", attributes='messageRef="m"')) + END + line("start", "c", "end"), messages=MESSAGE),
    "begun.bpmn": zeebe(
        f'<bpmn:startEvent id="start">{BY_MESSAGE}</bpmn:startEvent>' + user("u") + END + line("start", "u", "end"), messages=GO,
    ),
    "receive.bpmn": camunda(START + '<bpmn:receiveTask id="r"/>' + END + line("start", "r", "end")),
    "signal.bpmn": zeebe(
        START + user("u") + _edge("b", "u", _event("signal", attributes='signalRef="s"')) + END
        + '<bpmn:endEvent id="stopped"/>' + line("start", "u", "end") + line("b", "stopped"), messages=SIGNAL,
    ),
    "hourly.bpmn": zeebe(
        START + user("u") + _edge("b", "u", _timer("Cycle", "R3/PT1H"), 'cancelActivity="false"') + feel_script("tick", "string(now())", "at")
        + END + '<bpmn:endEvent id="ticked"/>' + line("start", "u", "end") + line("b", "tick", "ticked"),
    ),
    "daily.bpmn": zeebe(f'<bpmn:startEvent id="start">{_timer("Cycle", "R2/P1D")}</bpmn:startEvent>' + END + line("start", "end")),
    "broken.bpmn": zeebe(START + '<bpmn:exclusiveGateway id="g"/>' + END + line("start", "g") + flow("g", "end", "=ok = true")),
    "later7.bpmn": camunda(
        START + '<bpmn:scriptTask id="s" scriptFormat="groovy" camunda:asyncBefore="true"><bpmn:script>throw new RuntimeException("boom")'
        "</bpmn:script></bpmn:scriptTask>" + END + line("start", "s", "end"),
    ),
    "terminate.bpmn": zeebe(
        START + FORK + user("a") + f'<bpmn:endEvent id="over">{_event("terminate")}</bpmn:endEvent>' + END
        + line("start", "fork", "a", "end") + line("fork", "over"),
    ),
    "adhoc.bpmn": zeebe(
        START + '<bpmn:adHocSubProcess id="s" cancelRemainingInstances="false">' + user("a") + user("b") + "</bpmn:adHocSubProcess>" + END
        + line("start", "s", "end"),
    ),
    "inside.bpmn": zeebe(
        START + '<bpmn:subProcess id="s"><bpmn:startEvent id="si"/>' + user("a") + user("b") + '<bpmn:endEvent id="se"/>'
        + line("si", "a", "b", "se") + "</bpmn:subProcess>" + END + line("start", "s", "end"),
    ),
    "caller.bpmn": zeebe(START + CALLED.format("p") + END + line("start", "c", "end"), key="caller"),
    "calls-broken.bpmn": zeebe(START + CALLED.format("p") + END + line("start", "c", "end"), key="caller"),
    "form.bpmn": zeebe(START + user("u", '<zeebe:formDefinition formId="f"/>') + END + line("start", "u", "end")),
    "f.form": b'{"type":"default","id":"f","components":[{"type":"textfield","key":"name"},{"type":"group","components":[{"type":"number","key":"n"}]}]}',
    "tables.sql": b"CREATE TABLE trade (trade_id INTEGER PRIMARY KEY, name TEXT);",
    "wrong.bpmn": zeebe(START + '<bpmn:task id="t"><bpmn:extensionElements><zeebe:nonsense/></bpmn:extensionElements></bpmn:task>' + line("start", "t")),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in MODELS.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def play(folder: Path, text: str) -> Result:
    (folder / "s.yaml").write_text(dedent(text))
    (result,) = run_files([folder / "s.yaml"])
    return result


# model, steps, expectation that holds
HOLDS = [
    ("user", "{start: {}}", "status: active"),
    ("user", "{start: {process: p, vars: {a: 1}, business_key: B, name: one, version: 1, as: ann}}", "{instance: one, variables_exactly: {a: 1}}"),
    ("user", "{start: p}, {complete: u}", "{status: completed, ended_at: [end], tasks: [], instances: 1}"),
    ("user", "{start: p}, {complete: {task: Task u, vars: {x: 1}}}", "variables: {x: 1}"),
    ("two", "{start: p}, {complete: {all: true}}", "{status: completed, counts: {a: 1, b: 1, join: 1}}"),
    ("two", "{start: p}, {complete: {count: 2}}", "status: completed"),
    ("two", "{start: p}, {complete: b}, {complete: a}", "{in_order: [fork, b, a, join], visited: [start, fork_a], not_visited: [nowhere]}"),
    ("two", "{start: {before: [a]}}", "{active_exactly: [a], not_visited: [start, b]}"),
    ("two", "{start: {before: a}}, {expect: {variables_at: {a: {own: 1}}}}, {complete: a}", "variables_at: {a: {own: 1}}"),
    ("inside", "{start: {before: [b]}}", "{active: [s], active_exactly: [s, b], not_visited: [si, a]}"),
    ("inside", "{start: p}", "active_exactly: [a]"),
    ("owned", "{start: p}", "{assignees: [ann], candidate_groups: [clerks], task_ids: [u]}"),
    ("owned", "{start: p}, {complete: {task: u, assignee: ann}}", "status: completed"),
    ("owned", "{start: p}, {complete: {task: u, as: bob}, refused: not yours}", "status: active"),
    ("user", "{start: p}, {claim: {task: u, as: ann}}", "assignees: [ann]"),
    ("user", "{start: p}, {claim: {task: u, as: ann}}, {claim: {task: u, as: bob}, refused: belongs to ann}", "assignees: [ann]"),
    ("job", "{start: p}, {job: {type: work, vars: {x: 1}}}", "{status: completed, variables: {x: 1}, counts: {j: 1}}"),
    ("job", "{start: p}, {job: {element: j, fail: no, retries: 1}}, {job: work}", "status: completed"),
    ("job", "{start: p}, {job: {element: j, fail: no ink, retries: 0}}", "{status: incident, incident: NO ink, active: [j]}"),
    ("job", "{start: p}, {job: {fail: no ink, retries: 0}}, {retry: {}}, {job: {}}", "status: completed"),
    ("job", "{start: p}, {job: {type: work, error: E-1, message: sorry, vars: {x: 1}}}", "{tasks: [Task mend], canceled: {j: 1}, visited: [b]}"),
    ("thrice", "{start: p}, {job: {type: work, count: 3}}", "{status: completed, counts: {j: 3}}"),
    ("message", "{start: {vars: {key: 7}}}, {message: {name: matched, key: 7, vars: {x: 1}}}", "{status: completed, variables: {x: 1}}"),
    ("message", "{message: {name: matched, key: 7}}, {start: {vars: {key: 7}}}", "status: completed"),
    ("message", "{start: {vars: {key: 7}}}, {message: {name: matched, key: 8}}", "{status: active, subscriptions: 1}"),
    ("message", "{start: {vars: {key: 7}}}, {message: {name: matched, key: 7, element: other}}", "status: active"),
    ("begun", "{message: go}, {complete: u}", "{status: completed, instances: 1, subscriptions: 0}"),
    ("receive", "{start: p}, {trigger: r}", "status: completed"),
    ("receive", "{start: p}, {trigger: {element: r, vars: {x: 1}}}, {trigger: r, refused: has ended}", "variables: {x: 1}"),
    ("receive", "{start: p}, {trigger: start, refused: Nothing waits at}", "active: [r]"),
    ("adhoc", "{start: p}, {expect: {active_exactly: [s]}}, {trigger: {element: b, vars: {x: 1}}}", "{task_ids: [b], variables_at: {b: {x: 1}}}"),
    ("adhoc", "{start: p}, {trigger: b}, {complete: b}", "{status: completed, not_visited: [a]}"),
    ("signal", "{start: p}, {signal: {name: stop, vars: {why: x}}}", "{ended_at: [stopped], canceled: {u: 1}}"),
    ("signal", "{start: {name: a}}, {start: {name: b}}, {signal: stop}", "{status: completed, instances: 2}"),
    ("broken", "{start: p}, {set: {vars: {ok: true}}}, {retry: {}}", "status: completed"),
    ("broken", "{start: p}, {retry: {}}", "{status: incident, counts: {g: 1}}"),
    ("later7", "{start: p}, {expect: {incident: boom}}, {retry: {}}, {retry: {}, refused: boom}", "status: incident"),
    ("user", "{start: {vars: {d: 2026-05-01, t: 2026-05-01T10:00:00Z}}}", "variables: {d: 2026-05-01, t: '2026-05-01T12:00:00+02:00'}"),
    ("hourly", "{start: p}", "{timers: 1, active_exactly: [u]}"),
    ("hourly", "{start: p}, {advance: PT59M}", "not_visited: [tick]"),
    ("hourly", "{start: p}, {advance: P1D}", "{counts: {tick: 3}, timers: 0}"),
    ("hourly", "{start: p}, {advance: PT90M}, {advance: next}", "{counts: {tick: 2}, variables: {at: '2026-01-01T11:00:00Z'}}"),
    ("hourly", "{start: p}, {advance: 2026-01-01T12:30:00Z}", "{counts: {tick: 3}, variables: {at: '2026-01-01T12:00:00Z'}}"),
    ("daily", "{expect: {instances: 0, timers: 1}}, {advance: P3D}", "{status: completed, instances: 2, timers: 0}"),
    ("user", "{start: {name: one}}, {start: {name: two}}, {cancel: {instance: one}}", "{instance: one, status: canceled}"),
    ("user", "{start: p}, {cancel: {}}", "{status: terminated, canceled: {u: 1}}"),
    ("user", "{start: p}, {suspend: {}}, {complete: u, refused: suspended}, {resume: {}}, {complete: u}", "status: completed"),
    ("terminate", "{start: p}", "{status: terminated, ended_at: [over], canceled: {a: 1}}"),
    ("terminate", "{start: p}", "status: completed"),
    ("caller, user", "{start: caller}, {complete: {task: u, vars: {x: 1}}}", "{instances: 2, status: completed, variables: {x: 1}, variables_absent: [x]}"),
    ("caller, user", "{start: {process: caller, name: one}}", "{instance: one, instances: 1, active_exactly: [c], tasks: []}"),
    ("caller, user", "{start: caller}", "active_exactly: [u]"),
    ("calls-broken, broken", "{start: caller}", "{status: incident, incident: default flow}"),
    ("form, f.form", "{start: p}", "form_fields: [name, n]"),
    ("user, tables.sql", "{start: p}", "rows: {TRADE: []}"),
    ("user", "{start: p}, {deploy: two.bpmn}, {start: {process: p, version: 1}}, {start: p}", "task_ids: [u, u, a, b]"),
]  # fmt: skip


@pytest.mark.parametrize(("models", "steps", "expected"), HOLDS)
def test_what_holds(folder: Path, models: str, steps: str, expected: str) -> None:
    result = play(folder, f"deploy: [{_files(models)}]\nsteps: [{steps}]\nexpect: {_mapping(expected)}")
    assert result.passed, result.message


# model, steps, what is expected, what the failure says
FAILS = [
    ("user", "{start: p}", "status: completed", "expected status: 'completed', but found ['active']"),
    ("user", "", "status: completed", "found []"),
    ("user", "{start: p}", "status: asleep", "there is no “asleep”; it is one of active"),
    ("user", "{start: p}", "tasks: []", "found ['Task u']"),
    ("user", "{start: p}", "task_ids: [u, u]", "found ['u']"),
    ("owned", "{start: p}", "assignees: [bob]", "found ['ann']"),
    ("owned", "{start: p}", "candidate_groups: []", "found ['clerks']"),
    ("form, f.form", "{start: p}", "form_fields: [size]", "found ['name', 'n']"),
    ("user", "{start: p}", "active: [end]", "found ['u']"),
    ("two", "{start: p}", "active_exactly: [a]", "found ['a', 'b']"),
    ("hourly", "{start: p}", "active_exactly: [u, b]", "found ['u']"),
    ("two", "{start: p}, {complete: a}", "ended_at: [end]", "found []"),
    ("user", "{start: p}", "visited: [end]", "found ['start', 'start_u', 'u']"),
    ("user", "{start: p}", "not_visited: [u, end]", "found ['u']"),
    ("user", "{start: p}", "in_order: [u, start]", "found ['start', 'u']"),
    ("thrice", "{start: p}, {job: {count: 2}}", "counts: {j: 1}", "found {'j': 2}"),
    ("user", "{start: p}", "canceled: {u: 1}", "found {'u': 0}"),
    ("user", "{start: {vars: {a: 1, b: true}}}", "variables: {a: 2}", "found {'a': 1}"),
    ("user", "{start: {vars: {a: 1, b: true}}}", "variables: {b: 1}", "found {'b': True}"),
    ("user", "{start: p}", "variables: {a: null}", "(absent)"),
    ("user", "{start: {vars: {a: 1}}}", "variables_exactly: {}", "found {'a': 1}"),
    ("user", "{start: {vars: {a: 1}}}", "variables_absent: [a]", "found {'a': 1}"),
    ("two", "{start: p}", "variables_at: {a: {own: 2}}", "'own': 1"),
    ("hourly", "{start: p}", "timers: 0", "found 1"),
    ("message", "{start: {vars: {key: 1}}}", "subscriptions: 2", "found 1"),
    ("user", "{start: p}", "instances: 2", "found 1"),
    ("broken", "{start: p}", "incident: sunshine", "No condition of"),
    ("user, tables.sql", "", "rows: {trade: [{name: x}]}", "found {'trade': []}"),
    ("user", "", "rows: {trade: []}", "there is no table trade"),
    ("user", "", "stauts: active", "expect does not understand “stauts”. Did you mean “status”? It takes instance, status"),
    ("user", "{start: p}", "{status: active, instance: two}", "No start step has the name “two”"),
    ("user", "{complete: u}", "{}", "step 1 (complete): There is no open task “u”. Open tasks are: none."),
    ("user", "{start: p}, {complete: {task: u, assignee: bob}}", "{}", "no open task “u” of bob. Open tasks are: Task u (u)"),
    ("job", "{start: p}, {job: {type: other}}", "{}", "There is no such job. Waiting are: work at j."),
    ("user", "{start: p}, {complete: u, refused: never}", "{}", "It should have been refused with “never”, but it went through."),
    ("owned", "{start: p}, {complete: {task: u, as: bob}, refused: never}", "{}", "not with “never”. It said: This task is not yours"),
    ("user", "{start: p}, {retry: {}}", "{}", "There is no incident to retry."),
    ("user", "{advance: next}", "{}", "no “next” to advance to"),
    ("user", "{advance: soon}", "{}", "“soon” is not a duration; write it like PT5M"),
    ("user", "{start: nothing}", "{}", "There is no process “nothing”"),
    ("user", "{start: {proces: p}}", "{}", "start does not understand “proces”. Did you mean “process”?"),
    ("user", "{strat: {}}", "{}", "A step does not understand “strat”. Did you mean “start”?"),
    ("user", "{start: p, complete: u}", "{}", "A step is one of start, complete"),
    ("user", "start", "{}", "A step is one of start, complete"),
    ("user", "{set: 5}", "{}", "set takes a mapping"),
    ("user", "{start: {vars: 5}}", "{}", "vars must be a mapping"),
    ("user", "{message: {key: 1}}", "{}", "message needs name"),
    ("two", "{start: {before: [nowhere]}}", "{}", "nowhere"),
    ("wrong", "", "{}", "wrong.bpmn:"),
]  # fmt: skip


@pytest.mark.parametrize(("models", "steps", "expected", "told"), FAILS)
def test_what_fails_is_told(folder: Path, models: str, steps: str, expected: str, told: str) -> None:
    result = play(folder, f"deploy: [{_files(models)}]\nsteps: [{steps}]\nexpect: {_mapping(expected)}")
    assert not result.passed and told in result.message, result.message


def test_every_step_and_expectation_is_played_here() -> None:
    played = " ".join(f"{steps} {expected}" for _, steps, expected in HOLDS)
    assert [name for name in [*STEPS, *CHECKS] if f"{name}:" not in played] == []
    failing = " ".join(expected for _, _, expected, _ in FAILS)
    assert [name for name in CHECKS if f"{name}:" not in failing] == []


def test_a_failure_tells_where_everything_stands(folder: Path) -> None:
    told = play(folder, """
        deploy: [hourly.bpmn]
        steps: [{start: {name: first, vars: {amount: 5}}}, {advance: PT1H}]
        expect: {status: completed, tasks: [Other]}
    """).message  # fmt: skip
    for part in (
        "expected status: 'completed'", "expected tasks: ['Other']", "first: p:1 active; tokens at u", "open tasks: Task u (u)",
        "a timer at b, due 2026-01-01T11:00:00Z", "amount = 5", "start → u → b → tick → ticked",
    ):  # fmt: skip
        assert part in told, told
    told = play(folder, "deploy: broken.bpmn\nsteps: [start: p]\nexpect: {status: completed}").message
    assert "incident: at g: NoFlowTaken: No condition of “g” holds" in told, told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps: [", "This is not YAML"),
        ("- 1", "A scenario file is a mapping"),
        ("deply: []", "does not understand “deply”. Did you mean “deploy”?"),
        ("steps: {}\nexpect: [1]", "expect: must be a mapping"),
        ("steps: []\nsteps: []", "line 2: “steps” stands here twice"),
        ("deploy: [usr.bpmn]", "no file usr.bpmn beside the scenario"),
    ],
)
def test_files_that_cannot_be_played(folder: Path, text: str, told: str) -> None:
    result = play(folder, text)
    assert not result.passed and told in result.message, result.message


def test_elements_may_be_called_yes_and_no(folder: Path) -> None:
    (folder / "p.bpmn").write_bytes(zeebe(START + '<bpmn:endEvent id="no"/>' + line("start", "no")))
    assert play(folder, "deploy: p.bpmn\nsteps: [start: p]\nexpect: {ended_at: [no], not_visited: [yes]}").passed


def test_a_folder_is_deployed(folder: Path) -> None:
    (folder / "app").mkdir()
    for name in ("form.bpmn", "f.form", "tables.sql"):
        (folder / "app" / name).write_bytes(MODELS[name])
    result = play(folder, "deploy: app\nsteps: [start: p]\nexpect: {form_fields: [n], rows: {trade: []}}")
    assert result.passed, result.message


def test_scenarios_do_not_see_each_other(folder: Path) -> None:
    for number in range(3):
        (folder / f"{number}.yaml").write_text("deploy: [user.bpmn, tables.sql]\nsteps: [start: p]\nexpect: {instances: 1, rows: {trade: []}}")
    assert all(result.passed for result in run_files(sorted(folder.glob("*.yaml"))))


def test_junit(folder: Path) -> None:
    (folder / "good.yaml").write_text("deploy: user.bpmn")
    (folder / "bad.yaml").write_text("deploy: user.bpmn\nsteps: [start: {vars: {a: \"<&\\a\"}}]\nexpect: {status: completed}")
    suite = ElementTree.fromstring(junit(run_files([folder / "good.yaml", folder / "bad.yaml"])))[0]
    assert {name: suite.attrib[name] for name in ("tests", "failures", "errors")} == {"tests": "2", "failures": "1", "errors": "0"}
    good, bad = suite
    assert (good.attrib["name"], good.find("failure"), float(good.attrib["time"]) > 0) == ("good", None, True)
    failure = bad.find("failure")
    assert failure is not None and failure.attrib["message"].startswith("expected status") and "tokens at u" in (failure.text or "")


def test_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    Path("good.yaml").write_text("deploy: user.bpmn")
    Path("bad.yaml").write_text("deploy: user.bpmn\nexpect: {instances: 1}")

    def ratchet(*arguments: str) -> Outcome:
        return CliRunner().invoke(main, ["test", *arguments])

    assert ratchet("good.yaml").exit_code == 0
    told = ratchet("good.yaml", "bad.yaml", "--junit", "report.xml")
    assert (told.exit_code, told.output.splitlines()[-1]) == (1, "1 passed, 1 failed")
    assert ElementTree.parse("report.xml").getroot()[0].attrib["failures"] == "1"
    listed = json.loads(ratchet("--json", "good.yaml", "bad.yaml").output)
    assert [(one["file"], one["passed"]) for one in listed] == [("good.yaml", True), ("bad.yaml", False)]
    assert [ratchet(*wrong).exit_code for wrong in ([], ["nowhere.yaml"], ["--speed"], ["."])] == [2, 2, 2, 2]


def _files(models: str) -> str:
    return ", ".join(name if "." in name else f"{name}.bpmn" for name in models.split(", "))


def _mapping(expected: str) -> str:
    return expected if expected.startswith("{") else f"{{{expected}}}"
