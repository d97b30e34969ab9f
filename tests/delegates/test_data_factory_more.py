from __future__ import annotations

import json
from base64 import b64encode

import pytest

from engine.data import documents, files
from engine.data.errors import DataError
from engine.delegates import DELEGATES, JOB_TYPES, own
from engine.delegates.call import ForInstance, NewBusinessKey
from engine.delegates.outcome import ProcessFailed
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed
from tests.delegates.factory_calls import OFFICER, run, tx, world

__all__ = ["run", "tx", "world"]
NOWHERE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


def refusal(run, *args, **inputs):
    with pytest.raises(DataError) as refused:
        run(*args, **inputs)
    return refused.value.code


def created(run, **payload):
    return run("dataFactoryConnectorCreateDelegate", resource="pet", payload=payload)["response"].responseBody.prop("id").value()


@pytest.fixture
def pets(run):
    return [created(run, name=name, legs=legs) for name, legs in (("Rex", 4), ("Max", 3), ("Maya", 4))]


def names(response):
    return [row["name"] for row in response["response"].responseBody.data]


@pytest.mark.parametrize(
    "conditions",
    [{"name": "ma"}, JsonNode.of({"name": "ma"}), Typed({"name": Typed("ma")}), '{"name": "ma"}', {"name": "ma", "legs": [3, "4"]}, {"name": "ma", "limit": "2"}],
)
def test_search(run, pets, conditions):
    assert names(run("dataFactoryConnectorSearchDelegate", resource="pet-by-name", searchConditions=conditions)) == ["Max", "Maya"]


def test_search_for_everything(run, pets):
    assert len(names(run("dataFactoryConnectorSearchDelegate", resource="pet-by-name"))) == 3
    assert refusal(run, "dataFactoryConnectorSearchDelegate", resource="pet-by-name", searchConditions={"colour": "x"}) == "VALIDATION_ERROR"
    assert refusal(run, "dataFactoryConnectorSearchDelegate", resource="nothing") == "NOT_FOUND"


def test_batch_creation_one_by_one(tx, run):
    done = run("dataFactoryConnectorBatchCreateDelegate", resource="pet", payload=[{"name": "a"}, '{"name": "b"}', JsonNode.of({"name": "c"})])["response"]
    assert (done.statusCode, done.responseBody) == (201, None)
    keys = tx.exec_driver_sql("SELECT digital_sign_derived FROM pet_hst ORDER BY ddm_hst_id").scalars().all()
    assert keys == [f"lowcode_i-1_system_signature_ceph_key_{n}" for n in range(3)]
    assert documents.get(tx, keys[1]).data == '{"name":"b"}'


def test_batch_creation_together(tx, run):
    done = run("dataFactoryConnectorBatchCreateDelegateV2", resource="pet", uploadType="LIST", payload=JsonNode.of([{"name": "a"}, {"name": "b"}]))
    assert done["response"].statusCode == 201
    assert len(set(tx.exec_driver_sql("SELECT digital_sign_derived FROM pet_hst").scalars())) == 1
    assert refusal(run, "dataFactoryConnectorBatchCreateDelegateV2", resource="pet", payload=[{"name": "a"}, {"legs": 1}]) == "CONSTRAINT_ERROR"
    assert refusal(run, "dataFactoryConnectorBatchCreateDelegateV2", resource="pet", payload=[{"name": "a"}] * 51) == "LIST_SIZE_VALIDATION_ERROR"
    assert refusal(run, "dataFactoryConnectorBatchCreateDelegateV2", resource="pet", uploadType="XML", payload=[]) == "CLIENT_ERROR"
    assert tx.exec_driver_sql("SELECT count(*) FROM pet").scalar_one() == 2


@pytest.mark.parametrize("wrap", [lambda f: f, lambda f: [f], json.dumps, JsonNode.of])
@pytest.mark.parametrize("delegate", ["dataFactoryConnectorBatchCreateDelegateV2", "asyncDataLoadDelegate"])
def test_rows_of_a_file(tx, run, world, delegate, wrap):
    file = files.put(tx, "pets.csv", b"name,legs\nRex,4\nMax,\n", world.clock.now())
    named = wrap({"id": file.id, "checksum": file.checksum, "name": "pets.csv"})
    inputs = {"resource": "pet", "uploadType": "CSV", "payload": named} if "Batch" in delegate else {"entity": "pet", "file": named}
    assert run(delegate, **inputs)["response"].statusCode == 201
    assert tx.exec_driver_sql("SELECT name, legs FROM pet ORDER BY name").all() == [("Max", None), ("Rex", 4)]


