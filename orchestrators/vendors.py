"""Vendor tiers: what people confirmed, what the accounts suggest, and why."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from calculators.tiers import suggest_tier
from domains.audit import lock_chain
from domains.bills import Bill
from domains.issues.ledger import home_open
from domains.parties import Vendor
from domains.people import Act, Caller, require
from domains.vendor_tiers import VendorTier, VendorTierRow, list_tiers, set_tier
from kit.money import Money
from kit.outbox import enqueue
from orchestrators.base import BaseDataOrchestrator, bounds, page_of
from orchestrators.desk import Desk
from orchestrators.jobs import ConfirmTiers, WaitingReply
from orchestrators.notices import alert
from orchestrators.refusals import BadField
from orchestrators.results.notices import AlertKind, AlertLine
from orchestrators.results.settings import SettingsAct, TierLine, TierPage


@dataclass(frozen=True, slots=True)
class VendorsOrchestrator(BaseDataOrchestrator):
    async def get_tiers(self, caller: Caller, *, page: int = 1, per_page: int = 10) -> TierPage:
        """Active vendors, those with a suggestion to confirm first, then by what is owed to them."""
        await require(self.session, caller, Act.SEE, "see the vendors")
        lines = await self._lines()
        where = page_of(len(lines), page, per_page)
        return TierPage(
            lines=tuple(lines[bounds(where, per_page)]),
            page=where,
            unconfirmed=sum(_is_open(line) for line in lines),
            acts=(SettingsAct.EDIT,) if caller.may(Act.MANAGE) else (),
        )

    async def set_tier(self, caller: Caller, vendor_id: str, tier: int | None, *, source: str) -> TierLine:
        """`tier` None: no tier of one's own, the suggestion counts again."""
        await require(self.session, caller, Act.MANAGE, "set vendor tiers")
        if tier is not None and tier not in set(VendorTier):
            raise BadField("tier", "Choose one of the three tiers.")
        if vendor_id not in (await self.load()).shelf.vendors:
            raise BadField("vendor_id", "There is no such vendor in the books.")
        chosen, before = None if tier is None else VendorTier(tier), (await list_tiers(self.session)).get(vendor_id)
        set_before = (before.set_by, before.tier) if before else None
        await set_tier(self.session, vendor_id, chosen, by=caller.slack_user, source=source, clock=self.clock)
        changed = next(line for line in await self._lines() if line.vendor_id == vendor_id)
        if set_before is not None and set_before[1] != tier and set_before[0] != caller.slack_user:
            await self._tell(set_before[0], changed, caller)
        return changed

    async def _tell(self, person: str, changed: TierLine, caller: Caller) -> None:
        """Whoever had chosen the tier is told who chose another one."""
        subject = f"tier:{changed.vendor_id}:{self.clock.now().isoformat()}"
        tier = None if changed.tier is None else str(changed.tier)
        line = AlertLine(AlertKind.TIER_CHANGED, subject, ref=caller.slack_user, party=changed.name, detail=tier)
        await alert(self.session, self.clock, [person], line)

    async def order_confirming(self, caller: Caller, *, source: str, reply: WaitingReply | None) -> int:
        """Have every suggestion taken over that nobody answered yet; returns how many those are."""
        await require(self.session, caller, Act.MANAGE, "set vendor tiers")
        tiers = {line.vendor_id: line.suggested for line in await self._lines() if _is_open(line) and line.suggested}
        if tiers:
            order = ConfirmTiers(slack_user=caller.slack_user, source=source, tiers=tiers, reply=reply)
            await enqueue(self.session, order, key=f"tiers:{uuid4()}")
        return len(tiers)

    async def confirm_suggestions(self, caller: Caller, tiers: Mapping[str, int], *, source: str) -> int:
        """Those that nobody answered meanwhile; returns how many stand as this person confirmed them, now or before."""
        await require(self.session, caller, Act.MANAGE, "set vendor tiers")
        await lock_chain(self.session)
        answered = await list_tiers(self.session)
        mine = [key for key, tier in tiers.items() if _stands(answered.get(key), tier, caller)]
        fresh = {key: VendorTier(tier) for key, tier in tiers.items() if key not in answered}
        for vendor_id, tier in fresh.items():
            await set_tier(self.session, vendor_id, tier, by=caller.slack_user, source=source, clock=self.clock)
        return len(mine) + len(fresh)

    async def _lines(self) -> list[TierLine]:
        desk, tiers = await self.load(), await list_tiers(self.session)
        bills: dict[str, list[Bill]] = defaultdict(list)
        for bill in (*desk.shelf.bills.values(), *desk.shelf.paid_bills):
            bills[bill.vendor_id or ""].append(bill)
        active = [one for one in desk.shelf.vendors.values() if one.active or one.id in tiers]
        lines = [_line(desk, one, bills.get(one.id, []), tiers.get(one.id)) for one in active]
        return sorted(lines, key=_order)


def _line(desk: Desk, vendor: Vendor, bills: list[Bill], row: VendorTierRow | None) -> TierLine:
    names = sorted({line.account_name for bill in bills for line in bill.lines if line.account_name})
    because = next((name for name in names if suggest_tier([name]) is not None), None)
    suggested = suggest_tier([because]) if because else None
    owed = [home_open(bill, desk.currency) for bill in bills if bill.is_open]
    known = [amount for amount in owed if amount is not None]
    return TierLine(
        vendor_id=vendor.id,
        name=vendor.name,
        tier=row.tier if row else None,
        suggested=None if suggested is None else int(suggested),
        because=because,
        open_balance=Money(sum(known, Decimal(0)), desk.currency) if len(known) == len(owed) else None,
        set_by=row.set_by if row else None,
    )


def _stands(row: VendorTierRow | None, tier: int, caller: Caller) -> bool:
    return row is not None and (row.tier, row.set_by) == (tier, caller.slack_user)


def _is_open(line: TierLine) -> bool:
    return line.tier is None and line.suggested is not None


def _order(line: TierLine) -> tuple[object, ...]:
    owed = line.open_balance.amount if line.open_balance else Decimal(0)
    return not _is_open(line), -owed, line.name.casefold(), line.vendor_id
