from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from zipfile import ZipFile

import pytest

from engine import containers
from engine.cades import SignatureRefused
from engine.core import SourceFile
from engine.core.kernel import Unsuccessful
from engine.demo import PEOPLE
from engine.errors import RatchetError
from engine.identity import SYSTEM
from engine.seal import SystemSigner
from tests.conftest import on_both
from tests.models import END, START, camunda, groovy, line, user

ANN, _, ALEX, _ = PEOPLE


@pytest.fixture
def after(engine):
    """after(script) runs a Groovy script at the start, and gives the instance's variables; JUEL goes into an output parameter."""

    def run(script, juel=None):
        output = f'<camunda:inputOutput><camunda:outputParameter name="el">{juel}</camunda:outputParameter></camunda:inputOutput>' if juel else ""
        task = groovy("s", script).replace("<bpmn:script>", f"<bpmn:extensionElements>{output}</bpmn:extensionElements><bpmn:script>")
        engine.deploy([SourceFile("p.bpmn", camunda(START + task + user("wait") + END + line("start", "s", "wait", "end")))], ALEX)
        id = engine.start("p", {}, ANN)
        return {name: value for _, name, value in engine.instance(id, ALEX).variables}

    return run


@on_both
def test_a_file_that_a_process_stores(after):
    found = after(
        "def made = save_digital_document('Привіт', 'note.txt'); def known = get_digital_document_metadata(made.id);"
        "set_variable('facts', [made.name, made.size, known.checksum.length()]); set_variable('id', made.id);"
        "set_variable('same', load_digital_document(made.id) == load_digital_document(known))",
        "${get_digital_document_metadata(id).name}",
    )
    assert (found["facts"], found["same"], found["el"]) == (["note.txt", 12, 64], True, "note.txt")


@pytest.mark.parametrize("call", ["get_trembita_auth_token('x')", "save_digital_document_from_url('http://localhost/', 'x')", "load_digital_document('x')"])
def test_what_is_refused(after, call):
    with pytest.raises((RatchetError, Unsuccessful)):
        after(call)


def test_nobody_called(after):
    found = after("set_variable('caller', process_caller().id); set_variable('data', message_payload('start').data.size())", "${process_caller().id}")
    assert (found["caller"], found["data"], found["el"]) == (None, 0, None)


def test_what_a_message_brought(engine):
    start = '<bpmn:startEvent id="begun"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    script = groovy("s", "set_variable('n', message_payload('begun').data['n']); set_variable('none', message_payload('other').data.size())")
    body = start + script + user("wait") + END + line("begun", "s", "wait", "end")
    engine.deploy([SourceFile("p.bpmn", camunda(body, messages='<bpmn:message id="m" name="order"/>'))], ALEX)
    (id,) = engine.correlate("order", None, {"n": 7}, SYSTEM)
    found = {name: value for _, name, value in engine.instance(id, ALEX).variables}
    assert (found["n"], found["none"]) == (7, 0)


def test_who_called(engine):
    call = '<bpmn:callActivity id="c" calledElement="child"/>'
    child = START + groovy("s", "set_variable('above', process_caller().id)") + user("wait") + END + line("start", "s", "wait", "end")
    parent = START + call + END + line("start", "c", "end")
    engine.deploy([SourceFile("c.bpmn", camunda(child, "child")), SourceFile("p.bpmn", camunda(parent))], ALEX)
    id = engine.start("p", {}, ANN)
    (below,) = [one.id for one in engine.instances(ALEX, key="child")]
    assert {name: value for _, name, value in engine.instance(below, ALEX).variables}["above"] == id


def zipped(**files):
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def test_a_container_with_one_file(tmp_path, after):
    cms = SystemSigner.load(tmp_path).sign("вміст".encode())
    container = zipped(**{"mimetype": b"application/vnd.etsi.asic-s+zip", "a.txt": "вміст".encode(), "META-INF/signature.p7s": cms})
    assert containers.opened(container) == ("вміст".encode(), cms)
    data = b64encode(container).decode()
    assert after(f"set_variable('text', signature_content('{data}', 'ASIC'))")["text"] == "вміст"
    with pytest.raises(SignatureRefused, match="kind ASIC, not CADES"):
        containers.opened(container, "CADES")


@pytest.mark.parametrize("container", [b"", b"PK", b"PK\x03\x04broken", zipped(a=b"x"), zipped(a=b"x", b=b"y", **{"META-INF/signature.p7s": b""}), b"\x30\x03\x02\x01\x05"])
def test_a_container_that_is_none(container):
    with pytest.raises(SignatureRefused):
        containers.opened(container)


def test_an_enveloping_signature(tmp_path):
    from asn1crypto import cms

    signer = SystemSigner.load(tmp_path)
    info = cms.ContentInfo.load(signer.sign(b"inside"))
    info["content"]["encap_content_info"] = {"content_type": "data", "content": b"inside"}
    content, detached = containers.opened(info.dump(force=True), "CADES")
    signer.verify(content, detached)
    assert content == b"inside"


def test_the_business_key_and_the_outcome(engine):
    def service(id, bean, name, value):
        given = f'<camunda:inputOutput><camunda:inputParameter name="{name}">{value}</camunda:inputParameter></camunda:inputOutput>'
        inside = f"<bpmn:extensionElements>{given}</bpmn:extensionElements>"
        return f'<bpmn:serviceTask id="{id}" camunda:delegateExpression="${{{bean}}}">{inside}</bpmn:serviceTask>'

    body = START + service("a", "defineProcessBusinessKeyDelegate", "businessKey", "K-1") + user("w") + service(
        "b", "defineProcessBusinessKeyDelegate", "businessKey", "K-2"
    ) + service("c", "defineBusinessProcessStatusDelegate", "status", "Done well") + user("wait") + END
    engine.deploy([SourceFile("p.bpmn", camunda(body + line("start", "a", "w", "b", "c", "wait", "end")))], ALEX)
    id = engine.start("p", {}, ANN)
    assert engine.instance(id, ALEX).info.business_key == "K-1"
    (task,) = [one.id for one in engine.tasks(ANN, "claimable") if one.instance_id == id]
    engine.submit(task, {}, ANN)
    found = engine.instance(id, ALEX)
    assert found.info.business_key == "K-2"
    assert {name: value for _, name, value in found.variables}["sys-var-process-completion-result"] == "Done well"
