"""Once an hour the rows themselves are asked whether everything that must be true of them is."""

import structlog

from bot.tools import Tools
from domains.businesses import list_businesses
from domains.invariants import list_breaches
from domains.walls import list_holes
from workers.ticks import every

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
