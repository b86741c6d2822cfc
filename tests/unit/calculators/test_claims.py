"""A bill that happens to be about as large as the payroll does not stand for it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from calculators.flows import FlowKind
from tests.unit.calculators.books import bill, books, day, moved, projected

WAGES = tuple(
    replace(moved(f"w{n}", day(-14 * n), -900, category="w"), account_name="Payroll Expenses:Wages") for n in range(6)
)


@pytest.mark.parametrize(
    ("categories", "wages"),
    [
        (("Advertising",), [14, 28, 42, 56, 70, 84]),
        ((), [14, 28, 42, 56, 70, 84]),
        (("Supplies", "Payroll Expenses:Wages"), [28, 42, 56, 70, 84]),
    ],
    ids=["of another category", "of none", "wages that came as a bill"],
)
@pytest.mark.parametrize("vendor", ["agency", None])
def test_a_bill_takes_the_place_of_wages_only_when_it_is_for_wages(
    vendor: str | None, categories: tuple[str, ...], wages: list[int]
) -> None:
    one = replace(bill("b", 910, 14, vendor), vendor_name="Agency", account_names=categories)
    view = projected(books(50_000, bills=(one,), movements=WAGES)).committed
    assert [flow.on for flow in view.flows if flow.kind is FlowKind.RECURRING] == [day(offset) for offset in wages]
    assert view.curve.on(day(91)) == 50_000 - 910 - len(wages) * Decimal(900)
