"""Best pay dates for the bills that can be decided, and the plan that follows them all."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from hashlib import blake2b

from calculators.curve import Curve, draw_curve
from calculators.flows import FlowKind
from calculators.inputs import ZERO
from calculators.planner import Plan, PlannedPayment, PlanReason
from calculators.projection import View
from domains.bills import Bill
from domains.issues.catalogue import RecordKind
from domains.issues.ready import Place
from kit.money import Money, sum_money
from orchestrators.atlas import Atlas
from orchestrators.desk import Desk
from orchestrators.references import ref_of
from orchestrators.results.basis import Condition
from orchestrators.results.console import PlanLine, PlanResult
from orchestrators.results.headline import LowWater
from orchestrators.seen import Seen

# Paying late is never proposed as if it were the usual thing: a card then keeps the plain date, and its breach shows.
UNASKED = frozenset({PlanReason.ON_TIME, PlanReason.DISCOUNT, PlanReason.OVERDUE})
MOST_PLANNED = 600


def planned_atlas(desk: Desk, plan: Plan | Condition | None = None) -> Atlas:
    """The desk with the planner's dates, planned here unless given."""
    plan = plan or plan_desk(desk)
    return Atlas.of(desk, best_dates(plan) if isinstance(plan, Plan) else {})


def best_dates(plan: Plan) -> Mapping[str, date]:
    return {one.bill_id: one.pay_on for one in plan.payments if one.pay_on is not None and one.reason in UNASKED}


def plan_of(desk: Desk, plan: Plan | Condition | None) -> PlanResult | Condition | None:
    """None when there is nothing to plan."""
    if not isinstance(plan, Plan):
        return plan
    projection = desk.reckoning.projection
    ready = {bill.id: bill for bill in desk.shelf.bills.values() if desk.place(bill) is Place.READY}
    chosen = [one for one in plan.payments if one.bill_id in ready and one.pay_on is not None]
    if not chosen or isinstance(projection, Condition):
        return None
    atlas = Atlas.of(desk, best_dates(plan))
    lines = tuple(_line(atlas, ready[one.bill_id], one) for one in chosen)
    low = _low_water(desk, projection.committed, plan)
    return PlanResult(
        version=_version(lines),
        lines=lines,
        low_water=low,
        keeps_floor=low.first_below_floor is None,
        total=sum_money((Money(one.amount, desk.currency) for one in chosen), desk.currency),
    )


def plan_desk(desk: Desk) -> Plan | Condition | None:
    """None without a bill to plan, or beyond 600 of them: cards then show the plain dates, so that nobody waits."""
    if isinstance(desk.reckoning.projection, Condition):
        return desk.reckoning.projection
    undecided = sum(place in (Place.READY, Place.BLOCKED) for place in desk.places.values())
    return desk.reckoning.plan if 0 < undecided <= MOST_PLANNED else None


def _line(atlas: Atlas, bill: Bill, one: PlannedPayment) -> PlanLine:
    if one.pay_on is None:
        raise ValueError(f"bill {bill.id} has no planned day")
    breach = atlas.breach_on(bill, one.pay_on)
    version = Seen.of(bill, pay_on=one.pay_on, breach=breach, drawn=atlas.desk.today).encode()
    return PlanLine(
        record=ref_of(RecordKind.BILL, bill.id),
        version=version,
        vendor=bill.vendor_name or "",
        balance=Money(bill.balance, bill.currency),
        due=bill.due_date,
        pay_on=one.pay_on,
        late=one.reason is PlanReason.POSTPONED,
        discount=Money(one.discount, atlas.desk.currency) if one.discount else None,
    )


def _low_water(desk: Desk, view: View, plan: Plan) -> LowWater:
    """Of the committed view over the days that the plan watches, with the plan kept."""
    curve = _kept(view, plan)
    watched = replace(curve, balances=curve.balances[: curve.index(plan.until) + 1])
    return LowWater(
        balance=Money(watched.low_water.amount, desk.currency),
        on=watched.low_water.on,
        first_below_floor=watched.first_below(view.floor),
        first_below_zero=watched.first_below(ZERO),
        floor=Money(view.floor, desk.currency),
    )


def _kept(view: View, plan: Plan) -> Curve:
    planned = {one.bill_id for one in plan.payments}
    others = ((one.on, one.amount) for one in view.flows if one.kind is not FlowKind.BILL or one.ref not in planned)
    paid = ((one.pay_on, one.discount - one.amount) for one in plan.payments if one.pay_on is not None)
    return draw_curve(plan.as_of, view.opening, [*others, *paid])


def _version(lines: Iterable[PlanLine]) -> str:
    text = "\n".join(f"{line.record.ref} {line.version} {line.pay_on}" for line in lines)
    return blake2b(text.encode(), digest_size=12).hexdigest()
