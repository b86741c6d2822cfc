"""What must be true of the desk beyond its decisions' steps: who saw what, who spoke, and where items stand."""

from domains.decisions import Phase
from domains.item_states import TRANSITIONS
from domains.policy import Policy

Question = tuple[str, str, str, dict[str, list[str]]]

ARROWS = sorted(f"{before}>{after}" for before, ends in TRANSITIONS.items() for after in ends)
APPROVED: list[str] = sorted({Phase.APPROVED, Phase.HANDED_OFF, Phase.VERIFIED, Phase.MISMATCH, Phase.STALE})

# Each row: name, promise, question, values; a question answers with one id per breach.
QUESTIONS: tuple[Question, ...] = (
    (
        "decision.newest",
        "nobody decided on a version of a bill older than the mirror knew at that moment",
        """
        SELECT d.id::text FROM decisions d JOIN transaction_log t
          ON t.entity = 'Bill' AND t.qbo_id = d.bill_id AND t.seq <= d.log_seq
        WHERE t.sync_token > d.record_token AND t.action <> 'deleted'
        """,
        {},
    ),
    (
        "voice.by_right",
        "every yes came from an owner, or from an advisor with a limit, at that moment",
        """
        SELECT v.decision_id::text FROM decision_voices v WHERE NOT EXISTS (
          SELECT FROM role_grants g WHERE g.slack_user = v.slack_user
            AND (g.role = 'owner' OR (g.role = 'advisor' AND v.own_limit IS NOT NULL))
            AND g.valid_from <= v.written_at AND (g.valid_to IS NULL OR v.written_at < g.valid_to))
        """,
        {},
    ),
    (
        "voice.two",
        "no amount above the second approver's limit was approved by one person",
        """
        SELECT d.id::text FROM decisions d LEFT JOIN policies p ON p.version = d.policy_version
        WHERE d.phase = ANY(:approved)
          AND (d.home_amount IS NULL
               OR d.home_amount > coalesce(p.body ->> 'second_approver_over', (CAST(:usual AS text[]))[1])::numeric)
          AND (SELECT count(*) FROM decision_voices v WHERE v.decision_id = d.id) < 2
        """,
        {"approved": APPROVED, "usual": [str(Policy().second_approver_over)]},
    ),
    (
        "item.steps",
        "tray items moved along allowed arrows, or were undone",
        """
        SELECT object_id || '#' || seq FROM audit_log
        WHERE object_type = 'item' AND action <> 'item.undone'
          AND NOT (body::jsonb -> 'before' ->> 'status') || '>' || (body::jsonb -> 'after' ->> 'status') = ANY(:arrows)
        """,
        {"arrows": ARROWS},
    ),
    (
        "item.audited",
        "every tray item stands where its last audit row says",
        """
        SELECT s.kind || ':' || s.qbo_id || ':' || s.code FROM item_states s
        WHERE s.status IS DISTINCT FROM coalesce((
          SELECT a.body::jsonb -> 'after' ->> 'status' FROM audit_log a WHERE a.object_type = 'item'
            AND a.object_id = s.kind || ':' || s.qbo_id || ':' || s.code ORDER BY a.seq DESC LIMIT 1), 'open')
        """,
        {},
    ),
)
