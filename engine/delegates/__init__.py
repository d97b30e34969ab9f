"""What a service task may call: one table per way of naming it.

`DELEGATES` maps the bean name in a Camunda-7 `delegateExpression`, `JOB_TYPES` the task type of a Camunda-8 model.
"""

from __future__ import annotations

from engine.delegates import data_factory, documents, outcome, own, paths, sql
from engine.delegates.call import Call, Delegate, World

__all__ = ["DELEGATES", "JOB_TYPES", "Call", "Delegate", "World"]

DELEGATES: dict[str, Delegate] = {
    **data_factory.DELEGATES, **paths.DELEGATES, **documents.DELEGATES, **outcome.DELEGATES, **own.DELEGATES, **sql.DELEGATES,
}  # fmt: skip
JOB_TYPES: dict[str, Delegate] = {**sql.JOB_TYPES, **own.JOB_TYPES}
