"""A submission over which the gateway itself fails, or a case that it cannot route, whatever the fault: it is tried
again for ever, and after some tries an operator is told, for nobody else would ever hear of it. Knows no channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from gateway.engine.clerk import Clerk
from gateway.engine.queue import Walk
from gateway.model.status import Attention
from gateway.store.errors import StoreError

_log = structlog.get_logger("engine.patience")

_TRIES = 5
"""A job that failed so often before, which is within a minute, and fails again is put off and a person is told."""

_UNTIL_MENDED = timedelta(minutes=5)


@asynccontextmanager
async def over(
    job: Walk, submission_id: UUID | None, clerk: Clerk, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Until patience ends a failure goes on to the queue, which tries again; then the submission's timer does. For a
    case that has no submission yet, the queue does for ever."""
    try:
        yield
    except StoreError:
        raise  # not the submission's: whoever is told of it would have to be told in the same database
    except Exception as error:
        if job.failed < _TRIES:
            raise
        _log.error("submission_fails", case_id=job.case_id, submission_id=submission_id, exc_info=error)
        why = f"the gateway itself fails over it again and again ({type(error).__name__}): its log says where"
        if submission_id is None:
            await clerk.call(job.case_id, why)
            raise
        await clerk.postpone(job.case_id, submission_id, job.due, clock() + _UNTIL_MENDED, (Attention.OPERATOR, why))
