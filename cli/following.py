"""Waiting on the command line for work that a worker does, with what is known of it meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from cli.output import say
from kit.db import TenantSession
from kit.outbox import OutboxRow
from kit.runtime import Runtime

LOOK_EVERY_S = 0.3
# A worker takes what is due within a second: after so long there is none, or none with a hand free.
PATIENCE_S = 30.0


class Ending(StrEnum):
    DONE = "done"
    DEAD = "dead"
    NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class Followed:
    row_id: UUID
    ending: Ending


Look = Callable[[TenantSession, UUID], Awaitable[None]]


async def follow(
    runtime: Runtime, business_id: UUID, key: str, look: Look, *, patience: float = PATIENCE_S
) -> Followed:
    """Until the row under this outbox key has ended, or nobody takes it. `look` is told the row's id each time."""
    began = time.monotonic()
    while True:
        async with runtime.db.tenant_session(business_id) as session:
            row = (await session.execute(select(OutboxRow).where(OutboxRow.dedupe_key == key))).scalar_one()
            await look(session, row.id)
        if row.done_at or row.dead_at:
            return Followed(row.id, Ending.DONE if row.done_at else Ending.DEAD)
        if not row.attempts and not row.last_error and time.monotonic() - began > patience:
            return Followed(row.id, Ending.NOT_TAKEN)
        await asyncio.sleep(LOOK_EVERY_S)


def say_not_taken() -> None:
    say("No worker has taken it yet. It stays in the queue: start one with `runway work` or `runway up`.", "red")
