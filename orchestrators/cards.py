"""One bill or invoice as a card: what it is, what each choice does to the cash, where its decision stands."""

from decimal import Decimal

from calculators.habits import Habits
from calculators.priority import Priority
from calculators.tiers import suggest_tier
from domains.bills import Bill
from domains.decisions import Decision
from domains.invoices import Invoice
from domains.issues.catalogue import RecordKey, RecordKind
from domains.issues.ledger import home_open
from domains.issues.ready import is_to_collect
from domains.people import ADMINS_CAN, Act, Caller, any_of
from kit.money import Money, format_money
from orchestrators.atlas import Atlas
from orchestrators.authority import Electorate
from orchestrators.card_states import bill_acts, card_state, read_only, standing_of
from orchestrators.desk import Desk
from orchestrators.references import ref_of
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, CardAct, InvoiceCard, PriorityLine, Standing
from orchestrators.seen import Seen


def bill_card(
    atlas: Atlas, bill: Bill, decision: Decision | None, caller: Caller | None, electorate: Electorate
) -> BillCard:
    desk = atlas.desk
    pay_on = atlas.pay_on(bill)
    breach = atlas.breach_on(bill, pay_on)
    tier, suggested = _tier(desk, bill)
    acts = bill_acts(desk, bill, decision, caller, electorate, breach=breach)
    return BillCard(
        record=ref_of(RecordKind.BILL, bill.id),
        version=Seen.of(bill, pay_on=pay_on, breach=breach, drawn=desk.today).encode(),
        vendor=bill.vendor_name or "",
        doc_number=bill.doc_number,
        balance=Money(bill.balance, bill.currency),
        home_balance=home_money(desk, bill),
        due=bill.due_date,
        days_overdue=_days_past(desk, bill),
        tier=tier,
        tier_suggested=suggested,
        priority=_line(atlas.bill_priority(bill)),
        effects=atlas.effects(bill) if standing_of(desk, bill) is not Standing.CLOSED else (),
        pay_on=pay_on,
        breach=breach,
        state=card_state(desk, bill, decision, electorate),
        acts=acts,
        why_not=_why_not(desk, home_open(bill, desk.currency), caller, electorate, acts),
        also=desk.also_in_tray(RecordKey(RecordKind.BILL, bill.id)),
    )


def invoice_card(atlas: Atlas, invoice: Invoice, caller: Caller | None) -> InvoiceCard:
    desk, chase = atlas.desk, atlas.desk.chases.get(invoice.id)
    habits, home = desk.reckoning.habits, home_open(invoice, desk.currency)
    known = isinstance(habits, Habits) and invoice.customer_id is not None
    return InvoiceCard(
        record=ref_of(RecordKind.INVOICE, invoice.id),
        version=Seen.of(invoice).encode(),
        customer=invoice.customer_name or "",
        doc_number=invoice.doc_number,
        balance=Money(invoice.balance, invoice.currency),
        home_balance=home_money(desk, invoice),
        due=invoice.due_date,
        days_past_due=_days_past(desk, invoice),
        usual_days_late=habits.customers.days(invoice.customer_id) if known and isinstance(habits, Habits) else None,
        collect=is_to_collect(invoice, home_balance=home, significant=desk.rules.significant_invoice, today=desk.today),
        email=invoice.email,
        priority=_line(atlas.invoice_priority(invoice)),
        chased_by=chase.by if chase else None,
        chased_at=chase.at if chase else None,
        acts=_invoice_acts(desk, invoice, caller),
        also=desk.also_in_tray(RecordKey(RecordKind.INVOICE, invoice.id)),
    )


def home_money(desk: Desk, record: Bill | Invoice) -> Money | Condition:
    amount = home_open(record, desk.currency)
    return Condition(Unknown.MISSING_RATE, record.currency) if amount is None else Money(amount, desk.currency)


def _tier(desk: Desk, bill: Bill) -> tuple[int | None, bool]:
    """A confirmed tier, or else a suggested one and that it is only that."""
    confirmed = desk.tiers.get(bill.vendor_id or "")
    if confirmed is not None:
        return confirmed, False
    suggested = suggest_tier(line.account_name for line in bill.lines if line.account_name)
    return (None if suggested is None else int(suggested)), suggested is not None


def _days_past(desk: Desk, record: Bill | Invoice) -> int:
    return 0 if record.due_date is None else max(0, (desk.today - record.due_date).days)


def _line(priority: Priority | None) -> PriorityLine | None:
    if priority is None:
        return None
    reasons = tuple(
        f"{one.text} (+{one.points.normalize():f})" if one.points else one.text for one in priority.components
    )
    return PriorityLine(priority.score, priority.level, reasons)


def _invoice_acts(desk: Desk, invoice: Invoice, caller: Caller | None) -> tuple[CardAct, ...]:
    chased = desk.is_chased(invoice.id)
    open_ = invoice.id in desk.shelf.invoices and read_only(desk) is None
    return (CardAct.CHASE,) if open_ and not chased and (caller is None or caller.may(Act.PROPOSE)) else ()


def _why_not(
    desk: Desk, amount: Decimal | None, caller: Caller | None, electorate: Electorate, acts: tuple[CardAct, ...]
) -> str | None:
    """Who can approve it; to whom a yes of the caller's would go on from there."""
    if caller is None:
        return None
    able = any_of(electorate.who_covers(amount))
    if {CardAct.APPROVE, CardAct.APPROVE_ANYWAY} & set(acts):
        return _not_alone(desk, amount, able, covered=electorate.covers(caller.slack_user, amount))
    if electorate.may_approve(caller.slack_user) or {CardAct.CONFIRM, CardAct.UNDO} & set(acts):
        return None
    return f"{able} can approve this." if able else f"Nobody can approve bills here. {ADMINS_CAN}"


def _not_alone(desk: Desk, amount: Decimal | None, able: str, *, covered: bool) -> str | None:
    if not covered:
        return f"It is above your limit: your yes then waits for that of {able or 'an owner'}."
    limit = desk.rules.second_approver_over
    if amount is None or amount > limit:
        return f"Above {format_money(Money(limit, desk.currency))} it takes a second yes."
    return None
