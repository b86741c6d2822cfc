"""Who set out to collect which invoice: once per invoice and day, whatever is clicked twice."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, Numeric, String, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from domains.invoices import Invoice
from kit.clock import Clock
from kit.db import TenantSession
from kit.models import Base, Owned


class ChaseRow(Owned, Base):
    __tablename__ = "chases"

    invoice_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    amount: Mapped[Decimal] = mapped_column(Numeric(19, 4))
    currency: Mapped[str] = mapped_column(String(3))


@dataclass(frozen=True, slots=True)
class Chase:
    invoice_id: str
    day: date
    by: str
    at: datetime


async def list_latest_chases(session: TenantSession) -> dict[str, Chase]:
    rows = (await session.execute(select(ChaseRow).order_by(ChaseRow.day))).scalars()
    return {row.invoice_id: Chase(row.invoice_id, row.day, row.by, row.at) for row in rows}


async def start_chase(
    session: TenantSession, invoice: Invoice, *, day: date, by: str, source: str, clock: Clock
) -> bool:
    """Whether this made it: False when somebody already chases the invoice that day."""
    facts = {"by": by, "at": clock.now(), "amount": invoice.balance, "currency": invoice.currency}
    keys = {"business_id": session.business_id, "invoice_id": invoice.id, "day": day}
    statement = insert(ChaseRow).values(**keys, **facts).on_conflict_do_nothing().returning(ChaseRow.invoice_id)
    if (await session.execute(statement)).scalar_one_or_none() is None:
        return False
    after = {"amount": str(invoice.balance), "currency": invoice.currency, "day": day}
    entry = Entry(
        actor=by, action="invoice.chased", object_type="invoice", object_id=invoice.id, after=after, source=source
    )
    await record(session, entry, clock=clock)
    return True
