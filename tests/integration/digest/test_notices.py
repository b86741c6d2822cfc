"""What people are told unasked: in one message a day, once a week about the same, not at night, not when snoozing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bot.messenger.errors import Unanswered
from domains.connections import ConnectionRow, ConnectionStatus
from domains.people import remember_person
from domains.policy import Delegation, DigestSettings
from domains.sync_history import Kind, RunState, SyncRunRow
from kit.errors import FaultDetail, Refused
from kit.outbox import enqueue
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.jobs import AnnounceAssignment, AnnouncePolicy, NudgeDecision, RefreshDesk
from orchestrators.notices import NoticeService, Wish, alert, list_lines
from orchestrators.outgoing import ReviewAlerts, TellApprovers
from orchestrators.results.console import OutcomeKind
from orchestrators.results.notices import AlertKind, AlertLine
from tests.integration.desk.company import ADA, AVA, MAYA, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Sent, Stage

FLOOR = Decimal(44_000)


async def raise_line(company: Company, subject: str, *people: str, kind: AlertKind = AlertKind.EXPIRED) -> None:
    async with company.db.tenant_session(company.business) as session:
        await alert(session, company.clock, people, AlertLine(kind, subject=subject, ref="B-145", party="Northshore"))


async def lines_of(company: Company, person: str, day: date = TODAY) -> list[AlertKind]:
    async with company.db.tenant_session(company.business) as session:
        return [line.kind for line in await list_lines(session, person, day) if not line.over]


async def review(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, ReviewAlerts(), key=f"review:{uuid4()}")
    await stage.run()


def posts(stage: Stage, person: str) -> list[Sent]:
    return stage.slack.of("chat.postMessage", f"D{person}")


def edits(stage: Stage, person: str) -> list[Sent]:
    return stage.slack.of("chat.update", f"D{person}")


async def test_the_alerts_of_a_day_are_one_message_that_is_edited(company: Company, stage: Stage) -> None:
    await raise_line(company, "a", MAYA)
    await stage.run()
    first = len(edits(stage, MAYA))
    await raise_line(company, "b", MAYA)
    await stage.run()
    assert len(posts(stage, MAYA)) == 1
    assert len(edits(stage, MAYA)) > first
    assert edits(stage, MAYA)[-1].ts == posts(stage, MAYA)[0].ts


async def test_a_message_without_an_answer_is_not_repeated_but_the_next_news_is_told(
    company: Company, stage: Stage
) -> None:
    silent = [Unanswered("no answer", FaultDetail("slack", "test"))]

    def before(method: str) -> None:
        if method == "chat.postMessage" and silent:
            raise silent.pop()

    stage.slack.before = before
    await raise_line(company, "a", MAYA)
    await stage.run()
    await stage.run()
    assert posts(stage, MAYA) == []
    await raise_line(company, "b", MAYA)
    await stage.run()
    [post] = posts(stage, MAYA)
    assert "2 things" in post.text


async def test_killed_after_slack_took_it_a_message_is_not_repeated(company: Company, stage: Stage) -> None:
    def after(method: str) -> None:
        if method == "chat.postMessage":
            raise Killed

    stage.slack.after = after
    await raise_line(company, "a", MAYA)
    with pytest.raises(Killed):
        await stage.run()
    stage.slack.after = lambda _method: None
    await stage.forget_lease()
    await stage.run()
    assert len(posts(stage, MAYA)) == 1
    assert await stage.waiting() == []


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


async def test_the_same_subject_is_told_once_in_a_week(company: Company, stage: Stage) -> None:
    for _ in range(8):
        await raise_line(company, "a", MAYA)
        await stage.run()
        company.clock.advance(timedelta(days=1))
    assert len(posts(stage, MAYA)) == 2


async def test_people_are_told_apart_and_only_those_concerned(company: Company, stage: Stage) -> None:
    await raise_line(company, "a", MAYA, AVA)
    await stage.run()
    assert (len(posts(stage, MAYA)), len(posts(stage, AVA)), len(posts(stage, OMAR))) == (1, 1, 0)


async def test_nobody_is_woken_and_the_morning_brings_it(company: Company, stage: Stage) -> None:
    company.clock.advance(timedelta(hours=7))
    await raise_line(company, "a", MAYA)
    await stage.run()
    assert posts(stage, MAYA) == []
    assert await stage.waiting() == ["TellPerson"]
    company.clock.advance(timedelta(hours=10))
    await stage.make_due()
    await stage.run()
    assert len(posts(stage, MAYA)) == 1


async def test_night_is_where_the_person_lives(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        await remember_person(
            session, OMAR, name="Omar", zone="Asia/Tokyo", refused_as=None, seen_at=company.clock.now()
        )
    await raise_line(company, "a", MAYA, OMAR)
    await stage.run()
    assert (len(posts(stage, MAYA)), len(posts(stage, OMAR))) == (1, 0)


async def test_who_snoozes_hears_nothing_new_until_the_day_comes(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        await NoticeService(session, company.clock).snooze(caller(MAYA), TODAY + timedelta(days=2), source="D:1")
    await raise_line(company, "a", MAYA, OMAR)
    await stage.run()
    assert (len(posts(stage, MAYA)), len(posts(stage, OMAR))) == (0, 1)
    company.clock.advance(timedelta(days=2))
    await stage.make_due()
    await stage.run()
    assert len(posts(stage, MAYA)) == 1


@pytest.mark.parametrize("days", [0, -1, 40])
async def test_a_snooze_has_a_sensible_end(company: Company, days: int) -> None:
    async with company.db.tenant_session(company.business) as session:
        with pytest.raises(Refused, match="Nothing was changed"):
            await NoticeService(session, company.clock).snooze(caller(MAYA), TODAY + timedelta(days=days), source="D:1")


async def test_quiet_hours_are_the_persons_own_choice(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        service = NoticeService(session, company.clock)
        wish = Wish(quiet_from=12, quiet_to=18, daily_cap=5, snoozed_until=None)
        await service.set_manners(caller(MAYA), wish, source="modal")
        with pytest.raises(Refused):
            await service.set_manners(caller(MAYA), replace(wish, quiet_to=24), source="modal")
    await raise_line(company, "a", MAYA)
    await stage.run()
    assert posts(stage, MAYA) == []


async def test_a_full_day_gathers_the_rest_in_one_message(company: Company, stage: Stage) -> None:
    """Five new messages a day; what comes after them is a line in the day's alerts, and a breach is always said."""
    await company.put(*(bill(f"2{number}", 100 + 97 * number, None) for number in range(8)))
    async with company.db.tenant_session(company.business) as session:
        for number in range(8):
            key = f"Bill:2{number}:MISSING_DUE_DATE"
            await enqueue(session, AnnounceAssignment(key=key, slack_user=AVA), key=f"assign:{number}")
    await stage.run()
    assert len(posts(stage, AVA)) == 5
    assert await lines_of(company, AVA) == [AlertKind.ASSIGNED] * 3
    await raise_line(company, "floor", AVA, kind=AlertKind.FLOOR_BREACH)
    await stage.run()
    assert len(posts(stage, AVA)) == 6


