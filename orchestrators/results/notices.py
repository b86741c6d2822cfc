"""What Runway says unasked: few, aggregated, edited rather than repeated."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.money import Money
from orchestrators.results.basis import Health
from orchestrators.results.console import BillCard, ReadOnly


class AlertKind(StrEnum):
    """In the order of urgency.

    RECONNECT        QuickBooks no longer lets us in
    NO_OWNER         nobody is an owner (any more): no bill can be approved
    SYNC_FAILED      three runs in a row failed; `detail` is the plain reason
    SYNC_STALLED     a run is under way for hours: QuickBooks does not answer it
    FLOOR_BREACH     the projection falls below the floor on `on`; `amount` is the lowest balance
    TROUGH           a tier-1 payment (`party`, `amount`) is planned on `on`, where the projection is below the floor
    STUCK            a proposal of bill `ref` waits for a yes that nobody can give
    OVERDUE          an approval waits for bill `ref`, past due since `on`
    MISMATCH         QuickBooks shows another amount or date than was approved for `ref`
    EXPIRED          the bill `ref` changed or was paid in QuickBooks before hand-off: the decision no longer stands
    NOT_SEEN         handed off, planned for `on`, not seen paid
    DIGEST_UNKNOWN   we do not know whether this week's digest was posted: "Post it now" (`ref` = run id)
    DIGEST_BROKEN    the digest channel is archived or closed to us
    DIGEST_SKIPPED   the digest was skipped; `detail` says why
    POLICY_CHANGED   `party` (a Slack id) changed the rules; `detail` names what, `ref` is the new version
    ROLE_CHANGED     `party` (a Slack id) gave this person the roles in `detail`
    LIMIT_CHANGED    `party` lets this person approve bills up to `amount` until `on`; neither: not any more
    TIER_CHANGED     `ref` (a Slack id) changed the tier that this person had given to vendor `party`, to `detail`
    ASSIGNED, DECIDED   an issue assigned (`ref`: its key), a bill decided, that could not be told singly that day
    """

    RECONNECT = "reconnect"
    NO_OWNER = "no_owner"
    SYNC_FAILED = "sync_failed"
    SYNC_STALLED = "sync_stalled"
    FLOOR_BREACH = "floor_breach"
    TROUGH = "trough"
    STUCK = "stuck"
    OVERDUE = "overdue"
    MISMATCH = "mismatch"
    EXPIRED = "expired"
    NOT_SEEN = "not_seen"
    DIGEST_UNKNOWN = "digest_unknown"
    DIGEST_BROKEN = "digest_broken"
    DIGEST_SKIPPED = "digest_skipped"
    POLICY_CHANGED = "policy_changed"
    ROLE_CHANGED = "role_changed"
    LIMIT_CHANGED = "limit_changed"
    TIER_CHANGED = "tier_changed"
    ASSIGNED = "assigned"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class AlertLine:
    """`over`: it is no longer so; the line stays in the day's message, struck."""

    kind: AlertKind
    subject: str
    ref: str | None = None
    party: str | None = None
    amount: Money | None = None
    on: date | None = None
    detail: str | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class AlertsResult:
    """One message per person and day. `snoozed_until`: the person asked for quiet (button "Snooze until tomorrow")."""

    day: date
    lines: tuple[AlertLine, ...]
    health: Health
    snoozed_until: date | None


@dataclass(frozen=True, slots=True)
class YourTurnResult:
    """One message per approver and day, edited as it moves.

    `confirm`: bills that wait for this person's second yes; `decide`: the top of the ready queue; `total` counts all
    that is ready. Bills that were decided since the message was posted stay in it with their state. `continued_on`: a
    later message, of that day, shows what is left out here. `may_approve` False: the limit or the role ended since.
    `read_only`: why nobody can decide anything now.
    """

    day: date
    person: str
    confirm: tuple[BillCard, ...]
    decide: tuple[BillCard, ...]
    total: int
    health: Health
    reminder: bool
    snoozed_until: date | None
    continued_on: date | None = None
    may_approve: bool = True
    read_only: ReadOnly | None = None


@dataclass(frozen=True, slots=True)
class DecisionNoticeResult:
    """Said once to those whom a decision concerns (who proposed it, who decided it); redrawn with the card."""

    card: BillCard
    to: str
