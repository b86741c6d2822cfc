"""Books that were read once are not read again until they change, and then always."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from domains.mirror import Entity
from domains.people import Caller, Role
from domains.qbo.storage import Origin, bury, confirm
from domains.sync_history import Kind
from domains.vendor_tiers import VendorTier, set_tier
from kit.clock import FrozenClock
from kit.db import Database
from kit.memory import Memory
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.desk import Desk, load_desk
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from tests.integration.desk.company import MAYA, OMAR, TODAY, Company, account, bill, bill_payment

OWNER = Caller(MAYA, frozenset({Role.OWNER}))


async def seen(company: Company, *, kept: bool = True) -> tuple[object, ...]:
    """All that a desk says: by a process that remembers, or by one that never does."""
    db = company.db if kept else Database(company.db.engine, memory=Memory(room=0))
    async with db.tenant_session(company.business) as session:
        desk = await load_desk(session, company.clock)
    return _told(desk)


def _told(desk: Desk) -> tuple[object, ...]:
    sums = desk.reckoning
    told = (desk.health, desk.shelf, desk.issues, desk.decisions, desk.places)
    return *told, sums.books, sums.cash, sums.projection, sums.runway, sums.plan


async def _new_bill(company: Company) -> None:
    await company.put(bill("900", 350, TODAY + timedelta(days=3)))


async def _paid_bill(company: Company) -> None:
    await company.put(
        bill("900", 300, TODAY + timedelta(days=3), balance=0, paid_by=["p900"]),
        bill_payment("p900", "900", 300, TODAY),
    )


async def _gone(company: Company) -> None:
    await company.delete(Entity.PURCHASE, "P1")


async def _read_again(company: Company) -> None:
    """Nothing changed but the moment at which QuickBooks said so."""
    async with company.db.tenant_session(company.business) as session:
        await confirm(session, Entity.BILL, ["145"], company.clock.now() + timedelta(minutes=1))


async def _set_apart(company: Company) -> None:
    async with company.db.tenant_session(company.business) as session:
        admin = SettingsOrchestrator(session, company.clock)
        await admin.change_policy(OWNER, 0, PolicyChange(restricted_accounts=("36",)), source="test")


async def _ranked(company: Company) -> None:
    async with company.db.tenant_session(company.business) as session:
        await set_tier(session, "56", VendorTier.MUST_PAY, by=MAYA, source="test", clock=company.clock)


async def _held(company: Company) -> None:
    async with company.db.tenant_session(company.business) as session:
        until = TODAY + timedelta(days=20)
        await Console(session, company.clock).hold(OWNER, "B-145", None, until=until, source="test")


async def _first_yes(company: Company) -> None:
    await _approves(company, MAYA)


async def _second_yes(company: Company) -> None:
    await _approves(company, OMAR)


async def _approves(company: Company, person: str) -> None:
    async with company.db.tenant_session(company.business) as session:
        owner = Caller(person, frozenset({Role.OWNER}))
        await Console(session, company.clock).approve(owner, "B-950", None, source="test")


CHANGES = [_new_bill, _paid_bill, _gone, _read_again, _ranked, _held, _first_yes, _second_yes, _set_apart]


async def test_each_change_is_seen_at_once(company: Company) -> None:
    savings = (Entity.ACCOUNT, account("36", "Tax savings", "Bank", 900))
    soon = TODAY + timedelta(days=9)
    await company.put(savings, bill("145", 400, soon), bill("900", 300, soon), bill("950", 12_000, soon))
    before = await seen(company)
    for change in CHANGES:
        await change(company)
        after = await seen(company)
        assert after != before, change
        assert after == await seen(company, kept=False), change
        before = after


async def test_a_new_day_is_seen_without_any_change(company: Company) -> None:
    await company.put(bill("145", 400, TODAY + timedelta(days=2)))
    before = await seen(company)
    later = replace(company, clock=FrozenClock(company.clock.now() + timedelta(days=3)))
    assert await seen(later) != before
    assert await seen(later) == await seen(later, kept=False)


class RegretError(Exception):
    pass


async def test_what_was_read_in_a_transaction_that_was_undone_is_not_kept(company: Company) -> None:
    before = await seen(company)
    origin = Origin(Kind.INCREMENTAL, "runway", None, company.clock.now())
    with pytest.raises(RegretError):
        async with company.db.tenant_session(company.business) as session:
            await bury(session, Entity.PURCHASE, ["P1"], company.clock.now(), origin)
            assert _told(await load_desk(session, company.clock)) != before
            raise RegretError
    assert await seen(company) == before


@contextmanager
def _reads_of_records(db: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if " records " in statement.replace("\n", " "):
            sent.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def test_between_two_changes_the_books_are_read_once_however_many_ask_at_once(company: Company) -> None:
    await company.put(bill("800", 250, TODAY + timedelta(days=9)))
    with _reads_of_records(company.db) as reads:
        await seen(company)
        once = len(reads)
        await seen(company)
        assert len(reads) == once
        await _new_bill(company)
        reads.clear()
        await asyncio.gather(*(seen(company) for _ in range(3)))
        assert len(reads) == once
