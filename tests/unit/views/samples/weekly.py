"""Digest, test drive, alerts, whose turn it is."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from calculators.insights import InsightKind
from calculators.runway import Status
from domains.decisions import Phase
from domains.issues.catalogue import IssueCode
from domains.messages import Posted
from domains.messages import Standing as Live
from orchestrators.digest_orders import StandingDigest
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import CardState, Standing, Voice
from orchestrators.results.digest import (
    Audience,
    Chase,
    DecidedLine,
    DigestAct,
    DigestResult,
    GradeLine,
    InsightLine,
    Move,
    MoveKind,
    Period,
    Revision,
    TrendPoint,
    Trigger,
    Variance,
    Variant,
    Verdict,
    VerdictKind,
)
from orchestrators.results.notices import AlertKind, AlertLine, AlertsResult, DecisionNoticeResult, YourTurnResult
from orchestrators.results.onboarding import ReplayWeek, TestDriveResult
from tests.unit.views.samples import ahead, desk
from tests.unit.views.samples.base import ADVISOR, NOW, OWNER, Names, bill_ref, day, health, usd

WEEK = Period(2026, 47)
COVERED = Verdict(VerdictKind.COVERED, Status.HEALTHY, day(20), usd("2300"), None)
INSIGHTS = tuple(InsightKind)


def variance() -> Variance:
    moves = (
        Move(MoveKind.RECEIPTS, usd("4200"), Decimal("4.2")),
        Move(MoveKind.PAYMENTS, usd("-6100"), Decimal("-6.1")),
        Move(MoveKind.NEW_BILLS, usd("-2500"), None, 3),
        Move(MoveKind.PACE, None, Decimal("-1.1")),
    )
    return Variance(Period(2026, 46), day(-7), Decimal("-3.0"), usd("-1900"), usd("-400"), -2, moves)


def _insight(kind: str, names: Names) -> InsightLine:
    return InsightLine(kind, f"{next(names)} owes $4,200.00.", Decimal(5), ("B-1",))


REVISION = Revision(NOW, OWNER, NOW - timedelta(days=2))
PLACE = Posted(UUID(int=1), "digest", "digest:run", None, "C0FIN", "1.0001", {"run_id": "run"}, Live.LIVE)
STANDING = StandingDigest("run", NOW - timedelta(days=2), PLACE)


def digest(names: Names, **changes: Any) -> DigestResult:
    trend = tuple(TrendPoint(Period(2026, 40 + at), day(7 * at - 49), usd("40000"), None, None, 80) for at in range(8))
    done = [
        DecidedLine(bill_ref(700 + at), next(names), usd("1250"), phase, OWNER, NOW, day(5), None)
        for at, phase in enumerate((Phase.APPROVED, Phase.HELD, Phase.EXPIRED))
    ]
    done.append(DecidedLine(bill_ref(710), next(names), usd("900"), Phase.VERIFIED, OWNER, NOW, day(-2), day(-3)))
    facts: dict[str, Any] = {
        "trigger": Trigger.WEEKLY,
        "preview": False,
        "audience": Audience.TEAM_CHANNEL,
        "variant": None,
        "amounts": True,
        "business_name": next(names),
        "period": WEEK,
        "due": NOW - timedelta(hours=5),
        "late": False,
        "quiet": False,
        "stale": False,
        "health": health(),
        "verdict": COVERED,
        "cash": desk.CASH,
        "runway": desk.RUNWAY,
        "low_water": desk.LOW,
        "outlook": ahead.outlook(names),
        "data_quality": 87,
        "counts": desk.COUNTS,
        "variance": variance(),
        "trend": trend,
        "issues": tuple(desk.item(names, code, at) for at, code in enumerate(list(IssueCode)[:8])),
        "issues_total": 9,
        "decisions": tuple(desk.bill(names, at) for at in range(3)),
        "decisions_total": 12,
        "chase": (Chase(desk.invoice(names), ADVISOR), Chase(desk.invoice(names, 131), None)),
        "chase_total": 4,
        "decided": tuple(done),
        "insights": tuple(
            InsightLine(kind, f"{next(names)} owes $4,200.00.", Decimal(5), ("B-1",)) for kind in INSIGHTS
        ),
        "grade": GradeLine(6, 5, Decimal("0.06")),
        "acts": (DigestAct.TRAY, DigestAct.CONSOLE),
        "audit_head": "ab" * 32,
    }
    return DigestResult(**(facts | changes))


def testdrive(names: Names, *, fictional: bool) -> TestDriveResult:
    told = digest(names, trigger=Trigger.TEST_DRIVE, preview=True, acts=(), variant=Variant.A)
    known = ReplayWeek(
        on=day(-7),
        cash=usd("41000"),
        runway=desk.RUNWAY,
        status=Status.HEALTHY,
        received=usd("4200"),
        paid=usd("6100"),
        other=usd("-1500"),
        largest_payment=usd("2500"),
        largest_payee=next(names),
    )
    lost = Condition(Unknown.MISSING_SET, next(names))
    unknown = ReplayWeek(day(-14), lost, lost, Status.UNKNOWN, usd("0"), usd("0"), usd("0"), None, None)
    return TestDriveResult(told, Variant.A, fictional, (known, unknown), (next(names),))


def _ref(kind: AlertKind, number: int) -> str:
    return "Bill:9:MISSING_DUE_DATE" if kind is AlertKind.ASSIGNED else f"B-{number}"


def alerts(names: Names, **changes: Any) -> AlertsResult:
    lines = [
        AlertLine(kind, f"s{at}", _ref(kind, at), next(names), usd("1250"), day(12), f"{next(names)} said so.")
        for at, kind in enumerate(AlertKind)
    ]
    lines.append(AlertLine(AlertKind.OVERDUE, "s99", "B-99", next(names), usd("10"), day(-1), over=True))
    facts: dict[str, Any] = {"day": day(0), "lines": tuple(lines), "health": health(), "snoozed_until": None}
    return AlertsResult(**(facts | changes))


def your_turn(names: Names, **changes: Any) -> YourTurnResult:
    voices = (Voice(OWNER, NOW, None),)
    approved = CardState(Standing.DECIDED, Phase.APPROVED, by=OWNER, at=NOW, voices=voices, pay_on=day(5))
    facts: dict[str, Any] = {
        "day": day(0),
        "person": OWNER,
        "confirm": (desk.bill(names, 1),),
        "decide": (desk.bill(names, 2), desk.bill(names, 3, state=approved, acts=())),
        "total": 12,
        "health": health(),
        "reminder": False,
        "snoozed_until": None,
    }
    return YourTurnResult(**(facts | changes))


def decision_notice(names: Names) -> DecisionNoticeResult:
    voices = (Voice(OWNER, NOW, None),)
    approved = CardState(Standing.DECIDED, Phase.APPROVED, by=OWNER, at=NOW, voices=voices, pay_on=day(5))
    return DecisionNoticeResult(desk.bill(names, state=approved, acts=()), ADVISOR)
