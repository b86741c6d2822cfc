"""How long bills and invoices really took: what closed, when, and whether money closed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Row, select

from domains.documents import decode_linked
from domains.mirror import Entity, RecordRow
from domains.payables import ZERO, in_home
from domains.payments import Settlement
from domains.reading import Stored, among, list_rows
from kit.db import TenantSession
from kit.turns import in_turns


@dataclass(frozen=True, slots=True)
class Closing:
    """A payment as far as it closes a document: its day, and whether money moved."""

    on: date
    paid: bool


@dataclass(frozen=True, slots=True)
class SettlementService:
    """Closed documents issued since a day. Observations for calculators: medians are theirs to take."""

    session: TenantSession

    async def list_bill_settlements(self, since: date) -> list[Settlement]:
        return await self._list(Entity.BILL, Entity.BILL_PAYMENT, since)

    async def list_invoice_settlements(self, since: date) -> list[Settlement]:
        return await self._list(Entity.INVOICE, Entity.PAYMENT, since)

    async def _list(self, entity: Entity, payment: Entity, since: date) -> list[Settlement]:
        closed = (RecordRow.balance == 0, RecordRow.total > 0, RecordRow.txn_date >= since)
        rows = await list_rows(self.session, entity, *closed, order=(RecordRow.txn_date,))
        links = dict(await in_turns(lambda row: (row.qbo_id, _links(row, payment)), rows))
        closings = await self._closings(payment, {qbo_id for ids in links.values() for qbo_id in ids})

        def settle(row: Stored) -> Settlement | None:
            return _settlement(row, [closings[i] for i in links[row.qbo_id] if i in closings])

        return [settlement for settlement in await in_turns(settle, rows) if settlement]

    async def _closings(self, entity: Entity, ids: set[str]) -> dict[str, Closing]:
        if not ids:
            return {}
        statement = select(RecordRow.qbo_id, RecordRow.txn_date, RecordRow.total).where(
            RecordRow.entity == entity, among(RecordRow.qbo_id, ids), RecordRow.deleted_at.is_(None)
        )
        rows = await in_turns(_closing, await self.session.execute(statement))
        return {qbo_id: closing for qbo_id, closing in rows if closing}


def _closing(row: Row[str, date | None, Decimal | None]) -> tuple[str, Closing | None]:
    qbo_id, on, total = row
    return qbo_id, Closing(on, (total or ZERO) > 0) if on else None


def _links(row: Stored, payment: Entity) -> list[str]:
    """A bill names its payments BillPaymentCheck, also when a card paid."""
    return [link.txn_id for link in decode_linked(row.document).linked_txn if link.txn_type.startswith(payment)]


def _settlement(row: Stored, closings: Iterable[Closing]) -> Settlement | None:
    days = list(closings)
    if not days or row.txn_date is None:
        return None
    amount = in_home(row.total, row.exchange_rate) or ZERO
    last, paid = max(closing.on for closing in days), any(closing.paid for closing in days)
    return Settlement(row.qbo_id, row.party_id, row.txn_date, row.due_date, last, amount, not paid)
