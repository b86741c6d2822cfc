"""The moment, the books' health and the names that all samples share."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import repeat

from bot.views.scene import Scene
from domains.freshness import Freshness, Group, GroupFreshness
from domains.issues.catalogue import RecordKind
from kit.money import Money
from orchestrators.results.basis import Health, Link, Page, RecordRef

NOW = datetime(2026, 11, 21, 20, 42, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SCENE = Scene(now=NOW, zone="America/New_York", books="https://app.qbo.intuit.com")
OWNER, ADVISOR, MEMBER = "U0MAYA", "U0NOOR", "U0SAM"

Names = Iterator[str]
Name = Callable[[], str]


def benign() -> Names:
    return repeat("Acme Supply")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def day(number: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=number)


def bill_ref(number: int) -> RecordRef:
    return RecordRef(RecordKind.BILL, str(number), f"B-{number}")


def invoice_ref(number: int) -> RecordRef:
    return RecordRef(RecordKind.INVOICE, str(number), f"I-{number}")


def health(
    *, link: Link = Link.CONNECTED, state: Freshness = Freshness.FRESH, failed: bool = False, syncing: bool = False
) -> Health:
    synced = None if state is Freshness.NEVER else NOW - timedelta(hours=2 if state is Freshness.FRESH else 60)
    lines = tuple(GroupFreshness(group, state, synced) for group in Group)
    return Health(
        link=link,
        freshness=lines,
        syncing=syncing,
        last_run_failed=failed,
        currency="USD",
        zone="America/New_York",
        today=TODAY,
        now=NOW,
    )


def page(total: int, number: int = 1) -> Page:
    return Page(number=number, pages=max(1, -(-total // 5)), total=total)
