"""Jobs that only the fault tests know: each writes its effect once, and can be told where to die on the way."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from kit.jobs import Job, Lane
from workers.actor import Work, handles

# `runs` has a row for every time the job came as far as its end; `effects` one per key, as real effects are keyed.
TABLES = """
CREATE TABLE effects (business_id uuid NOT NULL, key text NOT NULL, pid int NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (business_id, key));
CREATE TABLE runs (business_id uuid NOT NULL, key text NOT NULL, pid int NOT NULL, attempt int NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());
"""
WALL = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {table} TO runway_tenant
  USING (business_id = nullif(current_setting('app.business_id', true), '')::uuid);
GRANT SELECT, INSERT ON {table} TO runway_tenant;
"""
EFFECT = text("INSERT INTO effects (business_id, key, pid) VALUES (:business, :key, :pid) ON CONFLICT DO NOTHING")
RUN = text("INSERT INTO runs (business_id, key, pid, attempt) VALUES (:business, :key, :pid, :attempt)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike(Job):
    """`fate` happens at `point`: claimed, before_commit, after_commit; "always" also when the job is run again."""

    lane = Lane.INTERACTIVE
    key: str
    point: str = ""
    fate: str = ""
    always: bool = False
    seconds: float = 0.0


@handles(Strike)
async def strike(job: Strike, work: Work) -> None:
    facts: dict[str, Any] = {"business": work.business_id, "key": job.key, "pid": os.getpid()}
    await meet(job, work, "claimed")
    async with work.unit() as session:
        await session.execute(EFFECT, facts)
        await session.execute(RUN, facts | {"attempt": work.claim.attempts})
        await meet(job, work, "before_commit")
    await meet(job, work, "after_commit")


async def meet(job: Strike, work: Work, point: str) -> None:
    if job.point != point or (work.claim.attempts > 1 and not job.always):
        return
    match job.fate:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "freeze":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "block":
            time.sleep(600)  # noqa: ASYNC251 - the very mistake that the watchdog is for
        case "raise":
            raise RuntimeError("a bug of ours")
        case _:
            await asyncio.sleep(job.seconds)
