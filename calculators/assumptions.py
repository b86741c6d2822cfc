"""The guesses a projection rests on, largest first, so that a person knows which number to question."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from calculators.flows import Flow, FlowKind
from calculators.inputs import ZERO

SHOWN = 5


class AssumptionKind(StrEnum):
    CUSTOMER_PAYS = "customer_pays"
    NEVER_COLLECTED = "never_collected"
    COLLECTED_LATER = "collected_later"
    SPEND_REPEATS = "spend_repeats"
    DAILY_SPEND = "daily_spend"
    KNOWN_ITEM = "known_item"
    UNDATED_BILL = "undated_bill"


@dataclass(frozen=True, slots=True)
class Assumption:
    """`amount` is what the committed view counts on over 13 weeks, signed; for COLLECTED ones what it leaves out."""

    kind: AssumptionKind
    label: str
    amount: Decimal
    ids: tuple[str, ...]


_KINDS = {
    FlowKind.INVOICE: AssumptionKind.CUSTOMER_PAYS,
    FlowKind.RECURRING: AssumptionKind.SPEND_REPEATS,
    FlowKind.IRREGULAR: AssumptionKind.DAILY_SPEND,
    FlowKind.KNOWN: AssumptionKind.KNOWN_ITEM,
}


BY_PARTY = (FlowKind.INVOICE, FlowKind.RECURRING)
LEFT_OUT = (AssumptionKind.NEVER_COLLECTED, AssumptionKind.COLLECTED_LATER)


def largest_assumptions(flows: Iterable[Flow], as_of: date, end: date, count: int = SHOWN) -> tuple[Assumption, ...]:
    """`flows` are the committed ones, those after `end` too. Bills with a date are facts, not assumptions."""
    ordered = sorted(flows, key=lambda flow: (flow.on, flow.ref))
    seen = [flow for flow in ordered if flow.on <= end]
    lost = [flow for flow in seen if flow.face is not None and flow.face != flow.amount]
    late = [flow for flow in ordered if flow.on > end and flow.face is not None and _is_past_due(flow, as_of)]
    groups: dict[tuple[AssumptionKind, str], list[Flow]] = defaultdict(list)
    for flow in seen:
        kind = _kind_of(flow)
        if kind is not None:
            groups[kind, (flow.party_id or flow.label) if flow.kind in BY_PARTY else flow.ref].append(flow)
    found = [_assumption(kind, group, [flow.amount for flow in group]) for (kind, _), group in groups.items()]
    if lost:
        missing = [flow.amount - (flow.face or ZERO) for flow in lost]
        found.append(_assumption(AssumptionKind.NEVER_COLLECTED, lost, missing))
    if late:
        found.append(_assumption(AssumptionKind.COLLECTED_LATER, late, [-(flow.face or ZERO) for flow in late]))
    return tuple(sorted(found, key=lambda one: (-abs(one.amount), one.kind, one.label, one.ids))[:count])


def _is_past_due(flow: Flow, as_of: date) -> bool:
    return flow.due is not None and flow.due < as_of


def _kind_of(flow: Flow) -> AssumptionKind | None:
    if flow.kind is FlowKind.BILL:
        return AssumptionKind.UNDATED_BILL if flow.due is None else None
    return _KINDS[flow.kind]


def _assumption(kind: AssumptionKind, flows: list[Flow], amounts: list[Decimal]) -> Assumption:
    label = "" if kind in LEFT_OUT else flows[0].label
    return Assumption(kind, label, sum(amounts, ZERO), tuple(dict.fromkeys(flow.ref for flow in flows)))
