"""The first steps, taken from facts; the first sync as it moves; the test drive."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from calculators.runway import Status
from kit.money import Money
from orchestrators.results.basis import Condition
from orchestrators.results.digest import DigestResult, Variant
from orchestrators.results.headline import RunwayLine


class Step(StrEnum):
    """In the order in which they are taken."""

    WORKSPACE_BOUND = "workspace_bound"
    BOOKS_CONNECTED = "books_connected"
    FIRST_SYNC = "first_sync"
    DIGEST_CONFIGURED = "digest_configured"
    FIRST_TRAY_ITEM = "first_tray_item"


@dataclass(frozen=True, slots=True)
class StepLine:
    """`done_at` None: still to do. A step that was true once stays done."""

    step: Step
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnboardingResult:
    """`next_step` None: all five are done. `installer` is the Slack id that the welcome message speaks to.

    `spoken_for`: accounts that count as cash though their names say otherwise, until somebody chose.
    """

    business_name: str
    installer: str
    steps: tuple[StepLine, ...]
    next_step: Step | None
    digest_hour: datetime | None
    spoken_for: tuple[str, ...] = ()


class SyncState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EntityProgress:
    """`expected` None: not counted yet."""

    entity: str
    done: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class SyncProgressResult:
    """One run as it moves. `reason` is the failure in plain words, `reference` what support needs."""

    run_id: str
    kind: str
    state: SyncState
    first: bool
    entities: tuple[EntityProgress, ...]
    done: int
    expected: int
    requests: int
    started_at: datetime
    finished_at: datetime | None
    reason: str | None
    reference: str | None
    zone: str
    linked: bool = True  # else nothing is tried again before somebody connects


@dataclass(frozen=True, slots=True)
class ReplayWeek:
    """What one past week's digest would have said, from rows dated up to `on` alone.

    `cash` is today's bank balance minus the net postings since; a Condition where the books cannot be replayed.
    `other` is what moved for owners, loans and savings, net: with the week before, the three add up to `cash`.
    """

    on: date
    cash: Money | Condition
    runway: RunwayLine | Condition
    status: Status
    received: Money
    paid: Money
    other: Money
    largest_payment: Money | None
    largest_payee: str | None


@dataclass(frozen=True, slots=True)
class TestDriveResult:
    """`fictional`: a made-up company, because this business has no books yet; say so in the first line."""

    __test__ = False

    digest: DigestResult
    variant: Variant
    fictional: bool
    weeks: tuple[ReplayWeek, ...]
    unexplained: tuple[str, ...]
