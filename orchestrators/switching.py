"""Another company takes the place of the one whose books were shown: what was chosen about those ends with them."""

from dataclasses import replace

from domains.deciding import Step, change_all, moving
from domains.decisions import AWAITING_PAYMENT, Phase, list_live
from domains.policy import get_policy, save_policy
from domains.vendor_tiers import list_tiers, set_tier
from kit.clock import Clock
from kit.db import TenantSession
from orchestrators.effects import announce

SOURCE = "connect"
LEFT = "Another QuickBooks company was connected."


async def leave_company(session: TenantSession, clock: Clock, *, by: str) -> None:
    """Bills, vendors and accounts are known by ids that the next company may give to others of its own.

    Rules, people and known items stay: they name nothing in the books. Wants the chain's lock.
    """
    await _end_decisions(session, clock, by)
    for vendor_id in await list_tiers(session):
        await set_tier(session, vendor_id, None, by=by, source=SOURCE, clock=clock)
    current = await get_policy(session)
    if current.policy.restricted_accounts is not None:
        asked_anew = replace(current.policy, restricted_accounts=None)
        await save_policy(session, asked_anew, seen=current.version, by=by, source=SOURCE, clock=clock)


async def _end_decisions(session: TenantSession, clock: Clock, by: str) -> None:
    """What was handed off may still be paid: nobody can see that any more, and its people are told."""
    live = await list_live(session)
    ends = [
        moving(one, Phase.MISMATCH if one.phase in AWAITING_PAYMENT else Phase.EXPIRED, reason=LEFT) for one in live
    ]
    for ended in await change_all(session, ends, Step(by=by, source=SOURCE), clock=clock) if ends else ():
        await announce(session, ended)
