"""Whoever asks for the digest again: one post a week, brought up to date by an edit that says so, never doubled."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.messenger.errors import MessageLost, Unanswered
from kit.errors import FaultDetail, NotAllowed, Refused
from orchestrators.digest_orders import DigestRuns, DoubtfulDigest, Ordered, RunTicket, StandingDigest
from orchestrators.digest_runs import RunKind, RunState, SkipReason, claim_period, get_run, step
from tests.integration.desk.company import ADA, AVA, MAYA, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.conftest import CHANNEL, MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Stage

FAULT = FaultDetail("slack", "test")


@pytest.fixture(autouse=True)
async def settled(company: Company) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    await configure(company, MONDAY_AT_NINE)


async def asks(company: Company, person: str = MAYA) -> Ordered:
    async with company.db.tenant_session(company.business) as session:
        return await DigestRuns(session, company.clock).post_now(caller(person), source="command")


async def updates(company: Company, found: Ordered, person: str = OMAR) -> Ordered:
    async with company.db.tenant_session(company.business) as session:
        runs = DigestRuns(session, company.clock)
        return await runs.update_posted(caller(person), UUID(found.run_id), source="click")


async def posted(company: Company, stage: Stage) -> StandingDigest:
    await asks(company)
    await stage.run()
    found = await asks(company)
    assert isinstance(found, StandingDigest)
    return found


async def count(company: Company, statement: str) -> int:
    async with company.db.tenant_session(company.business) as session:
        return int((await session.execute(text(statement))).scalar_one())


async def test_three_who_ask_at_once_get_one_post(company: Company, stage: Stage) -> None:
    tickets = await asyncio.gather(*(asks(company, person) for person in (MAYA, OMAR, ADA)))
    assert sorted(isinstance(one, RunTicket) and one.fresh for one in tickets) == [False, False, True]
    assert len({one.run_id for one in tickets}) == 1
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
    assert await count(company, "SELECT count(*) FROM audit_log WHERE action = 'digest.ordered'") == 1


async def test_asked_again_it_says_where_the_weeks_digest_stands(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)
    [post] = stage.slack.of("chat.postMessage", CHANNEL)
    assert found.place is not None
    assert (found.place.channel, found.place.ts) == (CHANNEL, post.ts)
    assert found.at == company.clock.now()


async def test_an_update_edits_the_post_and_says_when_and_by_whom(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)
    company.clock.advance(timedelta(hours=2))
    await company.put(bill("146", 777, TODAY + timedelta(days=2)))
    ticket = await updates(company, found)
    assert ticket == RunTicket(ticket.run_id, fresh=True, update=True)
    await stage.run()
    [post] = stage.slack.of("chat.postMessage", CHANNEL)
    edit = stage.slack.of("chat.update", CHANNEL)[-1]
    assert (edit.ts, f"by <@{OMAR}>*; first posted" in edit.text) == (post.ts, True)
    assert "B-146" in edit.text
    assert "B-146" not in post.text
    assert await count(company, "SELECT count(*) FROM audit_log WHERE action = 'digest.ordered'") == 2


async def test_three_who_update_at_once_make_one_edit(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)
    before = len(stage.slack.of("chat.update", CHANNEL))
    answers = await asyncio.gather(*(updates(company, found, person) for person in (MAYA, OMAR, ADA)))
    assert sorted(isinstance(one, RunTicket) and one.fresh for one in answers) == [False, False, True]
    await stage.run()
    assert len(stage.slack.of("chat.update", CHANNEL)) == before + 1
    late = await updates(company, found)
    assert isinstance(late, StandingDigest), "a button of an older version answers with the newest"
    assert late.run_id == answers[0].run_id


async def test_a_second_update_still_tells_when_it_was_first_posted(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)
    for _ in range(2):
        company.clock.advance(timedelta(days=1))
        await company.read()
        await updates(company, await asks(company))
        await stage.run()
    edits = stage.slack.of("chat.update", CHANNEL)
    first = edits[-2].text.partition("first posted")[2].partition(".")[0]
    assert first
    assert first == edits[-1].text.partition("first posted")[2].partition(".")[0]
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
    assert found.place is not None


async def test_a_deleted_digest_is_found_out_and_posted_again_on_request(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)

    def deleted(method: str) -> None:
        if method == "chat.update":
            raise MessageLost("message_not_found", FAULT)

    stage.slack.before = deleted
    await updates(company, found)
    await stage.run()
    gone = await asks(company)
    assert isinstance(gone, StandingDigest)
    assert gone.place is None
    assert await updates(company, gone) == RunTicket((await asks(company)).run_id, fresh=True)
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 2
    again = await asks(company)
    assert isinstance(again, StandingDigest)
    assert again.place is not None


async def test_a_digest_in_doubt_is_never_posted_beside_itself(company: Company, stage: Stage) -> None:
    def silent(method: str) -> None:
        if method == "chat.postMessage":
            raise Unanswered("no answer", FAULT)

    stage.slack.before = silent
    await asks(company)
    await stage.run()
    found = await asks(company)
    assert isinstance(found, DoubtfulDigest)
    assert await count(company, "SELECT count(*) FROM digest_runs") == 1


async def test_a_digest_that_was_given_up_is_the_same_run_when_asked_for(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        now = company.clock.now()
        made = await claim_period(session, kind=RunKind.WEEKLY, period="2026-W48", due_at=now, by="runway")
        assert made is not None
        await step(session, await get_run(session, made), RunState.SKIPPED, company.clock, reason=SkipReason.MISSED)
    ticket = await asks(company)
    assert ticket == RunTicket(str(made), fresh=True)
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1


async def test_last_weeks_digest_stays_as_it_was_told(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)
    company.clock.advance(timedelta(days=7))
    with pytest.raises(Refused, match="earlier week"):
        await updates(company, found)


async def test_only_owners_and_admins_may_update_it(company: Company, stage: Stage) -> None:
    found = await posted(company, stage)
    with pytest.raises(NotAllowed):
        await updates(company, found, AVA)