def test_a_file_that_does_not_fit_writes_nothing(tx, run, world):
    file = files.put(tx, "pets.csv", b"name,legs\nRex,4\nMax,none\n", world.clock.now())
    assert refusal(run, "asyncDataLoadDelegate", entity="pet", file={"id": file.id}) == "CSV_VALIDATION_ERROR"
    assert refusal(run, "asyncDataLoadDelegate", entity="pet", file={"id": "x"}) == "FILE_NOT_FOUND"
    assert refusal(run, "asyncDataLoadDelegate", entity="pet", file={}) == "CLIENT_ERROR"
    assert tx.exec_driver_sql("SELECT count(*) FROM pet").scalar_one() == 0


def test_partial_updates(run, pets):
    inputs = {"resource": "pet-name", "id": pets[0]}
    assert run("dataFactoryConnectorPartialUpdateDelegate", **inputs, payload={"name": "Ox"})["response"].statusCode == 204
    assert refusal(run, "dataFactoryConnectorPartialUpdateDelegate", **inputs, payload={"legs": 2}) == "VALIDATION_ERROR"


def connect(run, method, path, **more):
    found = run("dataFactoryConnectorDelegate", methodParameter=method, path=path, **more)["response"]
    return found.statusCode, None if found.responseBody is None else found.responseBody.data


def test_any_path(run, pets):
    status, made = connect(run, "POST", "/pet", payload={"name": "Zoe"})
    assert status == 201
    url = f"pet/{made['id']}"
    assert connect(run, "PUT", url, payload={"legs": 2}) == (204, None)
    assert connect(run, "patch", f"/partial/pet-name/{made['id']}", payload={"name": "Zoé"}) == (204, None)
    assert connect(run, "GET", f"/{url}/")[1]["name"] == "Zoé"
    assert [row["name"] for row in connect(run, "GET", "/pet-by-name", requestParameters="name=ma,limit=1")[1]] == ["Max"]
    assert [row["name"] for row in connect(run, "GET", "/search/pet-by-name?legs=3,4&offset=1", requestParameters={"name": "m"})[1]] == ["Maya"]
    assert len(connect(run, "POST", "/search/pet-by-name", payload={"legs": [4]})[1]) == 2
    assert connect(run, "POST", "/pet/list", payload={"entities": [{"name": "a"}]})[0] == 201
    assert connect(run, "PUT", "/nested/pet-and-owner", payload={"name": "n", "owner": {"name": "o"}})[0] == 200
    assert connect(run, "GET", "/enum/sort/A") == (200, {"code": "A", "label": "First"})
    assert connect(run, "DELETE", url) == (204, None)
    for method, path in (("GET", "/"), ("PUT", "/pet"), ("GET", "/a/b/c/d"), ("TRACE", "/pet")):
        assert refusal(run, "dataFactoryConnectorDelegate", methodParameter=method, path=path) == "NOT_FOUND"


def test_another_registry(run, pets):
    assert names(run("registryDataFactoryConnectorSearchDelegate", registry="here", resource="pet-by-name")) == ["Max", "Maya", "Rex"]
    assert run("registryDataFactoryConnectorReadDelegate", registry="here", resource="pet", id=pets[0])["response"].statusCode == 200
    for registry in ("there", "unknown"):
        assert refusal(run, "registryDataFactoryConnectorReadDelegate", registry=registry, resource="pet", id=pets[0]) == "THIRD_PARTY_SERVICE_UNAVAILABLE"


def test_rights_hold_in_a_process_too(run):
    deed = run("dataFactoryConnectorCreateDelegate", resource="deed", payload={"text": "x"})["response"].responseBody.prop("id")
    assert refusal(run, "dataFactoryConnectorReadDelegate", resource="deed", id=deed) == "FORBIDDEN_OPERATION"
    assert refusal(run, "dataFactoryConnectorSearchDelegate", resource="deed") == "FORBIDDEN_OPERATION"


