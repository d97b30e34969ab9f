"""The only place that says what the REST API takes: one model per body, checked on the way in and shown in OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Variables = dict[str, Any]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Start(Body):
    key: str = Field(min_length=1, description="The key of the process.")
    variables: Variables = {}
    business_key: str | None = None
    version: int | None = Field(None, ge=1, description="Default: the latest.")
    before: list[str] = Field([], description="Elements to begin before, in place of the start event.")
    after: list[str] = Field([], description="Elements to begin after, in place of the start event.")


class Decide(Body):
    variables: Variables = {}
    version: int | None = Field(None, ge=1, description="Default: the latest.")


class Entered(Body):
    data: Variables = Field({}, description="What was entered, by the keys of the form's fields.")


class Complete(Entered):
    signature: str | None = Field(None, description="Detached CAdES-B over the document of the signing request: DER in base64.")
    request_id: str | None = Field(None, description="The id of the signing request.")


class Message(Body):
    name: str = Field(min_length=1)
    key: str | None = Field(None, description="The correlation key.")
    variables: Variables = {}
    ttl_seconds: int = Field(3600, ge=0, description="How long it is kept when nobody waits for it yet.")


class Activate(Body):
    type: str = Field(min_length=1, description="The job type that models name.")
    worker: str = Field("worker", min_length=1, max_length=100)
    limit: int = Field(1, ge=1, le=100)
    lock_seconds: int = Field(300, ge=1, le=86400)


class Answer(Body):
    worker: str | None = Field(None, description="Who has the job; then nobody is answered for whose lock ended and who was replaced.")


class CompleteJob(Answer):
    variables: Variables = {}


class FailJob(Answer):
    message: str = Field(min_length=1)
    retries: int = Field(0, ge=0, description="How often it may still be tried.")
    backoff_seconds: int = Field(0, ge=0)


class ThrowError(Answer):
    code: str = Field(min_length=1)
    message: str = ""
    variables: Variables = {}


class Lock(Body):
    worker: str = Field(min_length=1, max_length=100)
    lock_seconds: int = Field(300, ge=1, le=86400)


class Signal(Body):
    name: str = Field(min_length=1)
    variables: Variables = {}


class Change(Body):
    variables: Variables = {}
    removed: list[str] = Field([], description="Names of variables to take away.")
    element: str | None = Field(None, description="The element or token whose own variables are meant; default: the instance's.")


class Instruct(Body):
    kind: Literal["before", "after", "cancel"]
    element: str | None = Field(None, description="Where to begin; or whose tokens to cancel.")
    token: str | None = Field(None, description="The one token to cancel; or that of the scope to begin in, where several are under way.")
    variables: Variables = Field({}, description="What begins has them for its own.")


class Modify(Body):
    instructions: list[Instruct] = Field(min_length=1)
    variables: Variables = Field({}, description="Of the instance, set first.")


class Rerun(Body):
    version: int | None = Field(None, ge=1, description="Default: the one that the instance is on.")
    before: list[str] = Field([], description="Elements to begin before; default: where the instance began.")
    after: list[str] = []
    variables: Variables = Field({}, description="What is different from what the instance began with.")
    removed: list[str] = []
    as_it_is: bool = Field(False, description="With the variables that the instance has now.")


class Migrate(Body):
    version: int | None = Field(None, ge=1, description="Where to go; default: the latest.")
    mapping: dict[str, str] = Field({}, description="Elements with another id now: old -> new.")
    renew: bool = Field(False, description="Wait for messages, signals and timers anew, as the new version says.")


class Select(Body):
    ids: list[str] = []
    key: str | None = None
    version: int | None = Field(None, ge=1)
    state: str | None = None
    business_key: str | None = None
    element: str | None = Field(None, description="A token is there.")
    incident: str | None = Field(None, description="Text in the message of an incident.")
    started_after: AwareDatetime | None = None
    started_before: AwareDatetime | None = None


class PlanMigration(Body):
    key: str = Field(min_length=1)
    from_version: int = Field(ge=1)
    to_version: int | None = Field(None, ge=1, description="Default: the latest.")
    mapping: dict[str, str] = Field({}, description="Elements with another id now: old -> new.")
    selection: Select | None = None


class Nothing(Body):
    """An operation that needs to be told nothing more."""


class Batch(Body):
    operation: Literal["suspend", "resume", "cancel", "retry", "change-variables", "modify", "migrate", "rerun"]
    selection: Select
    arguments: dict[str, Any] = Field({}, description="What the operation on one instance takes as its body.")
