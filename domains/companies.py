"""What the books say about the company itself: name, zone, home currency."""

from dataclasses import dataclass
from datetime import date

from domains.documents import decode_company, decode_preferences, id_of
from domains.mirror import Entity
from domains.reading import list_rows
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
    info = await list_rows(session, Entity.COMPANY_INFO)
    preferences = await list_rows(session, Entity.PREFERENCES)
    if not (info and preferences):
        return None
    company, preferred = decode_company(info[0].document), decode_preferences(preferences[0].document)
    currency = preferred.currency_prefs
    return Company(
        company.company_name,
        company.default_time_zone,
        id_of(currency.home_currency) or "USD",
        currency.multi_currency_enabled,
        preferred.accounting_info_prefs.book_close_date,
    )