async def test_a_projected_breach_is_told_to_the_owners_and_struck_when_it_is_over(
    company: Company, stage: Stage
) -> None:
    await configure(company, DigestSettings(), floor_cash=FLOOR)
    await company.put(bill("145", 9_000, TODAY + timedelta(days=4)))
    await review(company, stage)
    assert AlertKind.FLOOR_BREACH in await lines_of(company, MAYA)
    assert AlertKind.FLOOR_BREACH in await lines_of(company, OMAR)
    assert await lines_of(company, ADA) == []
    await configure(company, DigestSettings(), floor_cash=Decimal(-(10**6)))
    await review(company, stage)
    assert await lines_of(company, MAYA) == []
    assert len(posts(stage, MAYA)) == 1


async def test_a_must_pay_bill_in_the_trough_is_named(company: Company, stage: Stage) -> None:
    await configure(company, DigestSettings(), floor_cash=FLOOR)
    await company.put(bill("145", 9_000, TODAY + timedelta(days=4)))
    async with company.db.tenant_session(company.business) as session:
        await session.execute(
            text("""INSERT INTO vendor_tiers (business_id, vendor_id, tier, set_by, set_at)
                    VALUES (:business, '56', 1, 'UMAYA', now())"""),
            {"business": company.business},
        )
    await review(company, stage)
    assert AlertKind.TROUGH in await lines_of(company, MAYA)


