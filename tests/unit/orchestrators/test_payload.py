"""A stored result comes back as the very same value, and never as something else."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from calculators.runway import Status
from domains.freshness import Freshness, Group, GroupFreshness
from kit.money import Money
from orchestrators.payload import NotReadable, dump, load
from orchestrators.results.basis import Condition, Health, Link, Unknown
from orchestrators.results.headline import CashLine, DeskCounts, HeadlineResult

USD = Money(Decimal("12.30"), "USD")


def headline(cash: CashLine | Condition) -> HeadlineResult:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    health = Health(
        link=Link.CONNECTED,
        freshness=(GroupFreshness(Group.BILLS, Freshness.FRESH, at),),
        syncing=False,
        last_run_failed=False,
        currency="USD",
        zone="UTC",
        today=date(2026, 11, 23),
        now=at,
    )
    missing = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=3, days_needed=28)
    return HeadlineResult(health, Status.UNKNOWN, cash, missing, missing, DeskCounts(*[1] * 9), None)


@pytest.mark.parametrize("cash", [CashLine(*[USD] * 7), Condition(Unknown.MISSING_RATE, "EUR")])
def test_a_figure_and_the_reason_for_its_absence_are_told_apart(cash: CashLine | Condition) -> None:
    wire = msgspec.json.decode(msgspec.json.encode(dump(headline(cash))))
    assert load(wire, HeadlineResult) == headline(cash)


@dataclass(frozen=True, slots=True)
class Small:
    name: str
    number: int = 7
    ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Grown:
    name: str
    number: int
    added: str


def test_a_field_that_an_older_payload_lacks_takes_its_default() -> None:
    assert load({"is": "Small", "name": "a"}, Small) == Small("a")


def test_a_field_of_another_version_is_dropped() -> None:
    assert load({"is": "Small", "name": "a", "gone": 1}, Small) == Small("a")


def test_a_payload_that_lacks_what_cannot_be_guessed_is_not_readable() -> None:
    with pytest.raises(NotReadable):
        load({"is": "Grown", "name": "a", "number": 1}, Grown)


def test_sets_of_ids_survive() -> None:
    small = Small("a", 1, frozenset({UUID(int=1), UUID(int=2)}))
    assert load(dump(small), Small) == small


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"is": "Other"}, Small),
        ("text", Small),
        ("1.0.0", Decimal),
        ("nowhere", Unknown),
        (1, str),
        ("one", int),
        ({"is": "Other"}, Small | Condition),
    ],
)
def test_what_is_not_of_the_kind_is_refused(data: object, kind: object) -> None:
    with pytest.raises(NotReadable):
        load(data, kind)


@pytest.mark.parametrize("value", [1.5, object(), {"a": 1}, [1]])
def test_a_result_holds_no_floats_and_no_rows(value: object) -> None:
    with pytest.raises(TypeError):
        dump(value)
