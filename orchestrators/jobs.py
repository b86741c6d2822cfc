"""Work that an act of the desk makes necessary, written in the transaction of that act."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from kit.jobs import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw(Job):
    """Every copy of what speaks about the subject ("B-145", "Bill:145:MISSING_DUE_DATE", "paylist", "home")."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    subject: str

    @property
    def serial(self) -> str:
        return f"redraw:{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingReply:
    """A private reply that promises more: only its own click can reach it, so the job carries the way back.

    `sealed_url` is a response_url under our keys: whoever reads the row cannot answer in our name. A modal is reached
    by its id where there is none, or where it was older than the form. Slack forgets the address at `until`.
    """

    slack_user: str
    place: str  # how the card or list stood there (`bot.views.places`)
    until: datetime
    sealed_url: str | None = None
    view_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A job that is the act of one person, with the rights they have when it runs: who, and from which message."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    slack_user: str
    source: str
    reply: WaitingReply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadRecord(Job):
    """Ask QuickBooks for one record, then refresh the desk, redraw `subject` and tell who waits for it."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    kind: str
    qbo_id: str
    subject: str
    reply: WaitingReply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerResolve(Job):
    """Replace the reply to a *resolve* with what QuickBooks said. `failure`: why it could not be asked."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    key: str
    reply: WaitingReply
    failure: str | None = None

    @property
    def serial(self) -> str:
        """Behind the refreshing of the desk that was ordered before it: then the item has its verdict."""
        return "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAfterRead(Ordered, Job):
    """An approval that waits for a live reading of its bill and the balances."""

    bill_id: str
    version: str
    pay_on: date | None = None
    reason: str | None = None

    @property
    def serial(self) -> str:
        return f"bill:{self.bill_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBill:
    """One ticked line of a plan, as its person saw it."""

    ref: str
    version: str
    pay_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptPlan(Ordered, Job):
    """Approve many bills, each as by its own button; more than Slack's three seconds hold."""

    bills: tuple[PlannedBill, ...]

    @property
    def serial(self) -> str:
        return "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff(Ordered, Job):
    """Finalize the pay list that its person saw. `batch_id` makes it one hand-off, however often it is run."""

    version: str
    batch_id: UUID

    @property
    def serial(self) -> str:
        return "paylist"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTiers(Ordered, Job):
    """Take over these suggested tiers, by vendor id; what somebody answered meanwhile stays."""

    tiers: dict[str, int]

    @property
    def serial(self) -> str:
        return "tiers"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshDesk(Job):
    """After the mirror changed: settle issue states and decisions. `asked_at`: when QuickBooks was asked (ISO)."""

    asked_at: str

    @property
    def serial(self) -> str:
        return "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceDecision(Job):
    """Tell the people concerned about a decision's new phase; written with every transition."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    decision_id: UUID
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeDecision(Job):
    """An approved payment was not seen in the books in time."""

    decision_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncePolicy(Job):
    """Tell all owners what changed in the rules, and who changed it."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceAssignment(Job):
    """Tell a person that a tray item is theirs now."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    key: str
    slack_user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack(Job):
    """Stamp an approval into the bill's private note, once."""

    decision_id: UUID

    @property
    def serial(self) -> str:
        return f"note:{self.decision_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendHandoff(Job):
    """Give the person who handed off the file for whoever pays."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE
    batch_id: UUID
