"""What waits for QuickBooks: a late approval decides on the bill as it is now; a note is written once, while true."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.views.blocks import Message
from domains.books import Books, Need
from domains.decisions import Decision, Phase, find_latest
from domains.freshness import Freshness
from domains.mirror import Entity
from domains.people import set_roles
from domains.policy import Writeback
from domains.qbo.run import Unit
from domains.qbo.sync import LiveRead
from domains.writeback import NoteState
from kit.errors import Busy
from kit.jobs import Job
from kit.outbox import OutboxRow, enqueue
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.jobs import ApproveAfterRead, WriteBack
from tests.integration.desk.company import MAYA, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure
from tests.integration.digest.stage import FakeMessenger, Stage
from workers import import_all
from workers.actor import run_next

SOURCE = "C1:1.1"


class Slack(FakeMessenger):
    def __init__(self) -> None:
        super().__init__()
        self.whispers: list[tuple[str, str, str]] = []

    async def whisper(self, business: UUID, channel: str, person: str, message: Message) -> None:
        self.whispers.append((channel, person, str(message.text)))


@dataclass
class QuickBooks:
    """As it answers: the bill with these amounts, or a failure in words; notes are taken down."""

    company: Company
    amount: float = 1_500
    bill_failure: str | None = None
    cash_failure: str | None = None
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    trouble: Callable[[], None] = lambda: None

    async def refresh_record(
        self, business_id: UUID, entity: Entity, qbo_id: str, *, need: Need = Need.STRICT, actor: str
    ) -> LiveRead:
        if self.bill_failure is None:
            await self.company.put(bill(qbo_id, self.amount, TODAY + timedelta(days=4)))
        return self._read(self.bill_failure)

    async def refresh_balances(self, business_id: UUID, *, need: Need = Need.STRICT, actor: str) -> LiveRead:
        return self._read(self.cash_failure)

    def _read(self, failure: str | None) -> LiveRead:
        state = Freshness.STALE if failure else Freshness.FRESH
        return LiveRead(state, self.company.clock.now(), called=True, failure=failure)

    async def write_note(self, business_id: UUID, unit: Unit, bill_id: str, note: str, *, intent: str) -> NoteState:
        self.trouble()
        self.notes.append((bill_id, note, intent))
        return NoteState.WRITTEN


@dataclass
class Night:
    """A worker beside the company's desk."""

    company: Company
    stage: Stage
    slack: Slack
    quickbooks: QuickBooks

    async def run(self, job: Job) -> None:
        async with self.company.db.tenant_session(self.company.business) as session:
            await enqueue(session, job, key=f"test:{uuid4()}")
        await self.carry_out(type(job))

    async def carry_out(self, kind: type[Job]) -> None:
        """The one order of this kind that waits."""
        async with self.company.db.tenant_session(self.company.business) as session:
            waiting = select(OutboxRow.id).where(OutboxRow.kind == kind.__name__, OutboxRow.done_at.is_(None))
            row = (await session.execute(waiting)).scalar_one()
        tools = replace(self.stage.tools(), messenger=self.slack, books=cast(Books, self.quickbooks))
        assert await run_next(tools, only=row)

    async def latest(self) -> Decision | None:
        async with self.company.db.tenant_session(self.company.business) as session:
            return await find_latest(session, "150")

    async def card_version(self) -> str:
        async with self.company.db.tenant_session(self.company.business) as session:
            console = DecisionConsoleDataOrchestrator(session, self.company.clock)
            return (await console.get_card(caller(MAYA), "B-150")).version

    async def approve(self) -> Decision:
        async with self.company.db.tenant_session(self.company.business) as session:
            await DecisionConsoleDataOrchestrator(session, self.company.clock).approve(
                caller(MAYA), "B-150", None, source=SOURCE
            )
        found = await self.latest()
        assert found is not None
        return found


@pytest.fixture
async def night(company: Company) -> Night:
    import_all()
    await company.put(bill("150", 1_500, TODAY + timedelta(days=4)))
    slack = Slack()
    return Night(company, Stage(company.db, company.business, company.clock, slack), slack, QuickBooks(company))


