"""The time of a scenario: what is due happens after each step, and on the way to a later moment each job runs at its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import bindparam, select, text

from engine.jobs import table as jobs
from engine.prepared import Prepared
from engine.scenarios.problems import StepProblem
from engine.scenarios.stage import Stage

MOST_JOBS = 20_000


def settle(stage: Stage, spent: Iterator[int] | None = None) -> None:
    """Let everything that is due happen, as a worker would: what has been due longest first, what was written first among those.

    Failed tries without a wait are repeated at once, until none is left. `spent` counts the jobs.
    """
    spent = spent or count(1)
    while due := _due(stage):
        for job_id in due:
            if next(spent) > MOST_JOBS:
                raise StepProblem(f"More than {MOST_JOBS} jobs ran in one step; look for a loop or a cycle that nothing ends.")
            stage.engine.run_job(job_id)


def advance(stage: Stage, to: datetime) -> None:
    """Move the clock; whatever falls due on the way happens at its own moment."""
    spent = count(1)
    settle(stage, spent)
    while (due := _next(stage)) is not None and due <= to:
        stage.clock.advance(max(due - stage.clock.now(), timedelta(0)))
        settle(stage, spent)
    stage.clock.advance(max(to - stage.clock.now(), timedelta(0)))


def next_due(stage: Stage) -> datetime:
    """The moment of the next job; `StepProblem` where there is none."""
    due = _next(stage)
    if due is None:
        raise StepProblem("Nothing is due later, so there is no “next” to advance to.")
    return due


_READY = (jobs.job.c.kind != jobs.EXTERNAL) & (jobs.job.c.retries > 0) & jobs.job.c.held.is_(False)
_DUE = Prepared(select(jobs.job.c.id).where(_READY, jobs.job.c.due_at <= bindparam("now")).order_by(jobs.job.c.due_at, text("rowid")))


def _due(stage: Stage) -> list[str]:
    return [row["id"] for row in _DUE.rows(stage.reader, now=stage.clock.now())]


def _next(stage: Stage) -> datetime | None:
    return jobs.next_due(stage.reader)
