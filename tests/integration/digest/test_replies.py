"""A private reply that promised more is replaced with what came of it: only its own click can reach it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import select, text

from bot.actions import Ref, read_ref
from bot.experiences import routes
from bot.replies import Origin, Turn
from bot.tools import Tools
from bot.views.blocks import Message, Modal
from bot.views.ids import Click, Form
from domains.books import Books, Need
from domains.freshness import Freshness
from domains.mirror import Entity
from domains.people import set_roles
from domains.qbo.sync import LiveRead
from kit.clock import FrozenClock
from kit.db import Database
from kit.http import ConnectionFailed
from kit.outbox import OutboxRow
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.results.console import PlanResult
from tests.integration.bot.hand import elements
from tests.integration.desk.company import ADA, MAYA, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.stage import FakeMessenger, Stage
from workers import import_all
from workers.actor import run_next

URL = "https://hooks.slack.com/actions/T1/1/secret-path"
KEY = "Bill:146:MISSING_DUE_DATE"
AMOUNTS = {"146": 900, "150": 1_500}


class Replies(FakeMessenger):
    def __init__(self) -> None:
        super().__init__()
        self.replies: list[tuple[str, Message]] = []
        self.views: list[tuple[str, Modal]] = []
        self.whispers: list[tuple[str, Message]] = []
        self.away = 0
        self.forgotten = False

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        assert replace
        if self.away:
            self.away -= 1
            raise ConnectionFailed("no answer", may_have_arrived=True)
        self.replies += [] if self.forgotten else [(url, message)]
        return not self.forgotten

    async def whisper(self, business: UUID, channel: str, person: str, message: Message) -> None:
        self.whispers.append((person, message))

    async def update_view(self, business: UUID, view_id: str, modal: Modal) -> None:
        self.views.append((view_id, modal))


@dataclass
class Shelf:
    """QuickBooks as it answers the re-read: with this due date, or not at all."""

    company: Company
    due_in: int | None = None
    failure: str | None = None

    async def refresh_record(
        self, business_id: UUID, entity: Entity, qbo_id: str, *, need: Need = Need.STRICT, actor: str
    ) -> LiveRead:
        if self.failure is not None:
            return LiveRead(Freshness.STALE, None, called=True, failure=self.failure)
        due = None if self.due_in is None else TODAY + timedelta(days=self.due_in)
        await self.company.put(bill(qbo_id, AMOUNTS[qbo_id], due))
        return LiveRead(Freshness.FRESH, self.company.clock.now(), called=True)

    async def refresh_balances(self, business_id: UUID, *, need: Need = Need.STRICT, actor: str) -> LiveRead:
        return LiveRead(Freshness.FRESH, self.company.clock.now(), called=True)


@dataclass
class Desk:
    company: Company
    stage: Stage
    slack: Replies
    shelf: Shelf
    known: list[Tools] = field(default_factory=list)

    @property
    def tools(self) -> Tools:
        """One key ring for the click and for the job."""
        if not self.known:
            self.known.append(replace(self.stage.tools(), messenger=self.slack, books=cast(Books, self.shelf)))
        return self.known[0]

    async def asks(self, action: str, person: str = MAYA, **facts: object) -> Message:
        commands, actions, _ = routes.collect()
        turn = Turn(self.tools, self.company.business, caller(person), source="test", **facts)  # type: ignore[arg-type]
        answer = await (commands.get(action) or actions[action])(turn)
        assert isinstance(answer, Message)
        return answer

    async def run(self, *kinds: str) -> None:
        """A second later, the work of these kinds in its order."""
        self.company.clock.advance(timedelta(seconds=1))
        for kind in kinds or ("RereadRecord", "RefreshDesk", "AnswerResolve"):
            async with self.company.db.tenant_session(self.company.business) as session:
                rows = select(OutboxRow.id).where(OutboxRow.kind == kind, OutboxRow.done_at.is_(None))
                (row,) = (await session.execute(rows)).scalars()
            assert await run_next(self.tools, only=row)


@pytest.fixture
async def desk(db: Database, business: UUID, clock: FrozenClock) -> Desk:
    import_all()
    company = await Company(db, business, clock).open()
    await company.put(bill("146", 900, None), bill("147", 700, None))
    slack = Replies()
    return Desk(company, Stage(db, business, clock, slack), slack, Shelf(company))


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


async def planned(desk: Desk) -> PlanResult:
    """Eight bills that can be decided."""
    bills = {str(200 + step): 400 + 137 * step for step in range(1, 9)}
    await desk.company.put(*(bill(key, amount, TODAY + timedelta(days=9)) for key, amount in bills.items()))
    async with desk.company.db.tenant_session(desk.company.business) as session:
        plan = await DecisionConsoleDataOrchestrator(session, desk.company.clock).get_plan(caller(MAYA))
    assert isinstance(plan, PlanResult)
    return plan


async def accept(desk: Desk, plan: PlanResult, refs: Sequence[str]) -> str:
    _, _, forms = routes.collect()
    form, back = {"ticked0": tuple(refs)}, str(Ref("plan", plan.version))
    facts = {"form": form, "metadata": back, "response_url": URL, "view_id": "VPLAN"}
    turn = Turn(desk.tools, desk.company.business, caller(MAYA), Origin.MODAL, "test", **facts)  # type: ignore[arg-type]
    said = await forms[Form.PLAN](turn)
    assert isinstance(said, Message)
    return str(said.text)


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
