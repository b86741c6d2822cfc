"""Each invariant is seen to bite: a breach planted behind every guard is named, and nothing else is."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domains.audit import Entry, record
from domains.invariants import AUDIT, INVARIANTS, list_breaches
from kit.clock import FrozenClock
from kit.db import ENTER, TENANT_ROLE, Database, TenantSession, new_engine

DECISION = """
INSERT INTO decisions (business_id, id, bill_id, phase, digest, record_token, log_seq, judged, amount, home_amount,
  currency, policy_version, created_by, created_at, changed_by, changed_at)
VALUES (:business, '{id}', '{bill}', '{phase}', 'd', 1, {seen}, '{{}}', {amount}, {amount}, 'USD', 1, 'U1', now(),
  'U1', now())
"""
SAID = """
INSERT INTO audit_log (business_id, seq, at, actor, action, object_type, object_id, body, prev, hash)
SELECT :business, {seq}, now(), '{actor}', 'decision.{phase}', 'decision', '{id}',
  '{{"after": {{"phase": "{phase}"}}}}', '\\x00', '\\x00'
"""
TOLD = """
INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, done_at)
VALUES (:business, gen_random_uuid(), 0, 'AnnounceDecision', '{{}}', 'decision:{id}:{phase}:', now())
"""
GRANT = """
INSERT INTO role_grants (business_id, id, slack_user, role, granted_by)
VALUES (:business, gen_random_uuid(), 'U1', 'owner', 'U1')
"""
VOICE = """
INSERT INTO decision_voices (business_id, decision_id, slack_user, at) VALUES (:business, '{id}', 'U1', now())
"""
RECORD = """
INSERT INTO records (business_id, entity, qbo_id, sync_token, last_updated, as_of, last_synced, digest, active,
  document)
VALUES (:business, 'Bill', '1', 0, now(), now(), now(), '\\x01', true, '{}')
"""
ITEM = """
INSERT INTO item_states (business_id, kind, qbo_id, code, status, judged, changed_by, changed_at, opened_at)
VALUES (:business, 'Bill', '1', 'MISSING_DUE_DATE', 'snoozed', 'x', 'U1', now(), now())
"""
MOVED = """
INSERT INTO audit_log (business_id, seq, at, actor, action, object_type, object_id, body, prev, hash)
SELECT :business, 1, now(), 'U1', 'item.moved', 'item', 'Bill:1:MISSING_DUE_DATE',
  '{{"before": {{"status": "{before}"}}, "after": {{"status": "{after}"}}}}', '\\x00', '\\x00'
"""
LOGGED = """
INSERT INTO transaction_log (business_id, entity, qbo_id, action, sync_token, after, source, actor)
VALUES (:business, 'Bill', '1', 'created', 0, '\\x{after}', 'full', 'runway')
"""
POSTING = """
INSERT INTO postings (business_id, entity, qbo_id, leg, txn_date, account_id, amount, home_amount, settles)
VALUES (:business, 'Bill', '2', 0, '2026-11-20', '1', 10, 10, false)
"""
WORKSPACE = """
INSERT INTO workspaces (business_id, enterprise_id, team_id, team_name, app_id, bot_id, bot_user_id, scopes,
  bot_token, installed_by, installed_at, dead)
