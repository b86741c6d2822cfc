"""What the books say about the company becomes what Runway calls it, and whose day and money it counts in."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from domains.businesses import describe_business
from domains.companies import find_company
from domains.qbo.entities import SINGLES
from domains.qbo.faults import Unavailable
from domains.qbo.run import Sorted, sort
from domains.qbo.wire import Page
from kit.db import TenantSession


def singles_of(answers: Mapping[str, Page]) -> Sorted:
    """CompanyInfo and Preferences, both of them: every company has one of each, whatever an answer says."""
    found = Sorted()
    for entity in SINGLES:
        one = sort(answers[entity])
        if not one.rows and not one.rejected:
            raise Unavailable(f"QuickBooks did not send {entity}.", retry_after=5, reference=None)
        found.rows.extend(one.rows)
        found.rejected.extend(one.rejected)
    return found


async def describe(session: TenantSession) -> None:
    """A zone that is none leaves the one that is known: dates must not jump because a field is odd."""
    company = await find_company(session)
    if company is None:
        return
    zone = company.zone if company.zone in available_timezones() else None
    await describe_business(session, name=company.name or None, zone=zone, currency=company.home_currency)
