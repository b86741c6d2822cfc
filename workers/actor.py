"""One run of one job: claimed, leased, fenced, and settled by the kind of its error.

A handler is a coroutine registered with `@handles(JobClass)`. Whatever it writes goes through `work.unit()`, which
commits only while the lease is still its own; whatever it sends outside must carry a key or be safe to say twice.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars

from bot.tools import Tools
from kit import outbox
from kit.db import TenantSession
from kit.errors import Busy, Gone, LeaseLost, Refused, VendorFault
from kit.jobs import Job, UnknownJob, decode

J = TypeVar("J", bound=Job)
RENEW_S = outbox.LEASE.total_seconds() / 3
PARKED_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler is given: its claim and the tools of the process."""

    tools: Tools
    claim: outbox.Claim

    @property
    def business_id(self) -> UUID:
        return self.claim.business_id

    def ended(self, outcome: str) -> None:
        self.tools.runtime.metrics.jobs.labels(self.claim.kind, outcome).inc()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[TenantSession]:
        """A tenant session that commits only while this run holds the lease. Raises `LeaseLost` otherwise."""
        async with self.tools.db.tenant_session(self.claim.business_id) as session:
            await outbox.hold(session, self.claim)
            yield session


Handler = Callable[[Any, Work], Awaitable[None]]
HANDLERS: dict[type[Job], Handler] = {}


def handles(job: type[J]) -> Callable[[Callable[[J, Work], Awaitable[None]]], Callable[[J, Work], Awaitable[None]]]:
    """Register the one handler of a job."""

    def register(handler: Callable[[J, Work], Awaitable[None]]) -> Callable[[J, Work], Awaitable[None]]:
        if job in HANDLERS:
            raise ValueError(f"{job.__name__} has a handler already")
        HANDLERS[job] = handler
        return handler

    return register


async def run_next(tools: Tools, *, only: UUID | None = None) -> bool:
    """Claim and run one due row, the hinted one or the next. False when there was none to take."""
    async with tools.db.system_session() as session:
        claim = await outbox.claim(session, only=only)
    if claim is None:
        return False
    seconds = tools.runtime.metrics.job_seconds.labels(claim.kind)
    with bound_contextvars(job=claim.kind, outbox_id=str(claim.id), business_id=str(claim.business_id)), seconds.time():
        await _run(Work(tools, claim))
    return True


async def _run(work: Work) -> None:
    """Whoever is overtaken says no more of the row: neither that it is done nor that it failed."""
    try:
        await _attempt(work)
    except LeaseLost:
        log.warning("job.overtaken")
        work.ended("overtaken")


async def _attempt(work: Work) -> None:
    if work.claim.attempts > outbox.CRASHES_TO_DIE:
        return await _bury(work, "crashed too often")
    try:
        async with _renewing(work):
            job = decode(work.claim.kind, work.claim.payload)
            outcome = await _outcome_of(job, work)
            async with work.tools.db.system_session() as session:
                await outbox.finish(session, work.claim)
        work.ended(outcome)
    except LeaseLost:
        raise
    except asyncio.CancelledError:
        with suppress(LeaseLost):
            await asyncio.shield(_give_back(work, 0, "stopped", burned=False))
        raise
    except Busy as error:
        await _wait(work, error.retry_after, str(error))
    except UnknownJob:
        await _give_back(work, PARKED_S, "unknown to this version", burned=False)
    except (Refused, VendorFault) as error:
        await _bury(work, f"{type(error).__name__}: {error}")
    except Exception as error:  # the edge of a job: a bug is logged, counted and retried, never lost
        log.exception("job.failed", attempts=work.claim.attempts)
        await _retry(work, type(error).__name__)


async def _outcome_of(job: Job, work: Work) -> str:
    """Orders of a business that left are done with: an operator who saw them given up could mend nothing."""
    try:
        await _handler_of(job)(job, work)
    except Gone:
        log.info("job.moot")
        return "moot"
    return "done"


def _handler_of(job: Job) -> Handler:
    if type(job) not in HANDLERS:
        raise UnknownJob(type(job).__name__)
    return HANDLERS[type(job)]


@asynccontextmanager
async def _renewing(work: Work) -> AsyncIterator[None]:
    """Keep the lease alive from beside the work. Should it be lost all the same, the next `unit()` finds out."""
    renewal = asyncio.create_task(_renew(work))
    try:
        yield
    finally:
        renewal.cancel()


async def _renew(work: Work) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        try:
            async with work.tools.db.system_session() as session:
                await outbox.renew(session, work.claim)
        except LeaseLost:
            return
        except (OSError, SQLAlchemyError, Busy) as error:
            log.warning("lease.not_renewed", error=type(error).__name__)


async def _wait(work: Work, seconds: float, reason: str) -> None:
    """Waiting is not failing, up to a day."""
    if work.claim.overdue:
        return await _bury(work, f"waited a day: {reason}")
    return await _give_back(work, seconds * random.uniform(1, 1.2), reason, burned=False)


async def _retry(work: Work, reason: str) -> None:
    if work.claim.attempts >= outbox.CRASHES_TO_DIE:
        return await _bury(work, reason)
    ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 4 ** (work.claim.attempts - 1))
    return await _give_back(work, random.uniform(ceiling / 2, ceiling), reason, burned=True)


async def _give_back(work: Work, delay: float, reason: str, *, burned: bool) -> None:
    async with work.tools.db.system_session() as session:
        await outbox.release(session, work.claim, delay=delay, error=reason[:200], burned=burned)
    log.info("job.released", delay=round(delay, 1), burned=burned)
    work.ended("failed" if burned else "waiting")


async def _bury(work: Work, reason: str) -> None:
    async with work.tools.db.system_session() as session:
        await outbox.bury(session, work.claim, error=reason[:200])
    log.error("job.buried", error_code=reason.partition(":")[0])
    work.ended("given_up")
