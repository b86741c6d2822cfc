"""`runway keys`: move every sealed token to the first key, and say when an old key may go."""

import asyncio
from collections import Counter
from uuid import UUID

from cli.output import progress, say
from domains.businesses import list_businesses
from domains.sealed import inspect, reseal
from kit.crypto import SealBroken
from kit.runtime import Runtime

AT_ONCE = 4
BATCH = 100


async def rotate(runtime: Runtime) -> bool:
    """One transaction per business: interrupted anywhere, the next run goes on. False when a value does not open."""
    async with runtime.db.system_session() as session:
        ids = [business.id for business in await list_businesses(session)]
    moved, broken = 0, list[UUID]()
    with progress() as tell:
        for start in range(0, len(ids), BATCH):
            tell(f"Sealing anew with {runtime.keyring.primary} …", start / len(ids))
            for changed in await _batch(runtime, ids[start : start + BATCH]):
                moved += changed if isinstance(changed, int) else 0
                broken += [] if isinstance(changed, int) else [changed]
    say(f"{moved} tokens were sealed anew with {runtime.keyring.primary}.")
    for business_id in broken:
        say(f"A token of {business_id} opens with none of the keys: it was left as it is.", "red")
    await _tell_used(runtime, ids)
    return not broken


async def _batch(runtime: Runtime, ids: list[UUID]) -> list[int | UUID]:
    """How many were sealed anew, or the business where that could not be done."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(business_id: UUID) -> int | UUID:
        async with gate:
            try:
                async with runtime.db.tenant_session(business_id) as session:
                    return await reseal(session, runtime.keyring)
            except SealBroken:
                return business_id

    return await asyncio.gather(*map(one, ids))


async def _tell_used(runtime: Runtime, ids: list[UUID]) -> None:
    used: Counter[str] = Counter()
    unreadable = 0
    for business_id in ids:
        async with runtime.db.tenant_session(business_id) as session:
            values = await inspect(session, runtime.keyring)
        used += values.by_kid
        unreadable += len(values.broken)
    for kid in runtime.keyring.kids:
        if kid == runtime.keyring.primary:
            continue
        free = not used[kid] and not unreadable
        say(
            f"The key {kid} may be removed."
            if free
            else f"The key {kid} is still needed by {used[kid]} tokens: keep it."
        )
