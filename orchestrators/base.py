"""What every orchestrator is: bound to one session of one active business, without a mutable attribute."""

from dataclasses import dataclass, field
from math import ceil
from typing import Self
from uuid import UUID

from domains.businesses import Business, BusinessStatus, get_business
from kit.clock import Clock
from kit.db import TenantSession, WrongTenant
from kit.errors import Gone
from orchestrators.desk import Desk, load_desk
from orchestrators.results.basis import Page


@dataclass(frozen=True, slots=True)
class BaseDataOrchestrator:
    """`desk`: a desk that was loaded in this very session, to answer several questions from one reading."""

    session: TenantSession
    clock: Clock
    desk: Desk | None = field(default=None, repr=False)
    _business_id: UUID = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_business_id", self.session.business_id)

    async def load(self) -> Desk:
        """The desk of this session's business. Refuses a session that meanwhile serves another tenant."""
        business = await self.verify()
        return self.desk or await load_desk(self.session, self.clock, business)

    async def verify(self) -> Business:
        if self.session.business_id != self._business_id:
            raise WrongTenant(type(self).__name__)
        business = await get_business(self.session)
        if business.status is not BusinessStatus.ACTIVE:
            raise Gone("Runway is not installed for this business any more. Nothing was done.")
        return business

    def afresh(self) -> Self:
        """The same orchestrator without what was read before."""
        return type(self)(self.session, self.clock)


def page_of(total: int, number: int, per_page: int) -> Page:
    """The page nearest to the one asked for."""
    pages = max(1, ceil(total / per_page))
    return Page(min(max(1, number), pages), pages, total)


def bounds(page: Page, per_page: int) -> slice:
    return slice((page.number - 1) * per_page, page.number * per_page)
