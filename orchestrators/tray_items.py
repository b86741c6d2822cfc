"""One tray item as people meet it: the issue, what it costs in certainty, who is on it, and what may be done."""

from datetime import timedelta
from decimal import Decimal

from calculators.certainty import cost_in_certainty
from calculators.runway import Runway
from domains.bills import Bill
from domains.invoices import Invoice
from domains.issues.catalogue import RULES, Issue, IssueFacts, RecordKind
from domains.issues.survey import score
from domains.item_states import WAITING, ItemKey, ItemState, ItemStatus
from domains.people import Act, Caller
from kit.money import Money
from orchestrators.desk import Desk, effective_status, key_of
from orchestrators.figures import money
from orchestrators.references import ref_of
from orchestrators.results import tray
from orchestrators.results.tray import CertaintyCost, TrayAct, TrayItem

UNDO_FOR = timedelta(hours=24)
OPEN_TO = {
    **dict.fromkeys(WAITING, (TrayAct.RESOLVE, TrayAct.ASSIGN, TrayAct.SNOOZE, TrayAct.DISMISS)),
    ItemStatus.RESOLVED: (TrayAct.REOPEN,),
    ItemStatus.SNOOZED: (TrayAct.RESOLVE, TrayAct.ASSIGN, TrayAct.DISMISS, TrayAct.REOPEN),
    ItemStatus.DISMISSED: (TrayAct.REOPEN,),
    ItemStatus.AUTO_RESOLVED: (),
}


def item_of(desk: Desk, issue: Issue, caller: Caller | None, points: int | None = None) -> TrayItem:
    key, state = key_of(issue), desk.states.get(key_of(issue))
    shown = _state(desk, state, effective_status(issue, state, desk.today))
    twin = issue.facts.twin
    points = score(issue, available=desk.available, today=desk.today) if points is None else points
    return TrayItem(
        key=str(key),
        version=issue.judged,
        record=ref_of(issue.key.kind, issue.key.qbo_id),
        code=issue.code,
        severity=issue.severity,
        blocks=issue.blocks,
        score=points,
        amount=money(issue.at_stake, desk.currency),
        facts=issue.facts,
        certainty=certainty(desk, issue.at_stake),
        twin=ref_of(twin.key.kind, twin.key.qbo_id) if twin else None,
        state=shown,
        acts=acts_of(caller, shown),
    )


def gone_item(desk: Desk, state: ItemState, caller: Caller | None, record: Bill | Invoice | None) -> TrayItem:
    """An item whose condition the books do not show any more: its card still stands somewhere."""
    key = state.key
    shown = _state(desk, state, ItemStatus.AUTO_RESOLVED)
    return TrayItem(
        key=str(key),
        version=state.standing.judged,
        record=ref_of(key.record.kind, key.record.qbo_id),
        code=key.code,
        severity=RULES[key.code].severity,
        blocks=False,
        score=0,
        amount=None,
        facts=_facts(desk, key, record),
        certainty=None,
        twin=None,
        state=shown,
        acts=acts_of(caller, shown),
    )


def certainty(desk: Desk, amount: Decimal | None) -> CertaintyCost | None:
    """The amount in question, and the days of runway it would pay for at the present burn."""
    if amount is None:
        return None
    runway = desk.reckoning.runway
    if not isinstance(runway, Runway):
        return CertaintyCost(Money(abs(amount), desk.currency), None)
    cost = cost_in_certainty(amount, runway.burn)
    return CertaintyCost(Money(cost.amount, desk.currency), cost.days)


def may_work_on(caller: Caller | None, assignee: str | None) -> bool:
    return caller is None or caller.may(Act.RESOLVE) or caller.slack_user == assignee


def acts_of(caller: Caller | None, state: tray.ItemState) -> tuple[TrayAct, ...]:
    if not may_work_on(caller, state.assignee):
        return ()
    undo = (TrayAct.UNDO,) if state.undo_until is not None else ()
    return OPEN_TO[state.status] + undo


def _state(desk: Desk, state: ItemState | None, status: ItemStatus) -> tray.ItemState:
    if state is None:
        return tray.ItemState(status, None, None, None, None, None, None)
    written, standing = status is state.status, state.standing
    by_sync = status is ItemStatus.AUTO_RESOLVED
    return tray.ItemState(
        status=status,
        assignee=standing.assignee,
        until=standing.until if written else None,
        reason=standing.reason if written else None,
        changed_by=state.resolved_by if by_sync and state.resolved_by else state.changed_by,
        changed_at=state.changed_at,
        undo_until=state.changed_at + UNDO_FOR if written and can_undo(desk, state) else None,
    )


def can_undo(desk: Desk, state: ItemState) -> bool:
    by_person = state.changed_by != "runway"
    return state.previous is not None and by_person and desk.health.now <= state.changed_at + UNDO_FOR


def _facts(desk: Desk, key: ItemKey, record: Bill | Invoice | None) -> IssueFacts:
    if record is not None:
        party = record.vendor_name if isinstance(record, Bill) else record.customer_name
        return IssueFacts(party=party, doc_number=record.doc_number, issued=record.txn_date, due=record.due_date)
    if key.record.kind is RecordKind.ACCOUNT:
        names = {one.account_id: one.name for one in desk.shelf.balances.accounts}
        return IssueFacts(party=names.get(key.record.qbo_id))
    parties = desk.shelf.vendors if key.record.kind is RecordKind.VENDOR else desk.shelf.customers
    party_row = parties.get(key.record.qbo_id)
    return IssueFacts(party=party_row.name if party_row else None)
