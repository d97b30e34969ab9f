"""The only place for the Camunda-7 delegates about the process itself: its outcome, its business key, and what a model itself refuses."""

from __future__ import annotations

from typing import Any

from engine.data.errors import DataError
from engine.delegates import inputs
from engine.delegates.call import Call, Delegate, ForInstance, NewBusinessKey
from engine.errors import RatchetError

COMPLETION = "sys-var-process-completion-result"
LONGEST_KEY = 255


class ProcessFailed(RatchetError):
    """The process has ended this step with an error of its own."""


def define_status(call: Call) -> dict[str, Any]:
    """Keep `status` as the outcome that the instance will have had."""
    return {COMPLETION: ForInstance(inputs.required(call, "status"))}


def define_key(call: Call) -> dict[str, Any]:
    """Make `businessKey` the instance's; one of more than 255 characters is left out, as on the platform."""
    key = inputs.required(call, "businessKey")
    return {"businessKey": NewBusinessKey(key)} if len(key) <= LONGEST_KEY else {}


def refuse_data(call: Call) -> dict[str, Any]:
    """Refuse what was entered: `validationErrors` is a list of JSON objects {field, value, message}. Raises VALIDATION_ERROR."""
    errors = [_field_error(one) for one in inputs.elements(call, "validationErrors")]
    at = call.origin
    message = (
        f"Business validation failure occurred during process execution: process definition key {at.process}, "
        f"process instance id {at.process_instance_id}, activity id {at.activity}"
    )
    raise DataError("VALIDATION_ERROR", message, {"errors": errors})


def _field_error(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        return {"field": "", "value": None, "message": str(one)}
    return {"field": str(one.get("field") or ""), "value": one.get("value"), "message": str(one.get("message") or "")}


def fail(call: Call) -> dict[str, Any]:
    """Fail the step for a reason that is nobody's entry: `systemError` says why. Everything of the step is undone."""
    raise ProcessFailed(inputs.optional(call, "systemError") or None)


DELEGATES: dict[str, Delegate] = {
    "defineBusinessProcessStatusDelegate": define_status,
    "defineProcessBusinessKeyDelegate": define_key,
    "userDataValidationErrorDelegate": refuse_data,
    "camundaSystemErrorDelegate": fail,
}
