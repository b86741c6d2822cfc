"""One business at one moment: its books, what people decided, what is wrong, and what the calculators make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domains.bills import Bill
from domains.businesses import Business, get_business
from domains.chases import Chase, list_latest_chases
from domains.decisions import Decision, Phase, list_live
from domains.freshness import LIMITS, Freshness, Group
from domains.invoices import Invoice
from domains.issues.catalogue import Issue, IssueCode, RecordKey, RecordKind
from domains.issues.ledger import Ledger, MirrorHealth
from domains.issues.ready import Place, is_invoice_ready, place_bill
from domains.issues.survey import survey
from domains.item_states import WAITING, ItemKey, ItemState, ItemStatus, list_states
from domains.known_items import KnownItem, SetAside, list_known_items, list_set_asides
from domains.policy import Policy, PolicyVersion, get_policy
from domains.vendor_tiers import list_tiers
from kit.clock import Clock
from kit.db import TenantSession
from kit.turns import aside
from orchestrators.gather import gather
from orchestrators.reckoning import Choices, Reckoning, reckon
from orchestrators.results.basis import Health
from orchestrators.shelf import Shelf

CHASE_HOLDS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Desk:
    """`issues` are all that the predicates found; `decisions` the live ones by bill, ended holds left out.

    `places` are those of the shelf's bills, judged once; `beside` are the issues that stop no decision, by record.
    """

    health: Health
    shelf: Shelf
    policy: PolicyVersion
    issues: tuple[Issue, ...]
    beside: Mapping[RecordKey, tuple[Issue, ...]]
    states: Mapping[ItemKey, ItemState]
    decisions: Mapping[str, Decision]
    tiers: Mapping[str, int]
    known_items: tuple[KnownItem, ...]
    set_asides: tuple[SetAside, ...]
    chases: Mapping[str, Chase]
    blocked_bills: frozenset[str]
    blocked_invoices: frozenset[str]
    reckoning: Reckoning
    places: Mapping[str, Place] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {bill.id: self._judge(bill) for bill in self.shelf.bills.values()})

    @property
    def today(self) -> date:
        return self.health.today

    @property
    def currency(self) -> str:
        return self.health.currency

    @property
    def rules(self) -> Policy:
        return self.policy.policy

    @property
    def available(self) -> Decimal | None:
        return self.reckoning.available

    def place(self, bill: Bill) -> Place:
        return self.places[bill.id] if self.shelf.bills.get(bill.id) is bill else self._judge(bill)

    def _judge(self, bill: Bill) -> Place:
        return place_bill(bill, blocked=self.blocked_bills, decided=self.decisions, today=self.today)

    def proposed_day(self, bill_id: str) -> date | None:
        """The pay day that a live proposal asks for; one gone by asks for nothing any more."""
        live = self.decisions.get(bill_id)
        asked = live.pay_on if live is not None and live.phase is Phase.PROPOSED else None
        return asked if asked is not None and asked >= self.today else None

    def is_chased(self, invoice_id: str) -> bool:
        """Somebody set out to collect it; after a week without the money it comes back."""
        chase = self.chases.get(invoice_id)
        return chase is not None and self.today - chase.day < CHASE_HOLDS

    def ready_invoices(self) -> list[Invoice]:
        return [
            one
            for one in self.shelf.invoices.values()
            if not self.is_chased(one.id) and is_invoice_ready(one, blocked=self.blocked_invoices, today=self.today)
        ]

    def in_tray(self) -> list[Issue]:
        """Issues that wait for somebody."""
        return [issue for issue in self.issues if self.status(issue) in WAITING]

    def also_in_tray(self, key: RecordKey) -> tuple[IssueCode, ...]:
        """What waits in the tray about a record that can be decided all the same."""
        return tuple(one.code for one in self.beside.get(key, ()) if self.status(one) in WAITING)

    def status(self, issue: Issue) -> ItemStatus:
        return effective_status(issue, _state_of(issue, self.states), self.today)


def key_of(issue: Issue) -> ItemKey:
    return ItemKey(issue.key, issue.code)


def _state_of(issue: Issue, states: Mapping[ItemKey, ItemState]) -> ItemState | None:
    """Where nobody touched an item yet, thousands of issues are not looked up."""
    return states.get(key_of(issue)) if states else None


def effective_status(issue: Issue, state: ItemState | None, today: date) -> ItemStatus:
    """What counts now, also before a sync has written it down.

    A snooze ends by itself, a dismissal when what was judged changes; what the books had mended and show again is open.
    """
    if state is None or state.status is ItemStatus.AUTO_RESOLVED:
        return ItemStatus.OPEN
    standing = state.standing
    if state.status is ItemStatus.SNOOZED and standing.until is not None and standing.until <= today:
        return ItemStatus.OPEN
    if state.status is ItemStatus.DISMISSED and standing.judged != issue.judged:
        return ItemStatus.OPEN
    return state.status


async def load_desk(session: TenantSession, clock: Clock, business: Business | None = None) -> Desk:
    """`business`: the session's own, when it was just read."""
    business, policy = business or await get_business(session), await get_policy(session)
    shelf = await gather(session, clock, business, policy.policy.restricted_accounts)
    health = _health(shelf, business, clock.now())
    live = {one.bill_id: one for one in await list_live(session) if not one.is_over(health.today)}
    tiers = {vendor_id: row.tier for vendor_id, row in (await list_tiers(session)).items()}
    known = tuple(await list_known_items(session, from_day=health.today))
    asides = tuple(await list_set_asides(session))
    states = await list_states(session)
    choices = Choices(policy.policy, live, tiers, known, asides)
    found = await _surveyed(session, shelf, policy.policy, health)
    issues = found.issues
    return Desk(
        health=health,
        shelf=shelf,
        policy=policy,
        issues=issues,
        beside=found.beside,
        states=states,
        decisions=live,
        tiers=tiers,
        known_items=known,
        set_asides=asides,
        chases=await list_latest_chases(session),
        blocked_bills=_blocked(RecordKind.BILL, issues, states, health.today),
        blocked_invoices=_blocked(RecordKind.INVOICE, issues, states, health.today),
        reckoning=await _reckoned(session, shelf, choices, health.today),
    )


