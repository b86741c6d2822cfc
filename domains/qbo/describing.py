"""What the books say about the company becomes what Runway calls it, and whose day and money it counts in."""

from zoneinfo import available_timezones

from domains.businesses import describe_business
from domains.companies import find_company
from kit.db import TenantSession


async def describe(session: TenantSession) -> None:
    """A zone that is none leaves the one that is known: dates must not jump because a field is odd."""
    company = await find_company(session)
    if company is None:
        return
    zone = company.zone if company.zone in available_timezones() else None
    await describe_business(session, name=company.name or None, zone=zone, currency=company.home_currency)
