"""What Runway says of a company, beside the books it says it of."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from bot.views.scene import Scene
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.results.console import ConsoleResult, Narrow
from orchestrators.results.digest import Audience, DigestResult
from orchestrators.results.forecast import Figure, ForecastResult, Outlook, WhyResult
from orchestrators.results.headline import HeadlineResult
from orchestrators.results.tray import TrayResult
from orchestrators.tray import HygieneTrayDataOrchestrator
from sandbox.books.company import Company
from tests.conftest import new_business
from tests.integration.figures.by_hand import ByHand
from tests.integration.mirror.stage import staged

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """What Runway says, and the books it says it of."""

    books: ByHand
    headline: HeadlineResult
    forecast: ForecastResult
    bills: ConsoleResult
    invoices: ConsoleResult
    digest: DigestResult
    tray: TrayResult
    end: WhyResult
    scene: Scene

    @property
    def outlook(self) -> Outlook:
        assert isinstance(self.forecast.outlook, Outlook)
        return self.forecast.outlook


@asynccontextmanager
async def opened(
    db: Database, keyring: Keyring, clock: FrozenClock, company: Company, *, read: bool = True
) -> AsyncIterator[UUID]:
    business = await new_business(db, company.name)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        if read:
            await stage.sync(business, Kind.FULL)
        yield business


async def look(db: Database, clock: FrozenClock, business: UUID, company: Company) -> Shown:
    docs = {
        entity: [json.loads(row.text, parse_float=Decimal, parse_int=Decimal) for row in table.values()]
        for entity, table in company.tables.items()
    }
    config = DigestConfig.weekly().sent_to(Audience.OWNER_DM)
    async with db.tenant_session(business) as session:
        console = DecisionConsoleDataOrchestrator(session, clock)
        forecast = ForecastOrchestrator(session, clock)
        return Shown(
            books=ByHand(docs, clock.now().date()),
            headline=await HeadlineOrchestrator(session, clock).get_headline(None),
            forecast=await forecast.get_forecast(None),
            bills=await console.get_decision_data(None, narrow=Narrow.BILLS, per_page=500),
            invoices=await console.get_decision_data(None, narrow=Narrow.INVOICES, per_page=500),
            digest=await DigestDataOrchestrator(session, clock).get_digest_data(config),
            tray=await HygieneTrayDataOrchestrator(session, clock).get_hygiene_data(None, per_page=10_000),
            end=await forecast.why(None, Figure.IN_13_WEEKS, per_page=10_000),
            scene=Scene(clock.now(), "America/Los_Angeles"),
        )