async def test_three_failed_syncs_are_told_to_the_admins_two_are_not(company: Company, stage: Stage) -> None:
    await fail_syncs(company, 2)
    await review(company, stage)
    assert await lines_of(company, ADA) == []
    await fail_syncs(company, 1)
    await review(company, stage)
    assert await lines_of(company, ADA) == [AlertKind.SYNC_FAILED]
    assert await lines_of(company, AVA) == []


async def fail_syncs(company: Company, number: int) -> None:
    async with company.db.tenant_session(company.business) as session:
        for _ in range(number):
            company.clock.advance(timedelta(minutes=1))
            now = company.clock.now()
            session.add(
                SyncRunRow(
                    job_key=now.isoformat(),
                    kind=Kind.INCREMENTAL,
                    actor="runway",
                    state=RunState.FAILED,
                    phase="asking",
                    started_at=now,
                    finished_at=now,
                    reason="QuickBooks did not answer.",
                )
            )


async def test_a_link_that_must_be_renewed_is_told_to_the_admins(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        link = await session.get_one(ConnectionRow, company.business)
        link.status = ConnectionStatus.NEEDS_RECONNECT
    await review(company, stage)
    assert AlertKind.RECONNECT in await lines_of(company, ADA)
    company.clock.advance(timedelta(days=2))
    async with company.db.tenant_session(company.business) as session:
        (await session.get_one(ConnectionRow, company.business)).status = ConnectionStatus.CONNECTED
    await review(company, stage)
    assert "Over." in str(edits(stage, ADA)[-1].payload), "the only message that told it tells the end of it"
    assert len(posts(stage, ADA)) == 1


# -- whose turn ---------------------------------------------------------------


async def tell(company: Company, stage: Stage, *, reminder: bool = False) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, TellApprovers(reminder=reminder), key=f"tell:{uuid4()}")
    await stage.run()


async def test_approvers_get_one_message_about_what_is_theirs_and_nothing_without(
    company: Company, stage: Stage
) -> None:
    await tell(company, stage)
    assert stage.slack.ledger == []
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    await tell(company, stage)
    await tell(company, stage)
    assert (len(posts(stage, MAYA)), len(posts(stage, OMAR)), len(posts(stage, AVA))) == (1, 1, 0)
    assert "Northshore" in posts(stage, MAYA)[0].text


async def test_a_new_bill_is_added_to_the_days_message(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    await tell(company, stage)
    await company.put(bill("146", 700, TODAY + timedelta(days=3)))
    company.clock.advance(timedelta(minutes=1))
    await tell(company, stage)
    assert len(posts(stage, MAYA)) == 1
    assert "B-146" in str(edits(stage, MAYA)[-1].payload)


async def test_the_next_day_is_silent_about_what_was_told_already_unless_it_reminds(
    company: Company, stage: Stage
) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=20)))
    await tell(company, stage)
    company.clock.advance(timedelta(days=1))
    await tell(company, stage)
    assert len(posts(stage, MAYA)) == 1
    await tell(company, stage, reminder=True)
    assert len(posts(stage, MAYA)) == 2


async def test_the_second_approver_is_asked_and_the_first_told_what_came_of_it(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 12_000, TODAY + timedelta(days=4)))
    await act(company, MAYA, OutcomeKind.WAITING)
    await stage.run()
    assert "B-145" in str(posts(stage, OMAR)[0].payload)
    company.clock.advance(timedelta(minutes=5))
    await act(company, OMAR, OutcomeKind.DECIDED)
    await stage.run()
    told = [one for one in posts(stage, MAYA) if "approved" in one.text.lower()]
    assert len(told) == 1
    assert OMAR in told[0].text
    assert "pproved by" in edits(stage, OMAR)[-1].text + str(edits(stage, OMAR)[-1].payload)


async def act(company: Company, person: str, expected: OutcomeKind) -> None:
    async with company.db.tenant_session(company.business) as session:
        console = DecisionConsoleDataOrchestrator(session, company.clock)
        outcome = await console.approve(caller(person), "B-145", None, source="D:1", reason="needed")
        assert outcome.kind is expected


