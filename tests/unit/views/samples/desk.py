"""Headline, tray and console."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from calculators.runway import Status
from domains.decisions import Phase
from domains.issues.catalogue import RULES, IssueCode, IssueFacts, RecordKey, RecordKind, Severity, Twin
from domains.item_states import ItemStatus
from orchestrators.results.basis import Change
from orchestrators.results.console import (
    BillCard,
    CardAct,
    CardState,
    Choice,
    ConsoleResult,
    DecisionOutcome,
    Effect,
    InvoiceCard,
    Narrow,
    OutcomeKind,
    PlanLine,
    PlanResult,
    PriorityLine,
    Standing,
    Voice,
)
from orchestrators.results.headline import CashLine, DeskCounts, HeadlineResult, LowWater, RunwayLine
from orchestrators.results.tray import (
    CertaintyCost,
    ItemState,
    SeverityTotal,
    TrayAct,
    TrayItem,
    TrayOutcome,
    TrayOutcomeKind,
    TrayResult,
)
from tests.unit.views.samples.base import ADVISOR, NOW, OWNER, Names, bill_ref, day, health, invoice_ref, page, usd

ITEM_ACTS = (TrayAct.RESOLVE, TrayAct.ASSIGN, TrayAct.SNOOZE, TrayAct.DISMISS)
CARD_ACTS = (CardAct.APPROVE, CardAct.HOLD, CardAct.REJECT)
COUNTS = DeskCounts(
    tray=9,
    tray_blocking=3,
    bills_blocked=3,
    bills_ready=12,
    bills_decided=2,
    bills_beyond=4,
    invoices_ready=4,
    invoices_blocked=1,
    paylist=2,
)
CASH = CashLine(
    cash_book=usd("50000"),
    set_aside=usd("3000"),
    approved=usd("2000"),
    available=usd("45000"),
    undeposited=usd("800"),
    cards=usd("0"),
    restricted=usd("0"),
)
RUNWAY = RunwayLine(
    without_receipts=Decimal("45.0"),
    at_trend=Decimal("150.0"),
    gross_burn=usd("1000"),
    cash_in=usd("700"),
    net_burn=usd("300"),
    window_days=91,
)
LOW = LowWater(balance=usd("12300"), on=day(20), first_below_floor=None, first_below_zero=None, floor=usd("10000"))
BREACH = LowWater(
    balance=usd("-1200"), on=day(20), first_below_floor=day(12), first_below_zero=day(18), floor=usd("10000")
)


def headline(**changes: Any) -> HeadlineResult:
    facts: dict[str, Any] = {
        "health": health(),
        "status": Status.HEALTHY,
        "cash": CASH,
        "runway": RUNWAY,
        "low_water": LOW,
        "counts": COUNTS,
        "data_quality": 87,
    }
    return HeadlineResult(**(facts | changes))


def untouched(status: ItemStatus = ItemStatus.OPEN, **changes: Any) -> ItemState:
    facts: dict[str, Any] = {
        "assignee": None,
        "until": None,
        "reason": None,
        "changed_by": None,
        "changed_at": None,
        "undo_until": None,
    }
    return ItemState(status=status, **(facts | changes))


def item(names: Names, code: IssueCode = IssueCode.MISSING_DUE_DATE, number: int = 412, **changes: Any) -> TrayItem:
    rule = RULES[code]
    twin_key = RecordKey(RecordKind.BILL, "413")
    twin = Twin(twin_key, doc_number="1042", amount=usd("1250"), issued=day(-9), same_number=False)
    paired = code is IssueCode.LIKELY_DUPLICATE
    facts: dict[str, Any] = {
        "key": f"Bill:{number}:{code}",
        "version": "v1",
        "record": bill_ref(number),
        "code": code,
        "severity": rule.severity,
        "blocks": rule.blocks,
        "score": 72,
        "amount": usd("1250"),
        "facts": IssueFacts(
            party=next(names),
            doc_number=next(names),
            issued=day(-20),
            due=day(-25),
            days=190,
            place=next(names),
            twin=twin if paired else None,
        ),
        "certainty": CertaintyCost(usd("1250"), Decimal("1.3")),
        "twin": bill_ref(413) if paired else None,
        "state": untouched(),
        "acts": ITEM_ACTS,
    }
    return TrayItem(**(facts | changes))


def every_item_state(names: Names) -> list[TrayItem]:
    changed: dict[str, Any] = {"changed_by": OWNER, "changed_at": NOW}
    states = [
        untouched(ItemStatus.ASSIGNED, assignee=ADVISOR, **changed),
        untouched(ItemStatus.RESOLVED, **changed),
        untouched(ItemStatus.SNOOZED, until=day(7), **changed),
        untouched(ItemStatus.DISMISSED, reason=next(names), **changed),
        untouched(ItemStatus.AUTO_RESOLVED, changed_by="runway", changed_at=NOW),
        untouched(ItemStatus.REOPENED, assignee=ADVISOR, changed_by="runway", changed_at=NOW),
    ]
    fresh = [item(names, number=500 + at, state=state, acts=(TrayAct.UNDO,)) for at, state in enumerate(states)]
    old = untouched(ItemStatus.DISMISSED, reason=next(names), **changed)
    return [*fresh, item(names, number=600, state=old, acts=(TrayAct.REOPEN,))]


def tray(items: Sequence[TrayItem], **changes: Any) -> TrayResult:
    facts: dict[str, Any] = {
        "health": health(),
        "items": tuple(items),
        "page": page(9 if items else 0),
        "totals": (SeverityTotal(Severity.CRITICAL, 1, usd("900")), SeverityTotal(Severity.HIGH, 2, usd("1250"))),
        "blocking": 3,
        "snoozed": 2,
        "dismissed": 1,
        "data_quality": 87,
        "mine_only": False,
    }
    return TrayResult(**(facts | changes))


def tray_outcome(names: Names, kind: TrayOutcomeKind = TrayOutcomeKind.DONE) -> TrayOutcome:
    state = untouched(ItemStatus.RESOLVED, changed_by=OWNER, changed_at=NOW)
    return TrayOutcome(kind, item(names, state=state, acts=(TrayAct.UNDO,)), checking=kind is TrayOutcomeKind.DONE)


def effects(*, breach: bool = False) -> tuple[Effect, ...]:
    below = day(12) if breach else None
    return (
        Effect(Choice.PAY_NOW, day(0), usd("11050"), day(20), below, usd("43750"), breach),
        Effect(Choice.BEST_DATE, day(5), usd("11050"), day(20), below, usd("41000"), breach),
        Effect(Choice.HOLD, day(14), usd("12300"), day(20), None, usd("30000"), breach=False),
    )


def bill(names: Names, number: int = 412, **changes: Any) -> BillCard:
    facts: dict[str, Any] = {
        "record": bill_ref(number),
        "version": "v1",
        "vendor": next(names),
        "doc_number": next(names),
        "balance": usd("1250"),
        "home_balance": usd("1250"),
        "due": day(6),
        "days_overdue": 0,
        "tier": 1,
        "tier_suggested": False,
        "priority": PriorityLine(Decimal(62), "high", ("due in 6 days (20)", f"{next(names)} must be paid (30)")),
        "effects": effects(),
        "pay_on": day(5),
        "breach": False,
        "state": CardState(Standing.READY),
        "acts": CARD_ACTS,
        "why_not": None,
    }
    return BillCard(**(facts | changes))


def every_card_state(names: Names) -> list[CardState]:
    said: dict[str, Any] = {
        "by": OWNER,
        "at": NOW,
        "voices": (Voice(OWNER, NOW, None),),
        "decision_id": "d",
        "reference": "Pay-7",
    }
    phased: dict[str, Any] = {"standing": Standing.DECIDED} | said
    return [
        CardState(Standing.BLOCKED, blocked_by=(IssueCode.MISSING_DUE_DATE,)),
        CardState(Standing.BEYOND),
        CardState(Standing.CLOSED),
        CardState(**phased, phase=Phase.PROPOSED, pay_on=day(6), waiting_for=(OWNER, ADVISOR), needs=next(names)),
        CardState(**phased, phase=Phase.APPROVED, pay_on=day(6)),
        CardState(**phased, phase=Phase.APPROVED, pay_on=day(6), reason=next(names)),
        CardState(**phased, phase=Phase.HANDED_OFF, pay_on=day(6)),
        CardState(**phased, phase=Phase.STALE, pay_on=day(-6)),
        CardState(**phased, phase=Phase.HELD, held_until=day(13), reason=next(names)),
        CardState(**phased, phase=Phase.REJECTED, reason=next(names)),
        CardState(**phased, phase=Phase.CANCELLED),
        CardState(**phased, phase=Phase.VERIFIED, pay_on=day(6), seen_paid_on=day(5), seen_amount=usd("1250")),
        CardState(**phased, phase=Phase.MISMATCH, seen_paid_on=day(5), seen_amount=usd("1200"), reason=next(names)),
        CardState(**phased, phase=Phase.EXPIRED, reason=next(names)),
    ]


def invoice(names: Names, number: int = 130, **changes: Any) -> InvoiceCard:
    facts: dict[str, Any] = {
        "record": invoice_ref(number),
        "version": "v1",
        "customer": next(names),
        "doc_number": next(names),
        "balance": usd("3000"),
        "home_balance": usd("3000"),
        "due": day(-34),
        "days_past_due": 34,
        "usual_days_late": 12,
        "collect": True,
        "email": next(names),
        "priority": PriorityLine(Decimal(55), "medium", ("34 days past due (32)", next(names))),
        "chased_by": None,
        "chased_at": None,
        "acts": (CardAct.CHASE,),
    }
    return InvoiceCard(**(facts | changes))


def console(cards: Sequence[BillCard | InvoiceCard], **changes: Any) -> ConsoleResult:
    facts: dict[str, Any] = {
        "health": health(),
        "narrow": Narrow.ALL,
        "cards": tuple(cards),
        "page": page(16 if cards else 0),
        "counts": COUNTS,
        "cash": CASH,
        "low_water": LOW,
        "read_only": None,
        "plan": None,
    }
    return ConsoleResult(**(facts | changes))


def plan(names: Names, number: int = 3) -> PlanResult:
    lines = tuple(
        PlanLine(bill_ref(at), "v1", next(names), usd("1250"), day(6), day(5), late=at == 1, discount=usd("25"))
        for at in range(1, number + 1)
    )
    return PlanResult("p1", lines, LOW, keeps_floor=True, total=usd(str(1250 * number)))


def outcome(names: Names, kind: OutcomeKind) -> DecisionOutcome:
    approved = CardState(
        Standing.DECIDED,
        phase=Phase.APPROVED,
        by=OWNER,
        at=NOW - timedelta(hours=2),
        voices=(Voice(OWNER, NOW, None),),
        pay_on=day(6),
    )
    changes = (Change("balance", usd("1250"), usd("1300")), Change("vendor", next(names), next(names)))
    shown = changes if kind is OutcomeKind.OUTDATED else ()
    return DecisionOutcome(kind, bill(names, state=approved, acts=(CardAct.UNDO,)), shown)
