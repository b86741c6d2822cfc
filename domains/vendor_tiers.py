"""How much it hurts not to pay a vendor, as people of this business see it."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import SmallInteger, String, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from kit.clock import Clock
from kit.db import TenantSession
from kit.models import Base, Owned


class VendorTier(IntEnum):
    MUST_PAY = 1
    KEY = 2
    CAN_WAIT = 3


class VendorTierRow(Owned, Base):
    __tablename__ = "vendor_tiers"

    vendor_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    tier: Mapped[int] = mapped_column(SmallInteger)
    set_by: Mapped[str] = mapped_column(String(40))
    set_at: Mapped[datetime]


async def list_tiers(session: TenantSession) -> dict[str, VendorTierRow]:
    # Rows are written past the session: one that was read before in this unit must be read anew.
    statement = select(VendorTierRow).execution_options(populate_existing=True)
    rows = (await session.execute(statement)).scalars()
    return {row.vendor_id: row for row in rows}


async def set_tier(
    session: TenantSession, vendor_id: str, tier: VendorTier | None, *, by: str, source: str, clock: Clock
) -> None:
    """None takes the tier away again; the suggestion counts then."""
    found = await session.execute(select(VendorTierRow.tier).where(VendorTierRow.vendor_id == vendor_id))
    before = found.scalar_one_or_none()
    if before == tier:
        return
    if tier is None:
        await session.execute(delete(VendorTierRow).where(VendorTierRow.vendor_id == vendor_id))
    else:
        facts = {"tier": int(tier), "set_by": by, "set_at": clock.now()}
        statement = insert(VendorTierRow).values(business_id=session.business_id, vendor_id=vendor_id, **facts)
        keys = [VendorTierRow.business_id, VendorTierRow.vendor_id]
        await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=facts))
    entry = Entry(
        actor=by,
        action="vendor.tier_set",
        object_type="vendor",
        object_id=vendor_id,
        before={"tier": before},
        after={"tier": None if tier is None else int(tier)},
        source=source,
    )
    await record(session, entry, clock=clock)
