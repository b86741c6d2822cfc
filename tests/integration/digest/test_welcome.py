"""The first hour: five steps taken from facts, one message that follows them, a sync that can be watched."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import update

from domains import messages
from domains.businesses import get_business, save_workspace
from domains.connections import end_connection
from domains.mirror import Entity
from domains.people import Role, list_roles, remember_person, set_roles
from domains.policy import get_policy
from domains.sync_history import Kind, RunState, SyncRunRow
from kit.clock import FrozenClock
from kit.db import Database
from kit.outbox import enqueue
from orchestrators.installs import Welcome
from orchestrators.onboarding import OnboardingService
from orchestrators.outgoing import ShowFirstSteps, ShowProgress
from orchestrators.results.onboarding import Step
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from orchestrators.tray import HygieneTrayDataOrchestrator
from tests.installs import workspace_row
from tests.integration.desk.company import ADA, MAYA, Company, account, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Stage


async def install(company: Company, by: str = ADA) -> None:
    async with company.db.system_session() as session:
        await save_workspace(session, workspace_row(business_id=company.business, installed_by=by))


async def greet(company: Company, stage: Stage, person: str = ADA) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, Welcome(slack_user=person), key=f"welcome:{person}")
    await stage.run()


async def steps(company: Company) -> list[Step]:
    async with company.db.tenant_session(company.business) as session:
        result = await OnboardingService(session, company.clock).get_onboarding()
    return [line.step for line in result.steps if line.done_at is not None]


async def look(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, ShowFirstSteps(), key=f"steps:{uuid4()}")
    await stage.run()


async def test_the_installer_is_greeted_once(company: Company, stage: Stage) -> None:
    await install(company)
    await greet(company, stage)
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, Welcome(slack_user=ADA), key="welcome:again")
    await stage.run()
    [post] = stage.slack.of("chat.postMessage")
    assert post.channel == f"D{ADA}"
    assert "Runway" in post.text


async def test_an_owner_of_the_workspace_who_installs_owns_the_business(company: Company, stage: Stage) -> None:
    await install(company)
    async with company.db.tenant_session(company.business) as session:
        for person in ("UMAYA", "UOMAR"):
            await set_roles(session, person, [Role.MEMBER], by="slack")
    stage.slack.owners.add(ADA)
    await greet(company, stage)
    async with company.db.tenant_session(company.business) as session:
        assert await list_roles(session, ADA) == {Role.OWNER, Role.ADMIN}


async def test_each_step_is_a_fact_and_the_message_follows(company: Company, stage: Stage) -> None:
    await install(company)
    await greet(company, stage)
    assert await steps(company) == [Step.WORKSPACE_BOUND, Step.BOOKS_CONNECTED]
    await finish_sync(company, Kind.FULL)
    assert (await steps(company))[-1] is Step.FIRST_SYNC
    await configure(company, MONDAY_AT_NINE)
    assert (await steps(company))[-1] is Step.DIGEST_CONFIGURED
    await look(company, stage)
    seen = len(stage.slack.of("chat.update"))
    await company.put(bill("146", 900, None))
    async with company.db.tenant_session(company.business) as session:
        tray = HygieneTrayDataOrchestrator(session, company.clock)
        [item] = (await tray.get_hygiene_data(caller(MAYA))).items
        await tray.resolve(caller(MAYA), item.key, item.version, source="D:1")
    assert await steps(company) == list(Step)
    await look(company, stage)
    assert len(stage.slack.of("chat.update")) > seen
    assert len(stage.slack.of("chat.postMessage", f"D{ADA}")) == 1
    async with company.db.tenant_session(company.business) as session:
        await end_connection(session, company.clock.now())
    assert Step.BOOKS_CONNECTED not in await steps(company), "who comes back begins with connecting"


async def finish_sync(company: Company, kind: Kind) -> None:
    now = company.clock.now()
    async with company.db.tenant_session(company.business) as session:
        session.add(
            SyncRunRow(
                job_key=uuid4().hex,
                kind=kind,
                actor=MAYA,
                state=RunState.SUCCEEDED,
                phase="done",
                started_at=now,
                finished_at=now,
            )
        )


async def test_an_incremental_sync_is_not_the_first_one(company: Company) -> None:
    await install(company)
    await finish_sync(company, Kind.INCREMENTAL)
    assert Step.FIRST_SYNC not in await steps(company)


async def test_a_step_that_was_true_once_stays_done(company: Company, stage: Stage) -> None:
    await install(company)
    await finish_sync(company, Kind.FULL)
    await look(company, stage)
    async with company.db.tenant_session(company.business) as session:
        await session.execute(update(SyncRunRow).values(state=RunState.FAILED))
    assert Step.FIRST_SYNC in await steps(company)


async def start_run(company: Company, actor: str) -> UUID:
    async with company.db.tenant_session(company.business) as session:
        run = SyncRunRow(
            id=uuid4(),
            job_key=uuid4().hex,
            kind=Kind.FULL,
            actor=actor,
            state=RunState.RUNNING,
            phase="reading",
            started_at=company.clock.now(),
            expected=100,
            done=10,
            progress={"Bill": {"done": 10, "expected": 100}},
        )
        session.add(run)
        return run.id


async def move(company: Company, stage: Stage, run_id: UUID, done: int) -> None:
    async with company.db.tenant_session(company.business) as session:
        await session.execute(update(SyncRunRow).where(SyncRunRow.id == run_id).values(done=done))
        await enqueue(session, ShowProgress(run_id=str(run_id)), key=f"progress:{done}")
    await stage.run()


async def test_a_sync_moves_in_one_message_of_whoever_started_it(company: Company, stage: Stage) -> None:
    run_id = await start_run(company, MAYA)
    for done in (10, 40, 90):
        await move(company, stage, run_id, done)
    assert [one.channel for one in stage.slack.of("chat.postMessage")] == [f"D{MAYA}"]
    texts = [one.text for one in stage.slack.of("chat.update")]
    assert texts[-1] != texts[0]


async def test_a_sync_that_nobody_asked_for_is_shown_to_nobody(company: Company, stage: Stage) -> None:
    await move(company, stage, await start_run(company, "runway"), 40)
    assert stage.slack.ledger == []


async def test_a_person_who_left_is_not_written_to(company: Company, stage: Stage) -> None:
    await install(company)
    async with company.db.tenant_session(company.business) as session:
        gone = {"refused_as": "deactivated", "seen_at": company.clock.now() + timedelta(days=1)}
        await remember_person(session, MAYA, name="Maya", zone="UTC", **gone)  # type: ignore[arg-type]
    await move(company, stage, await start_run(company, MAYA), 40)
    assert stage.slack.ledger == []
    async with company.db.tenant_session(company.business) as session:
        assert await messages.list_of_kind(session, "sync_progress") == []


async def test_before_the_books_are_read_the_installers_clock_counts(
    db: Database, business: UUID, clock: FrozenClock
) -> None:
    bare = Company(db, business, clock)
    await bare.staff()
    await install(bare)
    stage = Stage(db, business, clock)
    stage.slack.zone = "America/Denver"
    await greet(bare, stage)
    async with db.tenant_session(business) as session:
        assert (await get_business(session)).zone == "America/Denver"
        assert (await get_policy(session)).policy.digest.zone == "America/Denver"


async def test_the_books_know_better_than_the_installer_where_the_business_is(company: Company, stage: Stage) -> None:
    await install(company)
    stage.slack.zone = "America/Denver"
    await greet(company, stage)
    async with company.db.tenant_session(company.business) as session:
        assert (await get_business(session)).zone != "America/Denver"


async def test_the_welcome_asks_which_accounts_are_free_to_spend_until_somebody_chose(
    company: Company, stage: Stage
) -> None:
    await company.put((Entity.ACCOUNT, account("36", "Tax Savings", "Bank", 9_000)))
    await install(company)
    await greet(company, stage)
    [post] = stage.slack.of("chat.postMessage")
    assert "*Tax Savings* counts as cash. Is that money free to spend?" in post.text
    async with company.db.tenant_session(company.business) as session:
        settings = SettingsOrchestrator(session, company.clock)
        await settings.change_policy(caller(ADA), 0, PolicyChange(restricted_accounts=("36",)), source="modal")
    await stage.run()
    assert "Tax Savings" not in stage.slack.of("chat.update", f"D{ADA}")[-1].text