def late(version: str = "") -> ApproveAfterRead:
    return ApproveAfterRead(bill_id="150", version=version, slack_user=MAYA, source=SOURCE)


async def test_a_late_approval_decides_and_the_copies_of_the_card_tell_it(night: Night) -> None:
    await night.run(late(await night.card_version()))
    decided = await night.latest()
    assert decided is not None
    assert (decided.phase, decided.decided_by) == (Phase.APPROVED, MAYA)
    assert night.slack.whispers == []
    assert "Redraw" in await night.stage.waiting()


async def test_a_bill_that_changed_meanwhile_is_not_approved_and_its_approver_is_told(night: Night) -> None:
    version = await night.card_version()
    night.quickbooks.amount = 2_500
    await night.run(late(version))
    assert await night.latest() is None
    ((channel, person, said),) = night.slack.whispers
    assert (channel, person) == ("C1", MAYA)
    assert "$1,500.00" in said
    assert "$2,500.00" in said


@pytest.mark.parametrize("broken", ["bill_failure", "cash_failure"])
async def test_what_cannot_be_read_decides_nothing_and_says_so(night: Night, broken: str) -> None:
    setattr(night.quickbooks, broken, "QuickBooks does not answer.")
    await night.run(late())
    assert await night.latest() is None
    ((_, _, said),) = night.slack.whispers
    assert said.startswith("B-150: nothing was decided, because QuickBooks could not be asked for it.")


async def test_rights_that_ended_meanwhile_end_a_late_approval_too(night: Night) -> None:
    async with night.company.db.tenant_session(night.company.business) as session:
        await set_roles(session, MAYA, (), by="slack")
    await night.run(late())
    assert await night.latest() is None
    assert [person for _, person, _ in night.slack.whispers] == [MAYA]


async def test_a_late_approval_that_runs_twice_decides_once(night: Night) -> None:
    await night.run(late())
    decided = await night.latest()
    await night.run(replace(late(), reason="again"))
    assert await night.latest() == decided
    ((_, _, said),) = night.slack.whispers
    assert f"<@{MAYA}>" in said


@pytest.fixture
async def noting(night: Night) -> Night:
    await configure(night.company, MONDAY_AT_NINE, bill_writeback=Writeback.NOTE)
    return night


async def test_an_approval_is_noted_with_who_and_when_under_its_own_reference(noting: Night) -> None:
    decision = await noting.approve()
    await noting.carry_out(WriteBack)
    ((bill_id, note, intent),) = noting.quickbooks.notes
    assert bill_id == "150"
    assert note == f"Approved by Umaya on {TODAY} (Runway {decision.reference})"
    assert intent == f"decision:{decision.id}:note"


async def test_a_note_that_had_to_wait_is_written_under_the_same_intent(noting: Night) -> None:
    decision = await noting.approve()

    def busy() -> None:
        noting.quickbooks.trouble = lambda: None
        raise Busy("QuickBooks is busy", retry_after=0)

    noting.quickbooks.trouble = busy
    await noting.carry_out(WriteBack)
    assert noting.quickbooks.notes == []
    await noting.stage.make_due()
    await noting.carry_out(WriteBack)
    assert [intent for _, _, intent in noting.quickbooks.notes] == [f"decision:{decision.id}:note"]


async def test_nothing_is_noted_where_the_policy_stopped_asking_for_it(noting: Night) -> None:
    await noting.approve()
    await configure(noting.company, MONDAY_AT_NINE, bill_writeback=Writeback.OFF)
    await noting.carry_out(WriteBack)
    assert noting.quickbooks.notes == []


async def test_an_approval_that_was_taken_back_is_not_noted(noting: Night) -> None:
    await noting.approve()
    async with noting.company.db.tenant_session(noting.company.business) as session:
        await DecisionConsoleDataOrchestrator(session, noting.company.clock).undo(caller(MAYA), "B-150", source=SOURCE)
    await noting.carry_out(WriteBack)
    assert noting.quickbooks.notes == []
