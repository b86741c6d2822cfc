"""Forecast, the rows behind a figure, pay list."""

from decimal import Decimal
from typing import Any

from domains.decisions import Phase
from orchestrators.results.console import Voice
from orchestrators.results.forecast import Assumption, Figure, ForecastResult, Mark, Outlook, Point, WhyResult, WhyRow
from orchestrators.results.paylist import HandOffResult, PaylistAct, PaylistLine, PaylistResult
from tests.unit.views.samples.base import ADVISOR, NOW, OWNER, Names, bill_ref, day, health, page, usd
from tests.unit.views.samples.desk import CASH, LOW, RUNWAY

MARKS = (Figure.END_OF_WEEK, Figure.IN_2_WEEKS, Figure.IN_4_WEEKS, Figure.IN_8_WEEKS, Figure.IN_13_WEEKS)


def outlook(names: Names) -> Outlook:
    points = tuple(
        Point(day(at), *(usd(str(45000 - daily * at)) for daily in (250, 300, 400, 200))) for at in range(92)
    )
    marks = tuple(
        Mark(figure, day(14 * at), usd("39000"), usd("40000"), usd("36000"), usd("44000"), usd("7000"), usd("12000"))
        for at, figure in enumerate(MARKS)
    )
    assumptions = tuple(
        Assumption(f"{next(names)} pays 12 days after the due date.", usd("9000"), ("I-130", next(names)))
        for _ in range(5)
    )
    return Outlook(points, marks, LOW, assumptions)


def forecast(names: Names, **changes: Any) -> ForecastResult:
    facts: dict[str, Any] = {
        "health": health(),
        "cash": CASH,
        "runway": RUNWAY,
        "outlook": outlook(names),
        "figures": tuple(Figure),
    }
    return ForecastResult(**(facts | changes))


def why(names: Names, figure: Figure = Figure.OPEN_BILLS, **changes: Any) -> WhyResult:
    rows = tuple(WhyRow(next(names), day(-at), usd("1250"), bill_ref(at)) for at in range(1, 9))
    explaining = WhyRow(f"Rule for {next(names)}", None, None, None)
    facts: dict[str, Any] = {
        "figure": figure,
        "total": usd("10000"),
        "number": None,
        "rule": "The open balance of every bill that is neither deleted nor voided.",
        "as_of": day(0),
        "synced_at": NOW,
        "rows": (*rows, explaining),
        "page": page(23, 2),
        "unknown": None,
    }
    return WhyResult(**(facts | changes))


def why_runway(names: Names) -> WhyResult:
    return why(names, Figure.RUNWAY_WITHOUT_RECEIPTS, total=None, number=Decimal("45.0"))


def paylist_line(names: Names, number: int = 412, **changes: Any) -> PaylistLine:
    facts: dict[str, Any] = {
        "decision_id": "d1",
        "reference": "Pay-7",
        "record": bill_ref(number),
        "vendor": next(names),
        "doc_number": next(names),
        "balance": usd("1250"),
        "due": day(6),
        "pay_on": day(5),
        "voices": (Voice(ADVISOR, NOW, OWNER),),
        "approved_at": NOW,
        "phase": Phase.APPROVED,
        "error": None,
        "acts": (PaylistAct.UNDO,),
    }
    return PaylistLine(**(facts | changes))


def paylist(names: Names, number: int = 2, **changes: Any) -> PaylistResult:
    lines = [paylist_line(names, 412 + at) for at in range(number)]
    lines += [paylist_line(names, 999, error=f"{next(names)} was changed in QuickBooks.")] if number else []
    facts: dict[str, Any] = {
        "health": health(),
        "lines": tuple(lines),
        "totals": (usd("3750"),),
        "home_total": usd("3750"),
        "handed_off": (paylist_line(names, 300, phase=Phase.HANDED_OFF, acts=()),),
        "version": "p1",
        "acts": (PaylistAct.HAND_OFF,) if number else (),
    }
    return PaylistResult(**(facts | changes))


def hand_off(names: Names) -> HandOffResult:
    stayed = paylist_line(names, 999, error=f"{next(names)} was changed in QuickBooks.")
    return HandOffResult("b1", (paylist_line(names),), (stayed,), "pay-list.csv", "vendor,…")
