"""Payment terms, for due dates that were never set and discounts about to lapse."""

from dataclasses import dataclass
from decimal import Decimal

from domains.documents import decode_term
from domains.mirror import Entity, RecordRow
from domains.reading import Stored, list_rows, shown
from kit.db import TenantSession


@dataclass(frozen=True, slots=True)
class Term:
    """STANDARD: `due_days` and `discount_days` after the transaction date. DATE_DRIVEN: days of a month."""

    id: str
    name: str
    active: bool
    due_days: int | None
    discount_days: int | None
    discount_percent: Decimal | None
    day_of_month_due: int | None
    due_next_month_days: int | None
    discount_day_of_month: int | None


@dataclass(frozen=True, slots=True)
class TermService:
    """Bound to one business by its session."""

    session: TenantSession

    async def list_terms(self) -> list[Term]:
        """Inactive ones included: old documents name them."""
        return [_term(row) for row in await list_rows(self.session, Entity.TERM, order=(RecordRow.name,))]


def _term(row: Stored) -> Term:
    document = decode_term(row.document)
    return Term(
        row.qbo_id,
        shown(row.name, active=row.active),
        row.active,
        document.due_days,
        document.discount_days,
        document.discount_percent,
        document.day_of_month_due,
        document.due_next_month_days,
        document.discount_day_of_month,
    )