@pytest.mark.parametrize("hostile", ["'; DROP TABLE pet; --", '" OR 1=1', "\\", "%", "../pet", "pet_hst", "ratchet-person"])
def test_no_input_becomes_sql(tx, run, pets, hostile):
    for inputs in ({"resource": hostile, "id": pets[0]}, {"resource": "pet", "id": hostile}):
        assert refusal(run, "dataFactoryConnectorReadDelegate", **inputs) in ("NOT_FOUND", "METHOD_ARGUMENT_TYPE_MISMATCH")
    assert refusal(run, "dataFactoryConnectorCreateDelegate", resource="pet", payload={hostile: 1}) == "VALIDATION_ERROR"
    assert names(run("dataFactoryConnectorSearchDelegate", resource="pet-by-name", searchConditions={"name": hostile})) == []
    assert refusal(run, "dataFactoryConnectorSearchDelegate", resource="pet-by-name", searchConditions={hostile: 1}) == "VALIDATION_ERROR"
    assert created(run, name=hostile[:20])
    assert tx.exec_driver_sql("SELECT count(*) FROM pet").scalar_one() == 4


def test_the_outcome_and_the_business_key(run):
    assert run("defineBusinessProcessStatusDelegate", status="Видано") == {"sys-var-process-completion-result": ForInstance("Видано")}
    assert run("defineProcessBusinessKeyDelegate", businessKey="K-1") == {"businessKey": NewBusinessKey("K-1")}
    assert run("defineProcessBusinessKeyDelegate", businessKey="x" * 256) == {}


def test_a_model_refuses_what_was_entered(run):
    with pytest.raises(DataError, match="process definition key p, process instance id i-1, activity id a") as refused:
        run("userDataValidationErrorDelegate", validationErrors=['{"field": "name", "value": "x", "message": "taken"}', {"field": "legs", "message": "odd"}])
    assert refused.value.code == "VALIDATION_ERROR" and refused.value.fields == {"name": ["taken"], "legs": ["odd"]}
    with pytest.raises(ProcessFailed, match="out of paper"):
        run("camundaSystemErrorDelegate", systemError="out of paper")


def test_form_data(run):
    run("putFormDataToCephDelegate", taskDefinitionKey="check", formData=JsonNode.of({"a": 1}))
    run("putFormDataToCephDelegate", taskDefinitionKey="check", formData={"a": 2})
    assert run("getFormDataFromCephDelegate", taskDefinitionKey="check")["formData"].data == {"a": 2}
    assert run("getFormDataFromCephDelegate", taskDefinitionKey="enter")["formData"].data == {"of": "enter"}
    assert run("getFormDataFromCephDelegate", taskDefinitionKey="nothing") == {"formData": None}
    assert run("getStartFormDataFromCephDelegate")["formData"].data == {"of": None}


@pytest.mark.parametrize("data", ["no base64!", b64encode(b"no cms").decode(), b64encode(b"PK no zip").decode()])
def test_a_signature_that_is_none(run, data):
    found = run("digitalSignatureValidateDelegate", signedData=data, containerType="ALL")["validationResult"].data
    assert found["isValid"] is False and found["error"]["code"] == "malformed"


def test_plain_names_act_for_whoever_moves_the_instance(tx, run, pets):
    made = run("dataCreate", resource="pet", payload={"name": "Own"}, x_access_token=None)["response"]
    assert made.statusCode == 201
    assert tx.exec_driver_sql("SELECT curr_user FROM pet_hst ORDER BY ddm_hst_id DESC").scalars().first() == "system"


def test_jobs_answer_in_plain_json(run, pets):
    made = run("ratchet:data-nested", resource="pet-and-owner", payload={"name": "n", "owner": {"name": "o"}})
    assert made["statusCode"] == 200
    row = run("ratchet:data-read", resource="pet", id=made["responseBody"]["id"])
    assert row["responseBody"]["name"] == "n" and row["responseBody"]["ownerId"]
    assert {type for type in JOB_TYPES if type.startswith("ratchet:data-")} >= {"ratchet:data-search", "ratchet:data-load", "ratchet:data-call"}


def test_only_what_the_model_gives_is_an_input_of_a_job(run, pets, monkeypatch):
    seen = {}
    monkeypatch.setitem(DELEGATES, "seen", own._acting(lambda call: seen.update(call.inputs) or {}))
    run("seen", resource="pet")
    assert set(seen) == {"resource", "x_access_token"}


def test_who_is_noted(tx, pets):
    assert set(tx.exec_driver_sql("SELECT curr_user FROM pet_hst").scalars()) == {OFFICER.serial_number}