VALUES (:business, '', 'T0', 'x', 'A', 'B', 'U', '', '{token}', 'U1', now(), {dead})
"""
CONNECTION = """
INSERT INTO qbo_connections (business_id, realm_id, status, access_token, connected_by, connected_at)
VALUES (:business, 'r', '{status}', '{token}', 'U1', now())
"""
WORK = """
INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, done_at, dead_at, lease_token)
VALUES (:business, gen_random_uuid(), 0, 'Chime', '{{}}', 'k', {done}, {dead}, {token})
"""
POSTED = """
INSERT INTO digest_runs (business_id, id, kind, period, state, due_at, asked_by, channel)
VALUES (:business, gen_random_uuid(), 'weekly', '2026-W47', 'posted', now(), 'runway', 'C1')
"""
ONE, TWO = uuid4(), uuid4()


def decided(phase: str, *before: str, id_: UUID = ONE, seen: int = 1_000_000_000, amount: int = 10) -> list[str]:
    """A decision with everything that belongs to it."""
    path = (*before, phase)
    said = [SAID.format(seq=number, actor="U1", phase=one, id=id_) for number, one in enumerate(path, start=1)]
    told = [TOLD.format(id=id_, phase=phase)]
    return [
        GRANT,
        DECISION.format(id=id_, bill="1", phase=phase, seen=seen, amount=amount),
        *said,
        *told,
        VOICE.format(id=id_),
    ]


SOUND = {
    "a proposal": decided("proposed"),
    "an approval": decided("approved"),
    "an approval of what was proposed": decided("approved", "proposed", "proposed"),
    "a record": [RECORD, LOGGED.format(after="01")],
    "a tombstone": [
        RECORD,
        LOGGED.format(after="01"),
        "UPDATE records SET deleted_at = now() WHERE business_id = :business",
        LOGGED.format(after="01").replace("'\\x01', 'full'", "NULL, 'full'"),
    ],
    "sealed tokens": [
        WORKSPACE.format(token="v1.k.a.b-_", dead="false"),
        CONNECTION.format(status="connected", token="v1.k.a.b"),
    ],
    "an item that was snoozed": [ITEM, MOVED.format(before="open", after="snoozed")],
    "work that is done": [WORK.format(done="now()", dead="NULL", token="NULL")],
    "work under way": [WORK.format(done="NULL", dead="NULL", token="gen_random_uuid()")],
}
UNINDEXED = "DROP INDEX uq_decisions_live_bill"
BREACHES = {
    "decision.audited": [part for part in decided("approved") if "audit_log" not in part],
    "decision.announced": [part for part in decided("approved") if "outbox" not in part],
    "decision.newest": [*decided("approved"), RECORD, LOGGED.format(after="01").replace(", 0,", ", 9,")],
    "voice.two": decided("approved", amount=10_000_000),
    "item.steps": [ITEM, MOVED.format(before="auto_resolved", after="snoozed")],
    "item.audited": [ITEM],
    "decision.single": [
        UNINDEXED,
        *decided("approved"),
        *(part for part in decided("held", id_=TWO) if "role_grants" not in part and "audit_log" not in part),
        SAID.format(seq=9, actor="U1", phase="held", id=TWO),
    ],
    "decision.steps": decided("approved", "cancelled"),
    "voice.by_right": [*decided("approved"), "UPDATE role_grants SET valid_to = valid_from WHERE slack_user = 'U1'"],
    "decision.voiced": [part for part in decided("approved") if "voices" not in part],
    "decision.handed_off": decided("handed_off", "approved"),
    "mirror.logged": [RECORD, LOGGED.format(after="02")],
    "mirror.postings": [POSTING],
    "secrets.sealed": [WORKSPACE.format(token="xoxb-1", dead="false")],
    "secrets.wiped": [CONNECTION.format(status="disconnected", token="v1.k.a.b")],
    "outbox.settled": [WORK.format(done="now()", dead="NULL", token="gen_random_uuid()")],
    "digest.placed": [POSTED],
}
ALSO = {
    "decision.by_right": [part for part in decided("approved") if "role_grants" not in part],
    "decision.steps": ['UPDATE audit_log SET body = \'{"after": {"phase": "verified"}}\' WHERE seq = 1'],
    "mirror.logged": [RECORD],
    "secrets.sealed": [CONNECTION.format(status="connected", token="v1.k.a.b eyJ0")],
    "secrets.wiped": [WORKSPACE.format(token="v1.k.a.b", dead="true")],
    "outbox.settled": [WORK.format(done="now()", dead="now()", token="NULL")],
}


@pytest.fixture(scope="module")
async def superuser(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Whom no policy and no trigger stops."""
    engine = new_engine(database_url.replace("runway_owner@", "postgres@"), pool_size=1)
    yield engine
    await engine.dispose()


async def breaches(engine: AsyncEngine, business: UUID, plants: list[str]) -> list[str]:
    """What is named after these statements; all of it is rolled back."""
    async with engine.connect() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = 'replica'"))
        for plant in plants:
            values = {"business": business} if ":business" in plant else {}
            await connection.execute(text(plant), values)
        await connection.execute(ENTER, {"role": TENANT_ROLE, "business": str(business)})
        session = TenantSession(connection, info={"business_id": business})
        found = [breach.name for breach in await list_breaches(session)]
        await connection.rollback()
    return [name for name in found if name != AUDIT[0]]  # the planted rows are no chain


@pytest.mark.parametrize("case", SOUND)
async def test_what_is_well_is_not_named(case: str, superuser: AsyncEngine, business: UUID) -> None:
    assert await breaches(superuser, business, SOUND[case]) == []


@pytest.mark.parametrize("name", BREACHES)
async def test_a_planted_breach_is_named_alone(name: str, superuser: AsyncEngine, business: UUID) -> None:
    assert await breaches(superuser, business, BREACHES[name]) == [name]


@pytest.mark.parametrize("name", ALSO)
async def test_the_other_way_to_break_it_is_named_too(name: str, superuser: AsyncEngine, business: UUID) -> None:
    before = decided("approved") if name == "decision.steps" else []
    assert name in await breaches(superuser, business, [*before, *ALSO[name]])


def test_every_invariant_was_seen_to_bite() -> None:
    assert {invariant.name for invariant in INVARIANTS} == BREACHES.keys() | ALSO.keys()


async def test_a_breach_of_one_business_is_not_blamed_on_another(
    superuser: AsyncEngine, business: UUID, other_business: UUID
) -> None:
    async with superuser.connect() as connection:
        await connection.execute(text(POSTED), {"business": other_business})
        await connection.execute(ENTER, {"role": TENANT_ROLE, "business": str(business)})
        session = TenantSession(connection, info={"business_id": business})
        assert await list_breaches(session) == []


async def test_a_history_that_was_changed_is_a_breach(
    db: Database, superuser: AsyncEngine, business: UUID, clock: FrozenClock
) -> None:
    async with db.tenant_session(business) as session:
        await record(session, Entry(actor="U1", action="x", object_type="y", object_id="z"), clock=clock)
    async with superuser.connect() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = 'replica'"))
        await connection.execute(text("UPDATE audit_log SET actor = 'U2' WHERE business_id = :b"), {"b": business})
        await connection.execute(ENTER, {"role": TENANT_ROLE, "business": str(business)})
        [breach] = await list_breaches(TenantSession(connection, info={"business_id": business}))
    assert (breach.name, breach.rows) == (AUDIT[0], ("1",))
