"""The only place that says what the REST API takes: one model per body, checked on the way in and shown in OpenAPI."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Variables = dict[str, Any]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Start(Body):
    key: str = Field(min_length=1, description="The key of the process.")
    variables: Variables = {}
    business_key: str | None = None
    version: int | None = Field(None, ge=1, description="Default: the latest.")


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


class CompleteJob(Body):
    variables: Variables = {}


class FailJob(Body):
    message: str = Field(min_length=1)
    retries: int = Field(0, ge=0, description="How often it may still be tried.")
    backoff_seconds: int = Field(0, ge=0)
