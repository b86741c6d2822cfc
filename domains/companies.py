"""What the books say about the company itself: name, zone, home currency."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from domains.documents import decode_company, decode_preferences, id_of
from domains.mirror import Entity, RecordRow
from kit.db import TenantSession


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    zone: str | None
    home_currency: str
    multi_currency: bool
    book_close_date: date | None


async def find_company(session: TenantSession) -> Company | None:
    """None before the first sync."""
    singles = (Entity.COMPANY_INFO, Entity.PREFERENCES)
    live = (RecordRow.entity.in_(singles), RecordRow.deleted_at.is_(None))
    rows = await session.execute(select(RecordRow.entity, RecordRow.document).where(*live))
    found: dict[str, str] = dict(rows.all())
    if len(found) < len(singles):
        return None
    company = decode_company(found[Entity.COMPANY_INFO])
    preferred = decode_preferences(found[Entity.PREFERENCES])
    currency = preferred.currency_prefs
    return Company(
        company.company_name,
        company.default_time_zone,
        id_of(currency.home_currency) or "USD",
        currency.multi_currency_enabled,
        preferred.accounting_info_prefs.book_close_date,
    )
