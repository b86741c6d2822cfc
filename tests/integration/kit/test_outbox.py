"""The queue of record: written with the change, run once, fenced, fair, and never silently lost."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from kit import outbox
from kit.db import Database
from kit.errors import LeaseLost
from kit.jobs import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Chime(Job):
    note: str = "c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent(Job):
    lane = Lane.INTERACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned(Job):
    string: str

    @property
    def serial(self) -> str:
        return f"string:{self.string}"


@pytest.fixture(autouse=True)
async def empty(db: Database) -> None:
    async with db.system_session() as session:
        await session.execute(text("DELETE FROM outbox"))


async def put(db: Database, business: UUID, job: Job, key: str) -> bool:
    async with db.tenant_session(business) as session:
        return await outbox.enqueue(session, job, key=key)


async def take(
    db: Database, *, only: UUID | None = None, share: int = 8, lease: timedelta = outbox.LEASE
) -> outbox.Claim | None:
    async with db.system_session() as session:
        return await outbox.claim(session, only=only, share=share, lease=lease)


async def taken(db: Database, *, share: int = 8, lease: timedelta = outbox.LEASE) -> outbox.Claim:
    claim = await take(db, share=share, lease=lease)
    assert claim is not None
    return claim


async def test_a_job_is_gone_with_the_change_that_is_rolled_back(db: Database, business: UUID) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        async with db.tenant_session(business) as session:
            await outbox.enqueue(session, Chime(), key="a")
            raise RuntimeError("power cut")
    assert await take(db) is None


async def test_the_same_key_makes_one_row(db: Database, business: UUID) -> None:
    made = [await put(db, business, Chime(), "a") for _ in range(3)]
    assert made == [True, False, False]


async def test_two_tenants_may_use_the_same_key(db: Database, business: UUID, other_business: UUID) -> None:
    assert await put(db, business, Chime(), "a")
    assert await put(db, other_business, Chime(), "a")


async def test_one_of_many_racing_workers_gets_the_row(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    claims = await asyncio.gather(*(take(db) for _ in range(8)))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_person_who_waits_goes_before_background_work(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    await put(db, business, Urgent(), "b")
    assert (await taken(db)).kind == "Urgent"


async def test_jobs_of_one_serial_key_run_one_at_a_time_in_order(db: Database, business: UUID) -> None:
    for key in ("1", "2"):
        await put(db, business, Tuned(string="g"), key)
    await put(db, business, Tuned(string="d"), "3")
    first, other = await taken(db), await taken(db)
    assert [first.payload, other.payload] == [{"string": "g"}, {"string": "d"}]
    assert await take(db) is None
    async with db.system_session() as session:
        await outbox.finish(session, first)
    assert (await taken(db)).payload == {"string": "g"}


async def test_a_lapsed_lease_is_taken_over_and_the_late_worker_is_fenced(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    late = await taken(db, lease=timedelta(seconds=-1))
    heir = await taken(db)
    assert heir.attempts == 2
    with pytest.raises(LeaseLost):
        async with db.tenant_session(business) as session:
            await outbox.hold(session, late)
    with pytest.raises(LeaseLost):
        async with db.system_session() as session:
            await outbox.finish(session, late)
    async with db.tenant_session(business) as session:
        await outbox.hold(session, heir)


async def test_rows_that_lost_their_process_again_and_again_do_not_come_back_all_at_once(
    db: Database, business: UUID
) -> None:
    for number in range(40):
        await put(db, business, Chime(), str(number))
    lost = "UPDATE outbox SET attempts = 4, lease_token = gen_random_uuid(), lease_until = now() - interval ':ago ms'"
    found = []
    for ago in ("1500", "1500", "3000"):
        async with db.system_session() as session:
            await session.execute(text(f"{lost.replace(':ago', ago)} WHERE attempts <> 5"))
        while await take(db, share=100) is not None:
            pass
        async with db.system_session() as session:
            found.append((await session.execute(text("SELECT count(*) FROM outbox WHERE attempts = 5"))).scalar_one())
    assert 0 < found[0] == found[1] < 40, "each at a moment of its own, always the same"
    assert found[2] == 40


async def test_nobody_takes_a_row_over_while_its_holder_writes(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    mine = await taken(db, lease=timedelta(milliseconds=200))
    async with db.tenant_session(business) as session:
        await outbox.hold(session, mine)
        await session.execute(text("SELECT pg_sleep(0.3)"))
        assert await take(db) is None
    assert await take(db) is not None


async def test_waiting_for_a_vendor_burns_no_attempt_but_a_crash_does(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    for burned, attempts in ((False, 1), (True, 1), (False, 2)):
        claim = await taken(db)
        assert claim.attempts == attempts
        async with db.system_session() as session:
            await outbox.release(session, claim, delay=0, error="test", burned=burned)


async def test_a_buried_row_stays_visible_and_can_be_revived(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    claim = await taken(db)
    async with db.system_session() as session:
        await outbox.bury(session, claim, error="poison")
    assert await take(db) is None
    async with db.system_session() as session:
        [dead] = await outbox.list_unfinished(session, dead=True)
        assert (dead.id, dead.last_error) == (claim.id, "poison")
        assert await outbox.revive(session, claim.id)
    assert (await taken(db)).attempts == 1


async def test_one_business_cannot_hold_all_the_workers(db: Database, business: UUID, other_business: UUID) -> None:
    for number in range(3):
        await put(db, business, Chime(), str(number))
    await put(db, other_business, Chime(), "x")
    holders = [(await taken(db, share=2)).business_id for _ in range(3)]
    assert holders.count(business) == 2
    assert holders.count(other_business) == 1


async def test_two_workers_never_hold_one_serial_key_even_where_the_claim_would_let_them(
    db: Database, business: UUID
) -> None:
    """The claim asks for the oldest row of a key; the unique index stands behind it, whatever the claim believes."""
    await put(db, business, Tuned(string="g"), "1")
    assert (await taken(db)).kind == "Tuned"
    await put(db, business, Tuned(string="g"), "2")
    async with db.system_session() as session:  # the first row seems to have been written later than the second
        await session.execute(text("UPDATE outbox SET created_at = now() + interval '1 h' WHERE dedupe_key = '1'"))
    assert await take(db) is None


async def test_a_lease_that_is_renewed_outlives_its_first_term(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    mine = await taken(db, lease=timedelta(milliseconds=50))
    async with db.system_session() as session:
        await outbox.renew(session, mine)
    assert await take(db) is None


async def test_a_row_that_waited_a_day_says_so_to_whoever_claims_it(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    assert not (await taken(db, lease=timedelta(seconds=-1))).overdue
    async with db.system_session() as session:
        await session.execute(text("UPDATE outbox SET created_at = now() - interval '25 hours'"))
    assert (await taken(db)).overdue


async def test_a_delayed_row_is_not_due_before_its_time(db: Database, business: UUID) -> None:
    async with db.tenant_session(business) as session:
        await outbox.enqueue(session, Chime(), key="a", delay=timedelta(hours=1))
    assert await take(db) is None


async def test_only_what_was_given_up_can_be_revived(db: Database, business: UUID) -> None:
    await put(db, business, Chime(), "a")
    claim = await taken(db)
    async with db.system_session() as session:
        assert not await outbox.revive(session, claim.id)


async def test_the_oldest_due_row_tells_how_long_work_waits(db: Database, business: UUID) -> None:
    async with db.system_session() as session:
        assert await outbox.oldest_due_age(session) == 0
        assert await outbox.count_dead(session) == 0
    await put(db, business, Chime(), "a")
    async with db.system_session() as session:
        await session.execute(text("UPDATE outbox SET not_before = now() - interval '90 s'"))
        assert 90 <= await outbox.oldest_due_age(session) < 100
        await session.execute(text("UPDATE outbox SET dead_at = now()"))
        assert await outbox.oldest_due_age(session) == 0
        assert await outbox.count_dead(session) == 1
        assert abs((await outbox.database_now(session)) - datetime.now(UTC)) < timedelta(minutes=1)


async def test_work_done_long_ago_is_forgotten_but_for_the_keys_that_stay(db: Database, business: UUID) -> None:
    for key in ("old", "decision:1:approved:", "young", "waiting"):
        await put(db, business, Chime(), key)
    ages = {"old": 91, "decision:1:approved:": 91, "young": 89}
    async with db.system_session() as session:
        for key, days in ages.items():
            old = "UPDATE outbox SET done_at = now() - make_interval(days => :days) WHERE dedupe_key = :key"
            await session.execute(text(old), {"key": key, "days": days})
        assert await outbox.forget_done(session, older_than=timedelta(days=90), but="decision:") == 1
    assert [await put(db, business, Chime(), key) for key in ("old", *ages, "waiting")][:2] == [True, False]


async def test_a_hint_names_only_rows_that_are_really_there(db: Database, business: UUID) -> None:
    assert await take(db, only=business) is None
