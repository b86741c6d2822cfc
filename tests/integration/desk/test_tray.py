"""The tray over real rows: who may do what, and what syncs say about it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from domains.audit import list_entries
from domains.issues.catalogue import IssueCode
from domains.item_states import ItemStatus
from kit.errors import NotAllowed, Outdated, Refused
from orchestrators.refusals import BadField
from orchestrators.results.tray import TrayAct, TrayItem, TrayOutcome, TrayOutcomeKind
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from tests.integration.desk.company import ADA, MAYA, MEL, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller, unit

KEY = "Bill:146:MISSING_DUE_DATE"


@pytest.fixture
async def messy(company: Company) -> Company:
    """B-146 has no due date."""
    await company.put(bill("146", 900, None))
    return company


async def items(company: Company, person: str = MAYA) -> tuple[TrayItem, ...]:
    async with unit(company) as session:
        return (await Tray(session, company.clock).get_hygiene_data(caller(person), per_page=50)).items


async def find(company: Company, key: str = KEY) -> TrayItem:
    async with unit(company) as session:
        return await Tray(session, company.clock).get_item(None, key)


async def resolve(company: Company, person: str, version: str | None = None) -> TrayOutcome:
    async with unit(company) as session:
        return await Tray(session, company.clock).resolve(caller(person), KEY, version, source="C1:1.1")


async def sync(company: Company) -> None:
    """A minute later QuickBooks is asked, and the desk settled."""
    company.clock.advance(timedelta(minutes=1))
    await company.read()
    async with unit(company) as session:
        await Tray(session, company.clock).reconcile_after_sync(company.clock.now())


async def test_the_tray_shows_each_issue_with_its_price_and_what_may_be_done(messy: Company) -> None:
    (item,) = [one for one in await items(messy) if one.key == KEY]
    assert item.code is IssueCode.MISSING_DUE_DATE
    assert item.blocks
    assert item.facts.party == "Northshore Print"
    assert item.certainty is not None
    assert item.certainty.money.amount == 900
    assert item.certainty.days is not None
    assert item.acts == (TrayAct.RESOLVE, TrayAct.ASSIGN, TrayAct.SNOOZE, TrayAct.DISMISS)
    assert 60 <= item.score <= 80


async def test_resolve_orders_a_reread_and_hides_the_item_until_the_books_answer(messy: Company) -> None:
    outcome = await resolve(messy, ADA, (await find(messy)).version)
    assert outcome.kind is TrayOutcomeKind.DONE
    assert outcome.checking
    assert (outcome.item.state.status, outcome.item.state.changed_by) == (ItemStatus.RESOLVED, ADA)
    assert KEY not in {one.key for one in await items(messy)}
    async with unit(messy) as session:
        jobs = (await session.execute(text("SELECT kind FROM outbox"))).scalars().all()
        entries = await list_entries(session, object_type="item", object_id=KEY)
    assert {"RereadRecord", "Redraw"} <= set(jobs)
    assert [(entry.actor, entry.action) for entry in entries] == [(ADA, "item.resolved")]


async def test_a_second_resolve_is_answered_with_who_was_first(messy: Company) -> None:
    await resolve(messy, ADA)
    outcome = await resolve(messy, MAYA)
    assert outcome.kind is TrayOutcomeKind.ALREADY
    assert outcome.item.state.changed_by == ADA


async def test_eight_clicks_resolve_once(messy: Company) -> None:
    outcomes = await asyncio.gather(*(resolve(messy, (MAYA, ADA)[number % 2]) for number in range(8)))
    assert [one.kind for one in outcomes].count(TrayOutcomeKind.DONE) == 1


async def test_what_the_next_sync_still_shows_is_reopened_but_not_by_a_reading_older_than_the_click(
    messy: Company,
) -> None:
    asked_before = messy.clock.now() - timedelta(seconds=1)
    await resolve(messy, MAYA)
    async with unit(messy) as session:
        await Tray(session, messy.clock).reconcile_after_sync(asked_before)
    assert (await find(messy)).state.status is ItemStatus.RESOLVED
    await sync(messy)
    assert (await find(messy)).state.status is ItemStatus.REOPENED
    assert KEY in {one.key for one in await items(messy)}


async def test_a_sync_that_could_not_ask_quickbooks_reopens_nothing(messy: Company) -> None:
    await resolve(messy, MAYA)
    messy.clock.advance(timedelta(minutes=1))
    async with unit(messy) as session:
        await Tray(session, messy.clock).reconcile_after_sync(messy.clock.now())
    assert (await find(messy)).state.status is ItemStatus.RESOLVED


async def test_what_was_mended_in_the_books_resolves_itself_and_keeps_who_mended_it(messy: Company) -> None:
    await resolve(messy, MAYA)
    await messy.put(bill("146", 900, TODAY + timedelta(days=9)))
    await sync(messy)
    item = await find(messy)
    assert (item.state.status, item.state.changed_by, item.acts) == (ItemStatus.AUTO_RESOLVED, MAYA, ())
    assert item.facts.party == "Northshore Print"


async def test_a_dismissal_unblocks_and_sticks_until_what_was_judged_changes(company: Company) -> None:
    await company.put(bill("147", 900, TODAY - timedelta(days=1), issued=TODAY))
    key = "Bill:147:DUE_BEFORE_ISSUE"
    async with unit(company) as session:
        tray = Tray(session, company.clock)
        await tray.dismiss(caller(MAYA), key, None, reason="The vendor writes it so", source="x")
    await sync(company)
    assert key not in {one.key for one in await items(company)}
    await company.put(bill("147", 950, TODAY - timedelta(days=1), issued=TODAY))
    await sync(company)
    assert key not in {one.key for one in await items(company)}, "the amount is not what this issue judges"
    await company.put(bill("147", 950, TODAY - timedelta(days=2), issued=TODAY))
    assert key in {one.key for one in await items(company)}
    await sync(company)
    assert (await find(company, key)).state.status is ItemStatus.OPEN


async def test_a_snooze_ends_by_itself(messy: Company) -> None:
    until = TODAY + timedelta(days=3)
    async with unit(messy) as session:
        await Tray(session, messy.clock).snooze(caller(MAYA), KEY, None, until=until, source="x")
    assert KEY not in {one.key for one in await items(messy)}
    messy.clock.advance(timedelta(days=3))
    assert KEY in {one.key for one in await items(messy)}


async def test_undo_brings_back_what_was_before_for_a_day(messy: Company) -> None:
    await resolve(messy, MAYA)
    async with unit(messy) as session:
        back = await Tray(session, messy.clock).undo(caller(OMAR), KEY, source="x")
    assert back.item.state.status is ItemStatus.OPEN
    await resolve(messy, MAYA)
    messy.clock.advance(timedelta(hours=25))
    async with unit(messy) as session:
        late = await Tray(session, messy.clock).undo(caller(MAYA), KEY, source="x")
    assert late.kind is TrayOutcomeKind.ALREADY


async def test_members_meet_and_work_on_what_is_assigned_to_them_alone(messy: Company) -> None:
    await messy.put(bill("147", 700, None, number="other"))
    assert await items(messy, MEL) == ()
    with pytest.raises(NotAllowed, match=f"<@{MAYA}>"):
        await resolve(messy, MEL)
    async with unit(messy) as session:
        await Tray(session, messy.clock).assign(caller(ADA), KEY, None, to=MEL, source="x")
    assert [one.key for one in await items(messy, MEL)] == [KEY]
    assert (await resolve(messy, MEL)).kind is TrayOutcomeKind.DONE


async def test_work_is_given_to_people_of_the_workspace_only(messy: Company) -> None:
    async with unit(messy) as session:
        with pytest.raises(BadField) as refused:
            await Tray(session, messy.clock).assign(caller(MAYA), KEY, None, to="USTRANGER", source="x")
    assert refused.value.field == "to"


async def test_a_card_of_a_changed_record_decides_nothing(messy: Company) -> None:
    await messy.put(bill("147", 900, TODAY - timedelta(days=1), issued=TODAY))
    key = "Bill:147:DUE_BEFORE_ISSUE"
    seen = await find(messy, key)
    await messy.put(bill("147", 900, TODAY - timedelta(days=2), issued=TODAY))
    async with unit(messy) as session:
        with pytest.raises(Outdated):
            await Tray(session, messy.clock).dismiss(caller(MAYA), key, seen.version, reason="x", source="x")


@pytest.mark.parametrize("key", ["", "Bill:146", "Bill:146:NONSENSE", "Bill:999:MISSING_DUE_DATE", "X:1:BAD_AMOUNT"])
async def test_forged_or_foreign_keys_name_nothing(messy: Company, key: str) -> None:
    async with unit(messy) as session:
        with pytest.raises(Refused, match="no such item"):
            await Tray(session, messy.clock).resolve(caller(MAYA), key, None, source="x")


async def test_nothing_is_settled_while_some_kind_of_record_was_never_read(messy: Company) -> None:
    await resolve(messy, MAYA)
    async with unit(messy) as session:
        await session.execute(text("UPDATE sync_cursors SET last_synced = NULL WHERE entity = 'Vendor'"))
    messy.clock.advance(timedelta(minutes=5))
    async with unit(messy) as session:
        changes = await Tray(session, messy.clock).reconcile_after_sync(messy.clock.now())
    assert (changes.opened, changes.auto_resolved, changes.reopened) == ((), (), ())


async def test_every_page_together_is_the_whole_tray_in_one_order(company: Company) -> None:
    await company.put(*(bill(str(200 + step), 100 + 37 * step, None) for step in range(13)))
    seen: list[str] = []
    for page in range(1, 4):
        async with unit(company) as session:
            shown = await Tray(session, company.clock).get_hygiene_data(caller(MAYA), page=page)
        seen += [item.key for item in shown.items]
    assert seen == [one.key for one in await items(company)]
    assert len(set(seen)) == len(seen) == 13
