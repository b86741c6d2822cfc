"""Where a digest gets its facts: the tray, the console with the projection behind it, the cash balances. Nothing else.

Spelled as protocols so that a digest can be built over a replay or a made-up company, and watched in a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from calculators.variance import RunwayChange
from domains.movements import MovementService
from domains.moving import Movement
from domains.people import Caller
from kit.clock import Clock
from kit.db import TenantSession
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.insights import InsightOrchestrator
from orchestrators.results.console import ConsoleResult, Narrow
from orchestrators.results.digest import DecidedLine, InsightLine
from orchestrators.results.forecast import Figure, ForecastResult, WhyResult
from orchestrators.results.headline import HeadlineResult
from orchestrators.results.tray import TrayResult
from orchestrators.tray import HygieneTrayDataOrchestrator


class Tray(Protocol):
    async def get_hygiene_data(self, caller: Caller | None, *, page: int = 1, per_page: int = 5) -> TrayResult: ...


class Console(Protocol):
    async def get_decision_data(
        self, caller: Caller | None, *, narrow: Narrow = Narrow.ALL, page: int = 1, per_page: int = 5
    ) -> ConsoleResult: ...

    async def list_decided(self, since: datetime) -> tuple[DecidedLine, ...]: ...


class Headline(Protocol):
    async def get_headline(self, caller: Caller | None) -> HeadlineResult: ...


class Forecast(Protocol):
    async def get_forecast(self, caller: Caller | None) -> ForecastResult: ...

    async def why(self, caller: Caller | None, figure: Figure, *, page: int = 1, per_page: int = 10) -> WhyResult: ...


class Insights(Protocol):
    async def list_insights(self, moved: RunwayChange | None) -> tuple[InsightLine, ...]: ...


class Cash(Protocol):
    async def list_movements(self, since: date, until: date) -> Sequence[Movement]: ...


@dataclass(frozen=True, slots=True)
class DigestSources:
    """Headline, forecast and insights are the console's own figures, told without its cards."""

    tray: Tray
    console: Console
    headline: Headline
    forecast: Forecast
    insights: Insights
    cash: Cash


async def load_sources(session: TenantSession, clock: Clock) -> DigestSources:
    """One reading of the books for all of them: every figure of a digest is of the same moment."""
    desk = await HygieneTrayDataOrchestrator(session, clock).load()
    return DigestSources(
        tray=HygieneTrayDataOrchestrator(session, clock, desk),
        console=DecisionConsoleDataOrchestrator(session, clock, desk),
        headline=HeadlineOrchestrator(session, clock, desk),
        forecast=ForecastOrchestrator(session, clock, desk),
        insights=InsightOrchestrator(session, clock, desk),
        cash=MovementService(session, clock),
    )
