"""A private reply that promised more is replaced with what came of it: only its own click can reach it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.actions import read_ref
from bot.replies import Origin
from bot.views.blocks import Message
from bot.views.ids import Click
from domains.people import set_roles
from kit.clock import FrozenClock
from kit.db import Database
from tests.integration.bot.hand import elements
from tests.integration.desk.company import ADA, MAYA, TODAY, bill
from tests.integration.digest.clicked import AMOUNTS, URL, Desk, accept, open_desk, planned

KEY = "Bill:146:MISSING_DUE_DATE"


@pytest.fixture
async def desk(db: Database, business: UUID, clock: FrozenClock) -> Desk:
    return await open_desk(db, business, clock)


async def resolve(desk: Desk, person: str = MAYA, words: tuple[str, ...] = ("B-146",), **facts: object) -> Message:
    drawn = await desk.asks("tray", person, origin=Origin.COMMAND, words=words)
    found = [one for one in elements(drawn) if one["action_id"] == Click.RESOLVE]
    pressed = next(one for one in found if KEY in one["value"])
    where: dict[str, object] = {"origin": Origin.EPHEMERAL, "response_url": URL} | facts
    return await desk.asks(Click.RESOLVE, person, ref=read_ref(pressed["value"]), **where)


async def test_the_reply_to_resolve_tells_that_quickbooks_still_shows_it(desk: Desk) -> None:
    clicked = await resolve(desk)
    assert "It is being read again from QuickBooks now" in clicked.text
    await desk.run()
    ((url, told),) = desk.slack.replies
    assert url == URL
    assert "Open again: QuickBooks still shows this." in told.text
    assert "being read again" not in told.text
    assert Click.RESOLVE in {one["action_id"] for one in elements(told)}


async def test_the_reply_to_resolve_tells_that_it_is_mended(desk: Desk) -> None:
    desk.shelf.due_in = 5
    await resolve(desk)
    await desk.run()
    ((_, told),) = desk.slack.replies
    assert "Fixed: QuickBooks no longer shows this." in told.text
    assert elements(told) == []


async def test_a_record_that_could_not_be_read_again_stays_resolved_and_says_why(desk: Desk) -> None:
    desk.shelf.failure = "QuickBooks does not answer."
    await resolve(desk)
    await desk.run()
    ((_, told),) = desk.slack.replies
    assert "It could not be read again from QuickBooks now: QuickBooks does not answer." in told.text
    assert "QuickBooks has yet to confirm it." in told.text


async def test_a_list_keeps_its_cards_when_its_reply_is_replaced(desk: Desk) -> None:
    clicked = await resolve(desk, words=())
    await desk.run()
    ((_, told),) = desk.slack.replies
    assert _cards(told) == _cards(clicked)
    assert told.text.startswith("Northshore Print Bill B-146, no due date: Open again")


def _cards(message: Message) -> list[str]:
    """The issues on it from top to bottom, by the references their buttons carry."""
    refs = [read_ref(str(one["value"])) for one in elements(message) if one["action_id"] != Click.TRAY]
    return list(dict.fromkeys(ref.key for ref in refs if ref is not None))


async def test_a_card_in_a_modal_is_replaced_where_it_stands(desk: Desk) -> None:
    await resolve(desk, origin=Origin.MODAL, response_url=None, view_id="V1")
    await desk.run()
    ((view_id, modal),) = desk.slack.views
    assert view_id == "V1"
    assert "QuickBooks still shows this" in str(modal.payload())


async def test_the_stored_order_holds_no_address_that_anybody_could_use(desk: Desk) -> None:
    await resolve(desk)
    async with desk.company.db.tenant_session(desk.company.business) as session:
        stored = (await session.execute(text("SELECT payload::text FROM outbox WHERE kind = 'RereadRecord'"))).scalar()
    assert "secret-path" not in str(stored)
    assert "sealed_url" in str(stored)


async def test_an_address_that_slack_has_forgotten_is_not_written_to(desk: Desk) -> None:
    await resolve(desk)
    desk.company.clock.advance(timedelta(minutes=31))
    await desk.run()
    assert desk.slack.replies == []


async def test_whoever_lost_their_rights_meanwhile_is_shown_nothing_more(desk: Desk) -> None:
    await resolve(desk, ADA)
    async with desk.company.db.tenant_session(desk.company.business) as session:
        await set_roles(session, ADA, (), by=MAYA)
    await desk.run()
    assert desk.slack.replies == []


@pytest.fixture
async def aged(desk: Desk) -> Desk:
    """Books so old that an approval asks QuickBooks first; B-150 can be decided."""
    await desk.company.put(bill("150", AMOUNTS["150"], TODAY + timedelta(days=4)))
    desk.shelf.due_in = 4
    desk.company.clock.advance(timedelta(hours=2))
    return desk


async def test_a_typed_approval_that_waited_for_quickbooks_ends_in_its_own_reply(aged: Desk) -> None:
    said = await aged.asks("approve", origin=Origin.COMMAND, words=("B-150",), response_url=URL)
    assert "nothing is decided yet" in said.text
    await aged.run("ApproveAfterRead")
    ((url, told),) = aged.slack.replies
    assert url == URL
    assert "Approved by <@UMAYA>, to be paid by" in told.text
    assert "nothing is decided yet" not in told.text


async def test_an_approval_in_a_list_that_could_not_be_checked_says_so_there(aged: Desk) -> None:
    aged.shelf.failure = "QuickBooks does not answer."
    console = await aged.asks("console", origin=Origin.COMMAND, words=("bills",))
    button = next(one for one in elements(console) if one["action_id"] == Click.APPROVE)
    await aged.asks(Click.APPROVE, ref=read_ref(button["value"]), origin=Origin.EPHEMERAL, response_url=URL)
    await aged.run("ApproveAfterRead")
    ((_, told),) = aged.slack.replies
    assert "B-150: nothing was decided, because QuickBooks could not be asked for it." in told.text
    assert Click.APPROVE in {one["action_id"] for one in elements(told)}


async def test_a_plan_is_carried_out_behind_its_reply_and_each_bill_that_stayed_says_why(desk: Desk) -> None:
    plan = await planned(desk)
    refs = [line.record.ref for line in plan.lines]
    said = await accept(desk, plan, refs)
    assert said == f"{len(refs)} bills are being approved. What comes of each will stand here."
    await desk.company.put(bill("203", 5_000, TODAY + timedelta(days=9)))
    await desk.asks("approve", "UOMAR", origin=Origin.COMMAND, words=("B-208",))
    await desk.run("AcceptPlan")
    ((url, told),) = desk.slack.replies
    assert url == URL
    assert told.text.startswith(f"{len(refs) - 2} bills approved, each to be paid by its planned date.")
    assert "B-203: changed since the list was drawn." in told.text
    assert "B-208: was decided before." in told.text


async def test_a_plan_whose_reply_was_not_taken_at_first_still_tells_what_it_approved(desk: Desk) -> None:
    plan = await planned(desk)
    refs = [line.record.ref for line in plan.lines]
    await accept(desk, plan, refs)
    desk.slack.away = 1
    await desk.run("AcceptPlan")
    assert desk.slack.replies == []
    await desk.stage.make_due()
    await desk.run("AcceptPlan")
    ((_, told),) = desk.slack.replies
    assert told.text.startswith(f"{len(refs)} bills approved, each to be paid by its planned date.")
    assert "was decided before" not in told.text


async def test_a_form_that_was_open_longer_than_its_way_back_lives_shows_the_result_itself(desk: Desk) -> None:
    plan = await planned(desk)
    await accept(desk, plan, [plan.lines[0].record.ref])
    desk.slack.forgotten = True
    await desk.run("AcceptPlan")
    ((view_id, modal),) = desk.slack.views
    assert view_id == "VPLAN"
    assert "1 bill approved" in str(modal.payload())


async def test_what_was_not_decided_is_whispered_where_its_reply_cannot_be_reached(aged: Desk) -> None:
    aged.shelf.failure = "QuickBooks does not answer."
    await aged.asks("approve", origin=Origin.COMMAND, words=("B-150",), response_url=URL)
    aged.slack.forgotten = True
    await aged.run("ApproveAfterRead")
    ((person, told),) = aged.slack.whispers
    assert person == MAYA
    assert "B-150: nothing was decided, because QuickBooks could not be asked for it." in told.text


async def test_each_of_two_plans_sent_within_a_minute_is_carried_out(desk: Desk) -> None:
    plan = await planned(desk)
    refs = [line.record.ref for line in plan.lines]
    await accept(desk, plan, refs[:2])
    await accept(desk, plan, refs[2:5])
    assert (await desk.stage.waiting()).count("AcceptPlan") == 2
