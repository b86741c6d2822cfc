"""What must be true of every business's rows at any quiet moment, as questions whose every answer row is a breach.

Asked by tests after each fault, by `runway doctor`, and by the scheduler. Answers are ids, never contents.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, text

from domains.audit import verify_chain
from domains.decisions import AWAITING_PAYMENT, FIRST, LIVE, TRANSITIONS, Phase
from domains.desk_invariants import QUESTIONS
from domains.people import ALLOWED, Act
from kit.db import TenantSession


@dataclass(frozen=True, slots=True)
class Invariant:
    """`sql` answers with one id per breach, within one business; parameters are of our own making."""

    name: str
    promise: str
    sql: str
    values: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Breach:
    """`rows` are the ids where it does not hold."""

    name: str
    promise: str
    rows: tuple[str, ...]


def _must(name: str, promise: str, sql: str, **values: list[str]) -> Invariant:
    return Invariant(name, promise, sql, values)


ARROWS = [f"{start}>{end}" for start, ends in TRANSITIONS.items() for end in ends]
PAID_FOR: list[str] = sorted(AWAITING_PAYMENT | {Phase.VERIFIED, Phase.MISMATCH})
DECISIONS = (
    _must(
        "decision.audited",
        "every decision stands in the audit log as it stands in its row",
        """
        SELECT d.id::text FROM decisions d WHERE d.phase IS DISTINCT FROM (
          SELECT body::jsonb -> 'after' ->> 'phase' FROM audit_log a
          WHERE a.object_type = 'decision' AND a.object_id = d.id::text ORDER BY seq DESC LIMIT 1)
        """,
    ),
    # Lines that are handed off are told together: the list that is drawn again and its file are for everybody.
    _must(
        "decision.announced",
        "every decision of a person left work to tell the others",
        """
        SELECT d.id::text FROM decisions d WHERE d.phase = ANY(:told) AND NOT EXISTS (
          SELECT FROM outbox o WHERE o.dedupe_key LIKE 'decision:' || d.id || ':' || d.phase || ':%')
        """,
        told=sorted(FIRST | {Phase.CANCELLED}),
    ),
    _must(
        "decision.single",
        "a bill has at most one live decision",
        "SELECT bill_id FROM decisions WHERE phase = ANY(:live) GROUP BY bill_id HAVING count(*) > 1",
        live=sorted(LIVE),
    ),
    # "Seconded" and failed hand-offs change facts and move nothing.
    _must(
        "decision.steps",
        "decisions move only along the allowed arrows",
        """
        SELECT object_id || '#' || seq FROM (
          SELECT object_id, seq, body::jsonb -> 'after' ->> 'phase' AS phase,
            lag(body::jsonb -> 'after' ->> 'phase') OVER (PARTITION BY object_id ORDER BY seq) AS before
          FROM audit_log WHERE object_type = 'decision' AND body::jsonb -> 'after' ->> 'phase' IS NOT NULL) step
        WHERE before IS DISTINCT FROM phase AND CASE WHEN before IS NULL THEN NOT phase = ANY(:first)
          ELSE NOT before || '>' || phase = ANY(:arrows) END
        """,
        first=sorted(FIRST),
        arrows=ARROWS,
    ),
    # Held against all grants ever made, not those of the moment: a demo's clock is not the database's.
    _must(
        "decision.by_right",
        "whoever approved or rejected held a role that may",
        """
        SELECT DISTINCT object_id FROM audit_log a WHERE object_type = 'decision' AND action = ANY(:acts)
          AND NOT EXISTS (SELECT FROM role_grants g WHERE g.slack_user = a.actor AND g.role = ANY(:roles))
        """,
        acts=["decision.approved", "decision.rejected", "decision.seconded", "decision.handed_off"],
        roles=sorted(ALLOWED[Act.APPROVE]),
    ),
    _must(
        "decision.voiced",
        "what is approved has the yes of a person",
        """
        SELECT d.id::text FROM decisions d WHERE d.phase = ANY(:approved)
          AND NOT EXISTS (SELECT FROM decision_voices v WHERE v.decision_id = d.id)
        """,
        approved=[Phase.APPROVED, *PAID_FOR],
    ),
    _must(
        "decision.handed_off",
        "what was handed off stands in a hand-off",
        """
        SELECT d.id::text FROM decisions d WHERE d.phase = ANY(:gone)
          AND NOT EXISTS (SELECT FROM handoffs h WHERE h.id = d.batch_id)
        """,
        gone=PAID_FOR,
    ),
)
MIRROR = (
    _must(
        "mirror.logged",
        "the transaction log's last word on a record is the record",
        """
        SELECT r.entity || ':' || r.qbo_id FROM records r LEFT JOIN LATERAL (
          SELECT after FROM transaction_log t
          WHERE t.business_id = r.business_id AND t.entity = r.entity AND t.qbo_id = r.qbo_id
          ORDER BY seq DESC LIMIT 1) said ON true
        WHERE said.after IS DISTINCT FROM CASE WHEN r.deleted_at IS NULL THEN r.digest END
        """,
    ),
    _must(
        "mirror.postings",
        "postings belong to records that stand",
        """
        SELECT DISTINCT p.entity || ':' || p.qbo_id FROM postings p WHERE NOT EXISTS (
          SELECT FROM records r WHERE r.business_id = p.business_id AND r.entity = p.entity AND r.qbo_id = p.qbo_id
            AND r.deleted_at IS NULL)
        """,
    ),
)
SECRETS = (
    _must(
        "secrets.sealed",
        "no token is stored in clear",
        """
        SELECT 'workspaces' FROM workspaces
        WHERE NOT concat_ws(' ', bot_token, refresh_token) ~ '^(v[0-9]+[.][^ ]+ ?)*$'
        UNION ALL SELECT 'qbo_connections' FROM qbo_connections
        WHERE NOT concat_ws(' ', access_token, refresh_token, previous_refresh_token) ~ '^(v[0-9]+[.][^ ]+ ?)*$'
        """,
    ),
    _must(
        "secrets.wiped",
        "who left has no tokens here",
        """
        SELECT 'workspaces' FROM workspaces WHERE dead AND coalesce(bot_token, refresh_token) IS NOT NULL
        UNION ALL SELECT 'qbo_connections' FROM qbo_connections WHERE status = 'disconnected'
          AND coalesce(access_token, refresh_token, previous_refresh_token) IS NOT NULL
        """,
    ),
)
REST = (
    _must(
        "outbox.settled",
        "finished work is held by nobody",
        """
        SELECT id::text FROM outbox
        WHERE (done_at IS NOT NULL AND dead_at IS NOT NULL) OR (coalesce(done_at, dead_at) IS NOT NULL
          AND lease_token IS NOT NULL)
        """,
    ),
    _must(
        "digest.placed",
        "a posted digest knows where it stands",
        "SELECT id::text FROM digest_runs WHERE state = 'posted' AND (channel IS NULL OR ts IS NULL)",
    ),
)
DESK = tuple(_must(name, promise, sql, **values) for name, promise, sql, values in QUESTIONS)
INVARIANTS = (*DECISIONS, *DESK, *MIRROR, *SECRETS, *REST)
AUDIT = ("audit.intact", "nothing in the audit log was edited, removed or reordered")


async def list_breaches(session: TenantSession) -> list[Breach]:
    """Of the session's business; empty when all is well."""
    found = [await _ask(session, invariant) for invariant in INVARIANTS]
    broken = await verify_chain(session)
    audit = None if broken is None else Breach(*AUDIT, (str(broken),))
    return [breach for breach in (*found, audit) if breach is not None]


async def _ask(session: TenantSession, invariant: Invariant) -> Breach | None:
    question = text(invariant.sql).bindparams(*(bindparam(name, value) for name, value in invariant.values.items()))
    rows = tuple((await session.execute(question)).scalars())
    return Breach(invariant.name, invariant.promise, rows) if rows else None
