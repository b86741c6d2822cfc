"""The digest's data: put together from tray, console and balances, and compared with the digest of the week before."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from calculators.variance import RunwayChange
from domains.audit import AuditRow
from domains.businesses import get_business
from domains.people import list_people
from domains.policy import get_policy
from orchestrators import digest_parts as parts
from orchestrators import payload
from orchestrators.base import BaseDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_figures import WeekFigures, describe_change, measure_change
from orchestrators.digest_runs import find_last_built
from orchestrators.digest_sources import DigestSources, load_sources
from orchestrators.projection_grades import find_grade
from orchestrators.reckoning import movement_of as calculable
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, ConsoleResult, InvoiceCard, Narrow
from orchestrators.results.digest import Audience, DecidedLine, DigestAct, DigestResult, InsightLine, Period, Variance
from orchestrators.results.forecast import Figure, ForecastResult
from orchestrators.results.headline import HeadlineResult
from orchestrators.results.tray import TrayResult

DECISIONS_SHOWN = 5
CHASES_SHOWN = 5
CHASES_WEIGHED = 100
BILLS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Built:
    """What is shown, and what is kept to compare the next week with (None while cash is unknown)."""

    result: DigestResult
    figures: WeekFigures | None


@dataclass(frozen=True, slots=True)
class _Gathered:
    tray: TrayResult
    bills: ConsoleResult
    chase: tuple[InvoiceCard, ...]
    headline: HeadlineResult
    forecast: ForecastResult
    last: WeekFigures | None
    now: WeekFigures | None
    variance: Variance | Condition | None
    insights: tuple[InsightLine, ...]
    decided: tuple[DecidedLine, ...]


@dataclass(frozen=True, slots=True)
class DigestDataOrchestrator(BaseDataOrchestrator):
    """One business's digest. Reads only; whoever keeps or posts it does so themselves."""

    sources: DigestSources | None = None

    async def get_digest_data(self, config: DigestConfig) -> DigestResult:
        return (await self.build(config)).result

    async def build(self, config: DigestConfig, *, due: datetime | None = None, late: bool = False) -> Built:
        """`due` is the hour of the schedule, None for a digest that somebody asked for."""
        await self.verify()
        sources = self.sources or await load_sources(self.session, self.clock)
        seen = await self._gather(config, sources)
        result = await self._result(config, seen)
        return Built(replace(result, due=due, late=late), seen.now)

    async def _gather(self, config: DigestConfig, sources: DigestSources) -> _Gathered:
        tray = await sources.tray.get_hygiene_data(None, page=1, per_page=config.max_issues_shown)
        bills = await sources.console.get_decision_data(None, narrow=Narrow.BILLS, per_page=DECISIONS_SHOWN)
        invoices = await sources.console.get_decision_data(None, narrow=Narrow.INVOICES, per_page=CHASES_WEIGHED)
        chase = tuple(parts.to_chase(invoices.cards)[:CHASES_SHOWN])
        headline = await sources.headline.get_headline(None)
        last = await self._last(Period.of(tray.health.today))
        now = await _figures(sources, headline, last, _keys(tray, (*bills.cards, *chase)))
        change = await _measure(sources, last, now)
        return _Gathered(
            tray=tray,
            bills=bills,
            chase=chase,
            headline=headline,
            forecast=await sources.forecast.get_forecast(None),
            last=last,
            now=now,
            variance=_described(last, now, change),
            insights=await _insights(sources, config, change),
            decided=await sources.console.list_decided(parts.since(tray.health, last)),
        )

    async def _last(self, period: Period) -> WeekFigures | None:
        run = await find_last_built(self.session, before=period)
        figures: WeekFigures | None = payload.load(run.figures, WeekFigures | None) if run else None
        return figures

    async def _result(self, config: DigestConfig, seen: _Gathered) -> DigestResult:
        people = await list_people(self.session)
        verdict = parts.judge(seen.headline, seen.forecast.outlook)
        return DigestResult(
            trigger=config.trigger_type,
            preview=config.preview_mode,
            audience=config.audience,
            variant=config.experiment_variant,
            amounts=await self._may_show_amounts(config),
            business_name=(await get_business(self.session)).name,
            period=Period.of(seen.tray.health.today),
            due=None,
            late=False,
            quiet=parts.is_quiet(verdict, seen.variance, seen.decided, same_queue=_same_queue(seen)),
            stale=parts.is_stale(seen.tray.health),
            health=seen.tray.health,
            verdict=verdict,
            cash=seen.headline.cash,
            runway=seen.headline.runway,
            low_water=seen.headline.low_water,
            outlook=seen.forecast.outlook,
            data_quality=seen.tray.data_quality,
            counts=seen.bills.counts,
            variance=seen.variance,
            trend=parts.trend_of(config, seen.now),
            issues=seen.tray.items,
            issues_total=seen.tray.page.total,
            decisions=parts.above(seen.bills.cards, config.priority_threshold),
            decisions_total=seen.bills.counts.bills_ready,
            chase=parts.assign_calls(seen.chase, people),
            chase_total=seen.bills.counts.invoices_ready,
            decided=parts.in_window(config, seen.decided, seen.tray.health),
            insights=seen.insights,
            grade=await find_grade(self.session),
            acts=tuple(DigestAct) if config.show_actions else (),
            audit_head=await self._audit_head(),
        )

    async def _may_show_amounts(self, config: DigestConfig) -> bool:
        if config.audience is Audience.OWNER_DM:
            return True
        return (await get_policy(self.session)).policy.digest.amounts_in_channel is True

    async def _audit_head(self) -> str | None:
        newest = select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)
        head = (await self.session.execute(newest)).scalar_one_or_none()
        return head.hex() if head else None


def _keys(tray: TrayResult, cards: Iterable[BillCard | InvoiceCard]) -> frozenset[str]:
    return frozenset({card.record.ref for card in cards} | {item.key for item in tray.items})


def _same_queue(seen: _Gathered) -> bool:
    return seen.last is not None and seen.now is not None and seen.last.shown == seen.now.shown


async def _figures(
    sources: DigestSources, headline: HeadlineResult, last: WeekFigures | None, shown: frozenset[str]
) -> WeekFigures | None:
    today = headline.health.today
    bills = await sources.forecast.why(None, Figure.OPEN_BILLS, page=1, per_page=BILLS_KEPT)
    moved = await sources.cash.list_movements(today, today)
    figures = parts.figures_of(headline, bills, frozenset(one.id for one in moved), shown)
    return figures.continuing(last) if figures else None


async def _measure(
    sources: DigestSources, last: WeekFigures | None, now: WeekFigures | None
) -> RunwayChange | Condition | None:
    if last is None or now is None:
        return None
    if last.currency != now.currency:
        return Condition(Unknown.MISSING_RATE, last.currency)
    movements = await sources.cash.list_movements(last.on, now.on)
    return measure_change(last, now, [calculable(one) for one in movements])


async def _insights(
    sources: DigestSources, config: DigestConfig, change: RunwayChange | Condition | None
) -> tuple[InsightLine, ...]:
    if not config.include_recommendations:
        return ()
    return await sources.insights.list_insights(change if isinstance(change, RunwayChange) else None)


def _described(
    last: WeekFigures | None, now: WeekFigures | None, change: RunwayChange | Condition | None
) -> Variance | Condition | None:
    if last is None or now is None or not isinstance(change, RunwayChange):
        return change if isinstance(change, Condition) else None
    return describe_change(last, now, change)