async def test_a_bill_that_changed_under_an_approval_alarms_who_approved(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    await act(company, MAYA, OutcomeKind.DECIDED)
    company.clock.advance(timedelta(minutes=5))
    await company.put(bill("145", 1_900, TODAY + timedelta(days=4)))
    await company.read()
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, RefreshDesk(asked_at=company.clock.now().isoformat()), key="refresh:1")
    await stage.run()
    assert AlertKind.EXPIRED in await lines_of(company, MAYA)
    assert await stage.dead() == []


async def test_a_neighbour_is_never_told(company: Company, stage: Stage, other_business: UUID) -> None:
    twin = await Company(company.db, other_business, company.clock).open()
    await raise_line(twin, "a", MAYA)
    await stage.run()
    assert stage.slack.ledger == []


async def test_a_second_yes_that_does_not_come_is_reminded_of_and_alarms_when_the_bill_is_overdue(
    company: Company, stage: Stage
) -> None:
    await company.put(bill("145", 12_000, TODAY + timedelta(days=1)))
    await act(company, MAYA, OutcomeKind.WAITING)
    await stage.run()
    company.clock.advance(timedelta(hours=25))
    await review(company, stage)
    assert len(posts(stage, OMAR)) == 1, "nobody is reminded of what cannot be decided on books this old"
    await company.read()
    await tell(company, stage, reminder=True)
    assert len(posts(stage, OMAR)) == 2
    assert AlertKind.OVERDUE not in await lines_of(company, OMAR, TODAY + timedelta(days=1))
    company.clock.advance(timedelta(days=1))
    await review(company, stage)
    assert AlertKind.OVERDUE in await lines_of(company, OMAR, TODAY + timedelta(days=2))
    assert AlertKind.OVERDUE not in await lines_of(company, MAYA, TODAY + timedelta(days=2))


async def test_a_delegate_whose_yes_would_be_refused_is_not_asked_for_it(company: Company, stage: Stage) -> None:
    lent = Delegation(AVA, Decimal(20_000), TODAY, TODAY + timedelta(days=30), MAYA)
    await configure(company, MONDAY_AT_NINE, delegations=(lent,))
    await company.put(bill("145", 12_000, TODAY + timedelta(days=1)))
    await act(company, MAYA, OutcomeKind.WAITING)
    company.clock.advance(timedelta(days=2))
    await review(company, stage)
    assert AlertKind.OVERDUE in await lines_of(company, OMAR, TODAY + timedelta(days=2))
    assert AlertKind.OVERDUE not in await lines_of(company, AVA, TODAY + timedelta(days=2))


async def test_a_change_of_rules_is_told_to_the_other_owners_and_plans_the_digest(
    company: Company, stage: Stage
) -> None:
    await configure(company, DigestSettings(weekday=3, hour=7, zone="UTC"), floor_cash=FLOOR)
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, AnnouncePolicy(version=1), key="policy:1")
    await stage.run()
    assert await lines_of(company, OMAR) == [AlertKind.POLICY_CHANGED]
    assert await lines_of(company, MAYA) == []
    told = posts(stage, OMAR)[0].text
    assert told.startswith("1 thing to know today.")
    assert f"<@{MAYA}> changed the rules: Cash floor: $0.00 before, $" in told
    assert "Digest day: Monday before, Wednesday now." in told
    async with company.db.tenant_session(company.business) as session:
        planned = (await session.execute(text("SELECT next_at FROM digest_schedule"))).scalar_one()
    assert planned.isoformat().startswith("2026-11-25T07:00")


async def test_what_was_handed_off_and_not_seen_is_told_to_who_decided_it(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=1)))
    await act(company, MAYA, OutcomeKind.DECIDED)
    async with company.db.tenant_session(company.business) as session:
        decision = await session.execute(text("UPDATE decisions SET phase = 'stale' RETURNING id"))
        await enqueue(session, NudgeDecision(decision_id=decision.scalar_one()), key="nudge:1")
    await stage.run()
    assert await lines_of(company, MAYA) == [AlertKind.NOT_SEEN]
