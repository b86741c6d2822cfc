"""Message truth: whoever decides, wherever, every copy tells it; nothing late overwrites something newer."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot.messenger.errors import AppRemoved, ChannelClosed, MessageLost, Unanswered
from domains import messages
from domains.businesses import BusinessRow, BusinessStatus
from domains.messages import Standing
from domains.people import Role, set_roles
from kit.errors import Busy, FaultDetail
from kit.outbox import OutboxRow, claim, enqueue
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.effects import redraw
from orchestrators.installs import MeetEverybody, MeetPerson, ShowHome
from orchestrators.results.console import OutcomeKind
from tests.integration.desk.company import AVA, MAYA, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.stage import Stage
from workers.rendering import RENDERERS

FAULT = FaultDetail("slack", "test")


@pytest.fixture
async def copies(company: Company) -> list[UUID]:
    """The card of one bill in three places."""
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)), bill("146", 900, TODAY + timedelta(days=5)))
    return [await copy(company, place, ["B-145"]) for place in ("C1", "D2", "D3")]


async def copy(company: Company, channel: str, subjects: list[str], *, kind: str = "decision") -> UUID:
    async with company.db.tenant_session(company.business) as session:
        row = await messages.reserve(
            session, kind=kind, key=f"{kind}:{channel}", subjects=subjects, params={"key": subjects[0]}
        )
        await messages.posted(session, row.id, channel=channel, ts="1.1")
        return row.id


async def approve(company: Company, ref: str = "B-145", by: str = MAYA) -> None:
    async with company.db.tenant_session(company.business) as session:
        console = DecisionConsoleDataOrchestrator(session, company.clock)
        outcome = await console.approve(caller(by), ref, None, source="D:1")
        assert outcome.kind is OutcomeKind.DECIDED


async def order(company: Company, subject: str, cause: str) -> None:
    async with company.db.tenant_session(company.business) as session:
        await redraw(session, [subject], cause=cause)


async def test_a_bill_of_a_company_that_was_left_is_told_as_such(company: Company, stage: Stage) -> None:
    await copy(company, "D2", ["B-999"])
    await order(company, "B-999", "switch")
    await stage.run()
    (told,) = stage.slack.of("chat.update", "D2")
    assert told.text == "B-999 was in the books of a company that is not connected here any more: nothing to decide."


async def test_what_was_ordered_before_the_app_was_removed_is_not_given_up_as_a_fault(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    await order(company, "B-145", "late")
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, MeetEverybody(), key="people")
    async with company.db.system_session() as session:
        left = update(BusinessRow).where(BusinessRow.business_id == company.business)
        await session.execute(left.values(status=BusinessStatus.UNINSTALLED))
    await stage.run()
    assert (await stage.dead(), await stage.waiting()) == ([], [])


async def test_a_decision_redraws_every_copy_with_who_decided(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    await approve(company)
    await stage.run()
    edits = stage.slack.of("chat.update")
    assert sorted(edit.channel for edit in edits) == ["C1", "D2", "D3"]
    assert all("Approved by" in edit.text and MAYA in edit.text for edit in edits)
    assert await stage.dead() == []


async def test_a_copy_of_another_bill_is_left_alone(company: Company, stage: Stage, copies: list[UUID]) -> None:
    await copy(company, "C9", ["B-146"])
    await approve(company)
    await stage.run()
    assert "C9" not in {edit.channel for edit in stage.slack.of("chat.update")}


async def test_the_state_at_the_time_of_drawing_decides_not_the_order_of_clicks(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    """Two changes before the first redraw ran: each copy is drawn once, with what is true now."""
    await order(company, "B-145", "before")
    await approve(company)
    await stage.run()
    edits = stage.slack.of("chat.update", "C1")
    assert "Approved by" in edits[-1].text
    assert all("Approved by" in edit.text for edit in edits)


async def test_changes_before_the_first_redraw_began_order_it_once(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    for number in range(3):
        await order(company, "B-145", str(number))
    for _ in range(3):
        await stage.run(most=1)  # each finds the copies
    assert sorted(await stage.waiting()) == ["RedrawMessage"] * 3 + ["RefreshHomes"]
    await approve(company)
    await stage.run(most=1)
    [edit] = stage.slack.of("chat.update")
    assert "Approved by" in edit.text, "it draws what was decided after it was ordered"


async def test_a_change_while_a_redraw_runs_orders_another(company: Company, stage: Stage, copies: list[UUID]) -> None:
    await order(company, "B-145", "first")
    await stage.run(most=1)
    async with company.db.tenant_session(company.business) as session:
        rows = list((await session.execute(select(OutboxRow.id).where(OutboxRow.kind == "RedrawMessage"))).scalars())
    async with company.db.system_session() as session:
        assert all([await claim(session, only=row) for row in rows])
    await order(company, "B-145", "second")
    await stage.run(most=2)
    assert (await stage.waiting()).count("RedrawMessage") == 2 * len(rows)


async def test_orders_that_pile_up_for_one_copy_are_drawn_once(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    stage.slack.before = slow_down = _busy("chat.update")
    for number in range(5):
        await order(company, "B-145", str(number))
    await stage.run()
    assert stage.slack.of("chat.update") == []
    stage.slack.before = lambda _method: None
    assert slow_down is not None
    for _ in range(4):
        await stage.make_due()
        await stage.run()
    assert len(stage.slack.of("chat.update", "C1")) == 1
    assert await stage.waiting() == []


def _busy(method: str) -> Callable[[str], None]:
    def before(asked: str) -> None:
        if asked == method:
            raise Busy("rate limited", retry_after=30)

    return before


async def test_a_deleted_copy_is_forgotten_and_the_others_are_drawn(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    lost = {"chat.update": [MessageLost("message_not_found", FAULT), ChannelClosed("is_archived", FAULT)]}

    def before(method: str) -> None:
        if lost.get(method):
            raise lost[method].pop()

    stage.slack.before = before
    await approve(company)
    await stage.run()
    assert len(stage.slack.of("chat.update")) == 1
    async with company.db.tenant_session(company.business) as session:
        states = [(await messages.get_message(session, one)).standing for one in copies]
    assert sorted(states) == [Standing.GONE, Standing.GONE, Standing.LIVE]
    await order(company, "B-145", "later")
    await stage.run()
    assert len(stage.slack.of("chat.update")) == 2


async def test_an_edit_without_an_answer_is_made_again(company: Company, stage: Stage, copies: list[UUID]) -> None:
    silent = [Unanswered("no answer", FAULT)]

    def before(method: str) -> None:
        if method == "chat.update" and silent:
            raise silent.pop()

    stage.slack.before = before
    await approve(company)
    await stage.run()
    await stage.make_due()
    await stage.run()
    assert sorted(edit.channel for edit in stage.slack.of("chat.update")) == ["C1", "D2", "D3"]


async def test_a_workspace_that_removed_the_app_gets_no_retries(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    def before(_method: str) -> None:
        raise AppRemoved("token_revoked", FAULT)

    stage.slack.before = before
    await approve(company)
    await stage.run()
    assert await stage.waiting() == []
    assert await stage.dead() == []


async def test_a_neighbour_with_the_same_bill_sees_nothing(
    company: Company, stage: Stage, copies: list[UUID], other_business: UUID
) -> None:
    twin = await Company(company.db, other_business, company.clock).open()
    await twin.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    await copy(twin, "CTWIN", ["B-145"])
    await approve(company)
    await stage.run()
    await Stage(twin.db, twin.business, twin.clock, stage.slack).run()
    assert "CTWIN" not in {edit.channel for edit in stage.slack.of("chat.update")}


async def test_an_open_home_is_published_again_after_a_decision(
    company: Company, stage: Stage, copies: list[UUID]
) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, ShowHome(slack_user=OMAR), key="home:1")
    await stage.run()
    assert [person for person, _ in stage.slack.homes] == [OMAR]
    await approve(company)
    await stage.run()
    assert [person for person, _ in stage.slack.homes] == [OMAR, OMAR]
    assert stage.slack.homes[0][1] != stage.slack.homes[1][1]


async def test_home_shows_the_rights_of_now(company: Company, stage: Stage, copies: list[UUID]) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, ShowHome(slack_user=AVA), key="home:1")
    await stage.run()
    async with company.db.tenant_session(company.business) as session:
        await set_roles(session, AVA, [Role.MEMBER], by=MAYA)
    await order(company, "home", "1")
    await stage.run()
    assert "$" in str(stage.slack.homes[0][1])
    assert "$" not in str(stage.slack.homes[1][1])
    stage.slack.refused[AVA] = "guest"
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, MeetPerson(slack_user=AVA), key="met:1")
    await stage.run()
    assert "Guests can’t use Runway. <@" in str(stage.slack.homes[2][1])
    assert "$" not in str(stage.slack.homes[2][1])


def test_every_kind_of_standing_message_can_be_drawn() -> None:
    kinds = {"assignment", "decision", "alerts", "your_turn", "welcome"}
    assert kinds | {"sync_progress", "digest"} == RENDERERS.keys()