@dataclass(frozen=True, slots=True)
class Survey:
    """`beside`: the issues of bills and invoices that stop no decision, by record."""

    issues: tuple[Issue, ...]
    beside: Mapping[RecordKey, tuple[Issue, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        beside: dict[RecordKey, tuple[Issue, ...]] = {}
        for issue in self.issues:
            if not issue.blocks and issue.key.kind in (RecordKind.BILL, RecordKind.INVOICE):
                beside[issue.key] = (*beside.get(issue.key, ()), issue)
        object.__setattr__(self, "beside", beside)


async def _surveyed(session: TenantSession, shelf: Shelf, policy: Policy, health: Health) -> Survey:
    """Judged once for the same books, rules and warnings about the mirror."""
    ledger = ledger_of(shelf, policy, health)
    mark = (shelf.mark, ledger.today, ledger.mirror, ledger.names_read, ledger.defaulted_due_over)
    found = session.recall(Survey, mark) if shelf.mark is not None else None
    if found is None:
        found = await aside(lambda: Survey(survey(ledger)), size=shelf.size)
        if shelf.mark is not None:
            session.remember(found, mark, size=len(found.issues))
    return found


async def _reckoned(session: TenantSession, shelf: Shelf, choices: Choices, today: date) -> Reckoning:
    """Computed once for the same books and choices of people: most clicks of a crowd find both unchanged."""
    mark = (shelf.mark, shelf.sync.link, [line.state is Freshness.NEVER for line in shelf.freshness.groups], choices)
    found = session.recall(Reckoning, mark) if shelf.mark is not None else None
    if found is None:
        found = await aside(lambda: reckon(shelf, choices, today), size=shelf.size)
        if shelf.mark is not None:
            session.remember(found, mark, size=shelf.size)
    return found


def _blocked(
    kind: RecordKind, issues: tuple[Issue, ...], states: Mapping[ItemKey, ItemState], today: date
) -> frozenset[str]:
    """Records with a blocking issue that nobody dismissed; snoozed or called resolved, it still blocks."""
    blocking = (issue for issue in issues if issue.blocks and issue.key.kind is kind)
    return frozenset(
        issue.key.qbo_id
        for issue in blocking
        if effective_status(issue, _state_of(issue, states), today) is not ItemStatus.DISMISSED
    )


def ledger_of(shelf: Shelf, policy: Policy, health: Health) -> Ledger:
    return Ledger(
        today=health.today,
        currency=shelf.currency,
        bills=tuple(shelf.bills.values()),
        invoices=tuple(shelf.invoices.values()),
        paid_bills=shelf.paid_bills,
        purchases=shelf.purchases,
        vendors=shelf.vendors,
        customers=shelf.customers,
        payments=shelf.payments,
        credit_memos=shelf.credit_memos,
        vendor_credits=shelf.vendor_credits,
        accounts=shelf.balances.accounts,
        mirror=_mirror_health(shelf, health.now),
        names_read=shelf.freshness.of(Group.NAMES).state is not Freshness.NEVER,
        defaulted_due_over=policy.defaulted_due_over,
    )


def _mirror_health(shelf: Shelf, now: datetime) -> MirrorHealth:
    """The hard limit of documents counts for all groups: balances are re-read before any approval anyway."""
    read = [line.last_synced for line in shelf.freshness.groups if line.last_synced is not None]
    oldest = min(read, default=None)
    stale = oldest is not None and now - oldest > LIMITS[Group.BILLS].hard
    if oldest is None or not stale:
        return MirrorHealth(failed_run=shelf.sync.failed_run)
    return MirrorHealth((now - oldest).days, oldest.isoformat(), shelf.sync.failed_run)


def _health(shelf: Shelf, business: Business, now: datetime) -> Health:
    return Health(
        link=shelf.sync.link,
        freshness=shelf.freshness.groups,
        syncing=shelf.sync.running,
        last_run_failed=shelf.sync.failed_run is not None,
        currency=shelf.currency,
        zone=business.zone,
        today=now.astimezone(ZoneInfo(business.zone)).date(),
        now=now,
    )
