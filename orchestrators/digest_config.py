"""What one digest shows, to whom, and over which stretch of time. Caps touch the display, never the calculation."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from orchestrators.results.digest import Audience, Trigger, Variant

FOUR_WEEKS = timedelta(weeks=4)
EXPERIMENT = "testdrive-window"


class WindowKind(StrEnum):
    FULL_HISTORY = "full_history"
    LAST_4_WEEKS = "last_4_weeks"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The days from which trend, decisions and replay are told; both ends are included, and belong to CUSTOM alone."""

    kind: WindowKind
    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        dated = self.start is not None and self.end is not None
        if dated != (self.kind is WindowKind.CUSTOM) or (self.start is None) != (self.end is None):
            raise ValueError("a custom window has a start and an end, no other window has either")
        if self.start and self.end and self.start > self.end:
            raise ValueError("a window cannot end before it starts")

    @classmethod
    def custom(cls, start: date, end: date) -> "TimeWindow":
        return cls(WindowKind.CUSTOM, start, end)

    def bounds(self, today: date) -> tuple[date | None, date]:
        """First and last day; no first day for the full history."""
        if self.kind is WindowKind.LAST_4_WEEKS:
            return today - FOUR_WEEKS, today
        return self.start, min(self.end or today, today)

    def holds(self, day: date, today: date) -> bool:
        first, last = self.bounds(today)
        return (first is None or first <= day) and day <= last


FULL_HISTORY = TimeWindow(WindowKind.FULL_HISTORY)
LAST_4_WEEKS = TimeWindow(WindowKind.LAST_4_WEEKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestConfig:
    """`preview_mode`: nothing is stored or posted, and the heading says so.

    `priority_threshold`: decisions below that score are counted but not listed. `experiment_variant` is told to the
    experiment's log and decides nothing by itself.
    """

    trigger_type: Trigger
    time_window: TimeWindow
    preview_mode: bool
    show_actions: bool
    show_historical_trends: bool
    max_issues_shown: int
    priority_threshold: Decimal = Decimal(0)
    include_recommendations: bool = True
    experiment_variant: Variant | None = None
    audience: Audience = Audience.OWNER_DM

    def __post_init__(self) -> None:
        if self.max_issues_shown < 1:
            raise ValueError("a digest shows at least one issue")

    @classmethod
    def weekly(cls) -> "DigestConfig":
        return cls(
            trigger_type=Trigger.WEEKLY,
            time_window=FULL_HISTORY,
            preview_mode=False,
            show_actions=True,
            show_historical_trends=True,
            max_issues_shown=100,
            audience=Audience.TEAM_CHANNEL,
        )

    @classmethod
    def for_test_drive(cls, variant: str) -> "DigestConfig":
        """A tells the last four weeks, B the full history; whatever is neither is A."""
        chosen = Variant.B if variant == Variant.B else Variant.A
        window, issues = (FULL_HISTORY, 50) if chosen is Variant.B else (LAST_4_WEEKS, 20)
        return cls(
            trigger_type=Trigger.TEST_DRIVE,
            time_window=window,
            preview_mode=True,
            show_actions=False,
            show_historical_trends=True,
            max_issues_shown=issues,
            experiment_variant=chosen,
        )

    @classmethod
    def for_onboarding(cls) -> "DigestConfig":
        return cls(
            trigger_type=Trigger.ONBOARDING,
            time_window=LAST_4_WEEKS,
            preview_mode=True,
            show_actions=True,
            show_historical_trends=False,
            max_issues_shown=30,
        )

    def previewed(self) -> "DigestConfig":
        """The same digest, shown to one person and stored nowhere."""
        return replace(self, preview_mode=True, audience=Audience.OWNER_DM)

    def sent_to(self, audience: Audience) -> "DigestConfig":
        return replace(self, audience=audience)


def variant_of(business_id: UUID, experiment: str = EXPERIMENT) -> Variant:
    """Half of all businesses each, and always the same one for a business."""
    return Variant.B if sha256(f"{experiment}:{business_id}".encode()).digest()[0] & 1 else Variant.A
