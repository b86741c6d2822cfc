"""What keeps an installation fit while nobody looks: its rows are asked whether they are sound, and old ones go."""

from datetime import timedelta

import structlog

from bot.tools import Tools
from domains.businesses import list_businesses
from domains.invariants import list_breaches
from domains.walls import list_holes
from kit import inbox, outbox
from workers.ticks import every

# Longer than anybody asks what became of something; decisions are held against their announcements for ever.
KEEP_DONE = timedelta(days=90)
KEEP_FOR_EVER = "decision:"

log = structlog.get_logger(__name__)


@every(3600)
async def look_for_breaches(tools: Tools) -> None:
    """Says in the log and in a number what `runway doctor` would say; mends nothing."""
    async with tools.db.system_session() as session:
        holes, businesses = await list_holes(session), await list_businesses(session)
    for hole in holes:
        log.error("wall.down", wall=hole.name, where=hole.where)
    broken = 0
    for business in businesses:
        async with tools.db.tenant_session(business.id) as session:
            breaches = await list_breaches(session)
        for breach in breaches:
            log.error("invariant.broken", business_id=str(business.id), invariant=breach.name, rows=breach.rows[:5])
        broken += len(breaches)
    tools.runtime.metrics.invariants_broken.set(broken + len(holes))


@every(3600)
async def forget_old(tools: Tools) -> None:
    """Deliveries that no vendor repeats any more, and work that was done long ago."""
    async with tools.db.system_session() as session:
        deliveries = await inbox.purge(session)
        done = await outbox.forget_done(session, older_than=KEEP_DONE, but=KEEP_FOR_EVER)
    if deliveries or done:
        log.info("history.forgotten", deliveries=deliveries, done=done)
