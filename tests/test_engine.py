"""The engine's verbs: what each does, refuses, and leaves behind. On SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import func, select, text

from engine import db
from engine.clock import TestClock
from engine.core import Engine, SourceFile, Unsuccessful
from engine.demo import PEOPLE
from engine.errors import DeploymentRefused, Forbidden, InvalidData, NotFound, Refused, SomebodyWasFaster
from engine.runtime.history import history
from tests.conftest import on_both
from tests.models import END, START, camunda, feel_script, flow, groovy, job, line, user, zeebe

ANN, BOB, ALEX, ROOT = PEOPLE
pytestmark = on_both


def deploy(engine: Engine, *models: bytes) -> None:
    engine.deploy([SourceFile(f"m{number}.bpmn", model) for number, model in enumerate(models)], ALEX)


def open_task(engine: Engine, instance: str) -> Any:
    return next(task for task in engine.instance(instance, ALEX).tasks if task.state == "open")


def variables(engine: Engine, instance: str) -> dict[str, Any]:
    return {name: value for scope, name, value in engine.instance(instance, ALEX).variables if not scope}


TWO_TASKS = START + user("a") + feel_script("double", "n * 2", "twice") + user("b") + END + line("start", "a", "double", "b", "end")


def test_a_process_from_start_to_end(engine: Engine) -> None:
    deploy(engine, zeebe(TWO_TASKS))
    id = engine.start("p", {"n": 4}, ANN, business_key="B-1")
    done = engine.submit(open_task(engine, id).id, {"n": 5}, ANN)
    assert variables(engine, id) == {"n": 5, "twice": 10}
    assert done.next_task_id == open_task(engine, id).id
    engine.submit(done.next_task_id, {}, BOB)
    detail = engine.instance(id, ALEX)
    assert (detail.info.state, detail.info.business_key, detail.tokens) == ("completed", "B-1", {})
    assert [(one.element_id, one.state, one.person) for one in detail.activities] == [
        ("start", "completed", None), ("a", "completed", "ann"), ("double", "completed", None), ("b", "completed", "bob"), ("end", "completed", None)
    ]  # fmt: skip
    assert detail.taken == ["start_a", "a_double", "double_b", "b_end"]


def test_versions_are_made_only_by_changes_and_instances_stay_on_theirs(engine: Engine) -> None:
    deploy(engine, zeebe(TWO_TASKS))
    deploy(engine, zeebe(TWO_TASKS))
    assert [one.version for one in engine.versions("p", ALEX)] == [1]
    old = engine.start("p", {"n": 1}, ANN)
    deploy(engine, zeebe(TWO_TASKS.replace("n * 2", "n * 3")))
    new, pinned = engine.start("p", {"n": 1}, ANN), engine.start("p", {"n": 1}, ANN, version=1)
    for id in (old, new, pinned):
        engine.submit(open_task(engine, id).id, {}, ANN)
    assert [variables(engine, id)["twice"] for id in (old, new, pinned)] == [2, 3, 2]


def test_two_deploy_at_once(engine: Engine) -> None:
    models = [zeebe(TWO_TASKS.replace("n * 2", f"n * {factor}")) for factor in range(4)]
    threads = [Thread(target=deploy, args=(engine, model)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.version for one in engine.versions("p", ALEX)] == [4, 3, 2, 1]


def test_what_does_not_exist(engine: Engine) -> None:
    for act in (lambda: engine.start("nothing", {}, ANN), lambda: engine.instance("x", ALEX), lambda: engine.submit("x", {}, ANN)):
        with pytest.raises(NotFound):
            act()


def test_who_may(engine: Engine) -> None:
    deploy(engine, zeebe(START + user("u", '<zeebe:assignmentDefinition assignee="ann"/>') + END + line("start", "u", "end")))
    with pytest.raises(Forbidden):
        engine.deploy([], ANN)
    id = engine.start("p", {}, ANN)
    task = open_task(engine, id).id
    for act in (lambda: engine.submit(task, {}, BOB), lambda: engine.claim(task, BOB), lambda: engine.task_form(task, BOB), lambda: engine.instance(id, BOB)):
        with pytest.raises(Forbidden):
            act()
    assert engine.tasks(BOB, "mine") == engine.tasks(BOB, "claimable") == []
    assert [one.id for one in engine.tasks(ANN, "mine")] == [task]


def test_candidates_claim_and_give_back(engine: Engine) -> None:
    deploy(engine, zeebe(START + user("u", '<zeebe:assignmentDefinition candidateGroups="officers"/>') + END + line("start", "u", "end")))
    task = open_task(engine, engine.start("p", {}, ANN)).id
    engine.claim(task, BOB)
    with pytest.raises(Refused):
        engine.claim(task, ANN)
    engine.unclaim(task, BOB)
    engine.claim(task, ANN)
    assert [one.assignee for one in engine.tasks(ANN, "mine")] == ["ann"]


def test_two_officers_submit_at_once(engine: Engine) -> None:
    deploy(engine, zeebe(TWO_TASKS))
    for _ in range(5):
        id = engine.start("p", {"n": 1}, ANN)
        task, gate, answers = open_task(engine, id).id, Barrier(2), list[str]()

        def submit(who: Any, task: str = task, gate: Barrier = gate, answers: list[str] = answers) -> None:
            gate.wait()
            try:
                engine.submit(task, {}, who)
                answers.append("done")
            except SomebodyWasFaster as slower:
                answers.append(str(slower))

        threads = [Thread(target=submit, args=(who,)) for who in (ANN, BOB)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers)[1] == "done" and "Somebody was faster" in sorted(answers)[0]
        assert engine.instance(id, ALEX).counts == {"start": 1, "a": 1, "double": 1, "b": 1}


MESSAGE = '<bpmn:message id="m" name="go"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message>'
CATCH = '<bpmn:intermediateCatchEvent id="c"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
WAITS = zeebe(START + CATCH + END + line("start", "c", "end"), messages=MESSAGE)


def test_a_message_finds_its_instance(engine: Engine) -> None:
    deploy(engine, WAITS)
    one, other = engine.start("p", {"k": "1"}, ANN), engine.start("p", {"k": "2"}, ANN)
    assert engine.correlate("go", "1", {"got": True}, ALEX) == [one]
    assert (engine.instance(one, ALEX).info.state, engine.instance(other, ALEX).info.state) == ("completed", "active")
    assert variables(engine, one)["got"] is True


def test_a_message_that_comes_early_is_kept_for_its_time(engine: Engine, clock: TestClock) -> None:
    deploy(engine, WAITS)
    engine.correlate("go", "1", {"n": 1}, ALEX, ttl_seconds=60)
    first = engine.start("p", {"k": "1"}, ANN)
    second = engine.start("p", {"k": "1"}, ANN)
    assert [engine.instance(id, ALEX).info.state for id in (first, second)] == ["completed", "active"]
    engine.correlate("go", "2", {}, ALEX, ttl_seconds=60)
    clock.advance(timedelta(seconds=61))
    late = engine.start("p", {"k": "2"}, ANN)
    assert engine.instance(late, ALEX).info.state == "active"
    engine.correlate("go", "2", {}, ALEX, ttl_seconds=0)
    assert engine.instance(late, ALEX).info.state == "completed"


def test_a_message_reaches_one_instance_of_each_process(engine: Engine) -> None:
    deploy(engine, WAITS, WAITS.replace(b'id="p"', b'id="q"'))
    ids = [engine.start(key, {"k": "1"}, ANN) for key in ("p", "p", "q")]
    assert set(engine.correlate("go", "1", {}, ALEX)) == {ids[0], ids[2]}


def test_a_failing_job_of_camunda_8_keeps_what_came_before_and_is_an_incident(engine: Engine) -> None:
    mapping = '<zeebe:ioMapping><zeebe:input source="postgresql.read-data" target="operation"/></zeebe:ioMapping>'
    broken = job("s", "com.infosys.camundaconnectors.db:postgresql:1", mapping, retries=2)
    deploy(engine, zeebe(START + feel_script("first", "1", "one") + broken + END + line("start", "first", "s", "end")))
    id = engine.start("p", {}, ANN)
    while engine.run_due():
        pass
    detail = engine.instance(id, ALEX)
    assert (detail.info.state, detail.tokens, variables(engine, id)) == ("incident", {"s": 1}, {"one": 1})
    assert [incident.retries for incident in detail.incidents] == [0]
    engine.retry(id, ALEX)
    assert engine.instance(id, ALEX).info.state == "incident"
    engine.cancel(id, ALEX)
    assert (engine.instance(id, ALEX).info.state, engine.instance(id, ALEX).tokens) == ("canceled", {})
    with pytest.raises(Refused):
        engine.retry(id, ALEX)


def test_a_mended_incident_goes_on_from_where_it_failed(engine: Engine) -> None:
    deploy(engine, zeebe(START + job("s", "com.infosys.camundaconnectors.db:postgresql:1", NOTE, retries=1) + END + line("start", "s", "end")))
    id = engine.start("p", {"typed": "hello"}, ANN)
    assert "note" in engine.instance(id, ALEX).incidents[0].message
    engine.deploy([SourceFile("a/tables.sql", b"CREATE TABLE note (words VARCHAR(100))")], ALEX)
    engine.retry(id, ALEX)
    detail = engine.instance(id, ALEX)
    assert (detail.info.state, detail.incidents, detail.counts) == ("completed", [], {"start": 1, "s": 1, "end": 1})
    assert [one.state for one in detail.activities] == ["completed"] * 3


def test_a_mended_user_task_is_an_open_task_and_no_incident(engine: Engine, clock: TestClock) -> None:
    due = '=if now() &gt; date and time(&quot;2026-01-01T10:00:00Z&quot;) then &quot;2026-02-01&quot; else &quot;soon&quot;'
    deploy(engine, zeebe(START + user("u", f'<zeebe:taskSchedule dueDate="{due}"/>') + END + line("start", "u", "end")))
    id = engine.start("p", {}, ANN)
    assert "“soon” is not a date" in engine.instance(id, ALEX).incidents[0].message
    clock.advance(timedelta(hours=2))
    engine.retry(id, ALEX)
    detail = engine.instance(id, ALEX)
    assert (detail.info.state, detail.jobs, detail.counts) == ("active", [], {"start": 1, "u": 1})
    engine.retry(id, ALEX)
    engine.submit(open_task(engine, id).id, {}, ANN)
    assert engine.instance(id, ALEX).info.state == "completed"


def test_messages_are_the_analysts(engine: Engine) -> None:
    with pytest.raises(Forbidden):
        engine.correlate("go", "1", {}, ANN)


def test_a_gateway_without_a_way_out_is_an_incident_in_camunda_8(engine: Engine) -> None:
    body = START + '<bpmn:exclusiveGateway id="g"/>' + END + line("start", "g") + flow("g", "end", "= n &gt; 1")
    deploy(engine, zeebe(body))
    for given, told in (({"n": 1}, "No condition of “g” holds"), ({}, "not true or false")):
        detail = engine.instance(engine.start("p", given, ANN), ALEX)
        assert detail.info.state == "incident" and told in detail.incidents[0].message
    assert engine.instance(engine.start("p", {"n": 2}, ANN), ALEX).info.state == "completed"


def test_a_failing_script_of_camunda_7_undoes_the_verb_and_is_found_by_its_reference(engine: Engine) -> None:
    body = START + user("u") + groovy("g1", "execution.setVariable('seen', 1)") + groovy("g2", "throw new Exception('broken on purpose')") + END
    deploy(engine, camunda(body + line("start", "u", "g1", "g2", "end")))
    id = engine.start("p", {}, ANN)
    task = open_task(engine, id).id
    engine.save_draft(task, {"typed": "so far"}, ANN)
    with pytest.raises(Unsuccessful) as failed:
        engine.submit(task, {"x": 1}, ANN)
    detail = engine.instance(id, ALEX)
    assert (detail.tokens, variables(engine, id), open_task(engine, id).id) == ({"u": 1}, {}, task)
    assert engine.task_form(task, ANN).data["typed"] == "so far"
    assert engine.submission(task, ANN) is None
    (kept,) = detail.failures
    assert (kept.reference, kept.element_id, kept.task_id, kept.person) == (failed.value.reference, "g2", task, "ann")
    assert "broken on purpose" in kept.message
    with pytest.raises(Unsuccessful):
        engine.start("q", {}, ANN) if deploy(engine, camunda(START + groovy("g", "nothing.here") + line("start", "g"), key="q")) is None else None
    assert engine.instances(ALEX, key="q") == []
    assert [one.element_id for one in engine.failures(ALEX)].count("g") == 1


def test_groovy_and_juel_share_the_variables(engine: Engine) -> None:
    body = (
        START + groovy("g", "set_transient_variable('t', S(['a': 1], 'application/json')); execution.setVariable('n', 2)")
        + '<bpmn:serviceTask id="s" camunda:expression="${t.value.prop(\'a\').value() + n}" camunda:resultVariable="sum"/>' + user("u")
        + groovy("h", "after = execution.hasVariable('t')") + END
    )  # fmt: skip
    deploy(engine, camunda(body + line("start", "g", "s", "u", "h", "end")))
    id = engine.start("p", {}, ANN)
    engine.submit(open_task(engine, id).id, {}, ANN)
    assert variables(engine, id) == {"n": 2, "sum": 3, "after": False}


def test_what_a_script_changes_in_place_is_kept(engine: Engine) -> None:
    body = START + user("u") + groovy("g", "m.n = 2; l &lt;&lt; 3") + user("v") + END
    deploy(engine, camunda(body + line("start", "u", "g", "v", "end")))
    id = engine.start("p", {"m": {"n": 1}, "l": [1]}, ANN)
    engine.submit(open_task(engine, id).id, {}, ANN)
    assert variables(engine, id) == {"m": {"n": 2}, "l": [1, 3]}


def test_scripts_go_by_the_engines_clock(engine: Engine, clock: TestClock) -> None:
    deploy(engine, camunda(START + groovy("g", "day = java.time.LocalDate.now().toString()") + END + line("start", "g", "end")))
    assert variables(engine, engine.start("p", {}, ANN))["day"] == "2026-01-01"
    deploy(engine, zeebe(START + feel_script("f", "string(today())", "day") + END + line("start", "f", "end"), key="q"))
    assert variables(engine, engine.start("q", {}, ANN))["day"] == "2026-01-01"


def test_an_unknown_name_is_null_and_a_warning_that_the_instance_shows(engine: Engine) -> None:
    deploy(engine, zeebe(START + feel_script("s", "missing + 1", "x") + user("u") + END + line("start", "s", "u", "end")))
    id = engine.start("p", {}, ANN)
    told = [(one.element_id, one.message) for one in engine.instance(id, ALEX).warnings]
    assert variables(engine, id) == {"x": None}
    assert told and all(element == "s" for element, _ in told) and "missing" in told[0][1] and "line 1" in told[0][1]


def script_in(language: str, id: str, text: str) -> str:
    return f'<bpmn:scriptTask id="{id}" scriptFormat="{language}"><bpmn:script>{escape(text)}</bpmn:script></bpmn:scriptTask>'


def test_one_value_through_all_languages(engine: Engine) -> None:
    """JSON values, dates as text and nulls go from one language to the next without change."""
    value = {"n": 2, "d": 1.5, "t": "2026-01-02", "none": None, "list": [1, {"deep": True}], "text": "ü\"'"}
    steps = {
        "g": ("groovy", "viaGroovy = given"),
        "py": ("python", "viaPython = viaGroovy\nlength = len(viaPython['list'])"),
        "j": ("javascript", "viaJavaScript = viaPython; execution.setVariable('sum', viaJavaScript.n + length)"),
        "f": ("feel", "viaJavaScript"),
    }
    body = START + "".join(script_in(language, id, text) for id, (language, text) in steps.items()) + END
    body = body.replace('id="f"', 'id="f" camunda:resultVariable="viaFeel"')
    deploy(engine, camunda(body + line("start", *steps, "end")))
    found = variables(engine, engine.start("p", {"given": value}, ANN))
    assert [found[name] for name in ("viaGroovy", "viaPython", "viaJavaScript", "viaFeel")] == [value] * 4
    assert (found["length"], found["sum"]) == (2, 4)


@pytest.mark.parametrize("language", ["python", "javascript", "groovy"])
def test_a_script_that_never_ends_ends(engine: Engine, language: str) -> None:
    loop = {"python": "while True:\n  pass", "javascript": "while (true) {}", "groovy": "while (true) { x = 1 }"}[language]
    deploy(engine, camunda(START + script_in(language, "s", loop) + END + line("start", "s", "end")))
    with pytest.raises(Unsuccessful):
        engine.start("p", {}, ANN)


@pytest.mark.parametrize("language", ["python", "javascript", "groovy"])
def test_a_broken_script_is_refused_at_deploy(engine: Engine, language: str) -> None:
    with pytest.raises(DeploymentRefused, match="s: "):
        deploy(engine, camunda(START + script_in(language, "s", "x = = (") + END + line("start", "s", "end")))


def test_external_work(engine: Engine) -> None:
    deploy(engine, zeebe(START + job("j", "print", retries=2) + END + line("start", "j", "end")))
    id = engine.start("p", {}, ANN)
    (handed,) = engine.activate_jobs("print", "w1", ROOT)
    assert engine.activate_jobs("print", "w2", ROOT) == []
    engine.fail_job(handed.id, "no paper", ROOT, retries=0)
    assert engine.instance(id, ALEX).info.state == "incident"
    engine.retry(id, ALEX)
    (handed,) = engine.activate_jobs("print", "w2", ROOT)
    engine.complete_job(handed.id, {"pages": 3}, ROOT)
    assert (engine.instance(id, ALEX).info.state, variables(engine, id)) == ("completed", {"pages": 3})
    with pytest.raises(NotFound):
        engine.complete_job(handed.id, {}, ROOT)


def test_nothing_of_a_refused_deployment_comes_in(engine: Engine) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        engine.deploy([
            SourceFile("good.bpmn", zeebe(TWO_TASKS)),
            SourceFile("a/tables.sql", b"CREATE TABLE t (t_id VARCHAR(36) PRIMARY KEY)"),
            SourceFile("bad.form", b'{"components": [{"type": "spaceship"}]}'),
            SourceFile("bad.bpmn", camunda(START + '<bpmn:serviceTask id="s" camunda:delegateExpression="${unknownDelegate}"/>' + line("start", "s"), key="z")),
            SourceFile("feel.bpmn", zeebe(START + feel_script("s", "1 +", "x") + line("start", "s"), key="y")),
            SourceFile("x.exe", b""),
        ], ALEX)  # fmt: skip
    told = str(refused.value)
    for part in ("spaceship", "unknownDelegate", "feel.bpmn", "x.exe"):
        assert part in told
    assert engine.definitions(ALEX) == []
    with db.read(engine.database) as tx, pytest.raises(Exception, match="t"):
        tx.execute(text("SELECT * FROM t"))


def test_a_form_is_enforced_and_unknown_keys_are_dropped(engine: Engine) -> None:
    form = b'{"id": "f", "type": "default", "components": [{"type": "textfield", "key": "name", "id": "1", "label": "Name", "validate": {"required": true, "maxLength": 5}}]}'
    model = zeebe(START + user("u", '<zeebe:formDefinition formId="f"/>') + END + line("start", "u", "end"))
    engine.deploy([SourceFile("f.form", form), SourceFile("m.bpmn", model)], ALEX)
    id = engine.start("p", {}, ANN)
    task = open_task(engine, id).id
    for wrong in ({}, {"name": ""}, {"name": "too long"}, {"name": 5}, {"name": ["a"]}):
        with pytest.raises(InvalidData) as refused:
            engine.submit(task, wrong, ANN)
        assert list(refused.value.errors) == ["name"]
    assert variables(engine, id) == {}
    engine.submit(task, {"name": "short", "isAdmin": True}, ANN)
    assert variables(engine, id) == {"name": "short"}


def test_history_is_written_once_per_verb(engine: Engine) -> None:
    deploy(engine, zeebe(TWO_TASKS))
    id = engine.start("p", {"n": 1}, ANN)
    with db.read(engine.database) as tx:
        assert tx.execute(select(func.count()).select_from(history).where(history.c.instance_id == id)).scalar_one() == 3


def test_who_types_the_name_of_a_secret_gets_no_secret(engine: Engine) -> None:
    engine.deploy([
        SourceFile("a/tables.sql", b"CREATE TABLE note (words VARCHAR(100))"),
        SourceFile("m.bpmn", zeebe(START + job("s", "com.infosys.camundaconnectors.db:postgresql:1", NOTE) + END + line("start", "s", "end"))),
    ], ALEX)  # fmt: skip
    id = engine.start("p", {"typed": "secrets.TRADES_PASSWORD"}, ANN)
    with db.read(engine.database) as tx:
        assert tx.execute(text("SELECT words FROM note")).scalars().all() == ["secrets.TRADES_PASSWORD"]
    assert "s3cret-trades" not in str(engine.instance(id, ALEX))


NOTE = "<zeebe:ioMapping>" + "".join(
    f'<zeebe:input source="{source}" target="{target}"/>'
    for source, target in {
        "postgresql.insert-data": "operation", "h": "databaseConnection.host", "5432": "databaseConnection.port",
        "u": "databaseConnection.username", "secrets.TRADES_PASSWORD": "databaseConnection.password", "d": "data.databaseName",
        "note": "data.tableName", "=[{words: typed}]": "data.dataToInsert",
    }.items()
) + "</zeebe:ioMapping>"  # fmt: skip
