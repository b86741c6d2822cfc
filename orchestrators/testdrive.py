"""The digest for people who have not decided yet: read-only down to the database, on their books or on made-up ones."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from sqlalchemy import text

from calculators.inputs import Movement, MovementKind
from calculators.runway import Burn, NotEnoughHistory, Status, measure_burn, runway_days, status_of
from domains.accounts import CashRole
from domains.balances import BalanceService, BalanceSnapshot
from domains.businesses import FICTION
from domains.connections import find_connection
from domains.fiction.books import NOW as FICTION_NOW
from domains.freshness import Freshness, get_freshness
from domains.movements import MovementService
from domains.people import Act, Caller, require
from kit.clock import Clock, FrozenClock
from kit.db import Database, TenantSession
from kit.errors import Refused
from kit.money import Money
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import EXPERIMENT, DigestConfig, WindowKind, variant_of
from orchestrators.reckoning import movement_of
from orchestrators.results.basis import Condition, Health, Link, Unknown
from orchestrators.results.digest import DigestResult
from orchestrators.results.headline import RunwayLine
from orchestrators.results.onboarding import ReplayWeek, TestDriveResult

HISTORY = timedelta(days=400)
WEEKS = {WindowKind.LAST_4_WEEKS: 4, WindowKind.FULL_HISTORY: 13}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TestDriveService:
    """`db` instead of a session: the made-up company is another tenant, and is read in a session of its own."""

    __test__ = False

    db: Database
    clock: Clock

    async def run(self, business_id: UUID, caller: Caller) -> TestDriveResult:
        """On the books of this business when they were read, else on the made-up ones. Writes nothing.

        Raises `NotAllowed` for a person who may not see the own books.
        """
        own = await self._has_books(business_id, caller)
        config = DigestConfig.for_test_drive(variant_of(business_id))
        clock: Clock = self.clock if own else FrozenClock(FICTION_NOW)
        async with read_only(self.db, business_id if own else FICTION) as session:
            result = await _drive(session, clock, config, fictional=not own)
        log.info("experiment.exposed", experiment=EXPERIMENT, variant=result.variant, fictional=not own)
        return result

    async def _has_books(self, business_id: UUID, caller: Caller) -> bool:
        async with read_only(self.db, business_id) as session:
            linked = await find_connection(session)
            books = await get_freshness(session, self.clock)
            own = linked is not None and all(line.state is not Freshness.NEVER for line in books.groups)
            if own:
                await require(session, caller, Act.SEE)
        return own


@asynccontextmanager
async def read_only(db: Database, business_id: UUID) -> AsyncIterator[TenantSession]:
    """A tenant session in which Postgres itself refuses every write."""
    async with db.tenant_session(business_id) as session:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


async def _drive(session: TenantSession, clock: Clock, config: DigestConfig, *, fictional: bool) -> TestDriveResult:
    if fictional and not (await get_freshness(session, clock)).as_of:
        raise Refused("The example company is being set up. Please try again in a minute.")
    digest = await DigestDataOrchestrator(session, clock).get_digest_data(config)
    weeks, unexplained = await _replay(session, clock, digest, WEEKS[config.time_window.kind])
    shown = replace(digest, health=_linked(digest.health)) if fictional else digest
    variant = config.experiment_variant or variant_of(session.business_id)
    return TestDriveResult(shown, variant, fictional, weeks, unexplained)


def _linked(health: Health) -> Health:
    """The made-up books have no link that could be out of order."""
    return replace(health, link=Link.CONNECTED)


async def _replay(
    session: TenantSession, clock: Clock, digest: DigestResult, weeks: int
) -> tuple[tuple[ReplayWeek, ...], tuple[str, ...]]:
    """The same weekday of each of the past weeks, oldest first, as far back as the books reach."""
    today, currency = digest.health.today, digest.health.currency
    told = await MovementService(session, clock).list_movements(today - HISTORY, today)
    movements = tuple(movement_of(one) for one in told)
    first = min((one.on for one in movements), default=today)
    days = [day for back in range(weeks, 0, -1) if (day := today - timedelta(weeks=back)) >= first]
    service = BalanceService(session, clock)
    snapshots = [(day, await service.get_balances_on(day)) for day in days]
    replayed = tuple(_week(day, snapshot, movements, currency) for day, snapshot in snapshots)
    names = {one.account_id: one.name for _, snapshot in snapshots for one in snapshot.of(CashRole.BANK)}
    broken = dict.fromkeys(id_ for _, snapshot in snapshots for id_ in snapshot.unexplained if id_ in names)
    return replayed, tuple(names[id_] for id_ in broken)


def _week(day: date, snapshot: BalanceSnapshot, movements: tuple[Movement, ...], currency: str) -> ReplayWeek:
    cash = _cash(snapshot, currency)
    burn = measure_burn(movements, day)
    moved = [one for one in movements if day - timedelta(days=7) < one.on <= day]
    week = [one for one in moved if one.kind is MovementKind.OPERATING]
    paid = sorted((one for one in week if one.amount < 0), key=lambda one: (one.amount, one.id))
    largest = paid[0] if paid else None
    runway = _runway(cash, burn, currency)
    days_left = runway.without_receipts if isinstance(runway, RunwayLine) else None
    known = isinstance(runway, RunwayLine)
    return ReplayWeek(
        on=day,
        cash=cash,
        runway=runway,
        status=status_of(days_left, day, None, known=known) if known else Status.UNKNOWN,
        received=Money(_sum([one for one in week if one.amount > 0]), currency),
        paid=Money(-_sum(paid), currency),
        other=Money(_sum([one for one in moved if one.kind is not MovementKind.OPERATING]), currency),
        largest_payment=Money(-largest.amount, currency) if largest else None,
        largest_payee=largest.party_name if largest else None,
    )


def _sum(movements: Sequence[Movement]) -> Decimal:
    return sum((one.amount for one in movements), Decimal(0))


def _cash(snapshot: BalanceSnapshot, currency: str) -> Money | Condition:
    """Unknown where a bank account holds postings that nobody can date, or whose rate is missing."""
    banks = snapshot.of(CashRole.BANK)
    undated = [one.name for one in banks if one.account_id in snapshot.unexplained]
    total = snapshot.total(CashRole.BANK)
    if undated or not banks:
        return Condition(Unknown.MISSING_SET, ", ".join(undated) or "bank accounts")
    return Money(total, currency) if total is not None else Condition(Unknown.MISSING_RATE)


def _runway(cash: Money | Condition, burn: Burn | NotEnoughHistory, currency: str) -> RunwayLine | Condition:
    """Without what was set aside or approved: nothing in the books says when that was."""
    if isinstance(cash, Condition):
        return cash
    if isinstance(burn, NotEnoughHistory):
        return Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=burn.days_known, days_needed=burn.days_needed)
    return RunwayLine(
        without_receipts=runway_days(cash.amount, burn.total_out, burn.days),
        at_trend=runway_days(cash.amount, burn.total_out - burn.total_in, burn.days),
        gross_burn=Money(burn.gross_burn, currency),
        cash_in=Money(burn.cash_in, currency),
        net_burn=Money(burn.net_burn, currency),
        window_days=burn.days,
    )
