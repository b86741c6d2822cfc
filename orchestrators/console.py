"""The decision console: ranks what can be decided, shows what each choice does, and records who decided what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from domains.bills import Bill
from domains.chases import list_latest_chases, start_chase
from domains.decisions import Decision, Phase, find_latest, list_changed_since, list_latest
from domains.invoices import Invoice
from domains.issues.catalogue import RecordKey, RecordKind
from domains.people import Act, Caller, list_roles, require
from kit.errors import Outdated, Refused
from kit.outbox import enqueue
from orchestrators.approvals import Wish, approve
from orchestrators.atlas import Atlas
from orchestrators.authority import Electorate, load_electorate, require_approver
from orchestrators.base import BaseDataOrchestrator, bounds, page_of
from orchestrators.card_states import read_only, voices_of
from orchestrators.cards import bill_card, invoice_card
from orchestrators.claims import Turn, claim_bill
from orchestrators.decision_sync import DecisionChanges, settle_decisions
from orchestrators.effects import HOME, redraw
from orchestrators.figures import cash_line, counts_of, low_water
from orchestrators.gather import find_bill, find_invoice
from orchestrators.jobs import AcceptPlan, ApproveAfterRead, PlannedBill, WaitingReply
from orchestrators.planning import plan_desk, plan_of, planned_atlas
from orchestrators.ranking import find_by_number, nearest_bills, ranked_records
from orchestrators.references import find_key, guess_key, ref_of
from orchestrators.results.basis import Condition
from orchestrators.results.console import (
    BillCard,
    CardAct,
    ConsoleResult,
    DecisionOutcome,
    InvoiceCard,
    Narrow,
    OutcomeKind,
    PlanOutcome,
    PlanRefusal,
    PlanResult,
)
from orchestrators.results.digest import DecidedLine
from orchestrators.seen import Seen
from orchestrators.verbs import hold, propose, reject, take_back

MOST_WAITING = 20
# What a plan leads to, by the phase that its own yes leaves.
WISHED: Mapping[Phase | None, OutcomeKind] = {
    Phase.APPROVED: OutcomeKind.DECIDED,
    Phase.PROPOSED: OutcomeKind.WAITING,
}


@dataclass(frozen=True, slots=True)
class DecisionConsoleDataOrchestrator(BaseDataOrchestrator):
    async def get_decision_data(
        self, caller: Caller | None, *, narrow: Narrow = Narrow.ALL, page: int = 1, per_page: int = 5
    ) -> ConsoleResult:
        await self._may_see(caller)
        desk = await self.load()
        plan = plan_desk(desk)
        atlas = planned_atlas(desk, plan)
        order = ranked_records(atlas, narrow)
        where = page_of(len(order), page, per_page)
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        return ConsoleResult(
            health=desk.health,
            narrow=narrow,
            cards=await self._cards(atlas, order[bounds(where, per_page)], caller, electorate),
            page=where,
            counts=counts_of(desk),
            cash=cash_line(desk),
            low_water=low_water(desk),
            read_only=read_only(desk),
            plan=plan_of(desk, plan),
            waiting=_waiting(atlas, caller, electorate),
        )

    async def get_plan(self, caller: Caller | None) -> PlanResult | Condition | None:
        """None when there is nothing to plan."""
        await self._may_see(caller)
        desk = await self.load()
        return plan_of(desk, plan_desk(desk))

    async def get_card(self, caller: Caller | None, key: str) -> BillCard | InvoiceCard:
        """Of any record the mirror knows, open or not. Raises `Refused` for others."""
        await self._may_see(caller)
        card = await self._card(caller, find_key(key))
        if card is None:
            raise Refused(f"There is no bill or invoice {key[:40]} in the books.")
        return card

    async def find_card(self, caller: Caller | None, words: str) -> BillCard | InvoiceCard | None:
        """By reference, with or without its dash, or by the document number that only one open record has."""
        await self._may_see(caller)
        typed = words.strip()
        key = find_key(typed) or find_by_number(await self.load(), typed) or guess_key(typed)
        return await self._card(caller, key)

    async def list_near(self, words: str) -> tuple[str, ...]:
        """References of open bills that may have been meant."""
        return nearest_bills(await self.load(), words)

    async def get_same_page(
        self, caller: Caller, touched: BillCard | InvoiceCard, *, narrow: Narrow, page: int, keys: Sequence[str]
    ) -> ConsoleResult:
        """The cards that stood on a page, in their order, each as it is now; `touched` as the act left it."""
        fresh = await self.get_decision_data(caller, narrow=narrow, page=page)
        known = {card.record.ref: card for card in (*fresh.cards, touched)}
        cards = [known[key] if key in known else await self.get_card(caller, key) for key in keys]
        # What began to wait for a second yes keeps its place on the page, and stands nowhere twice.
        waiting = tuple(card for card in fresh.waiting if card.record.ref not in keys)
        return replace(fresh, cards=tuple(cards), waiting=waiting) if cards else fresh

    async def approve(
        self,
        caller: Caller,
        key: str,
        version: str | None,
        *,
        source: str,
        pay_on: date | None = None,
        reason: str | None = None,
        reply: WaitingReply | None = None,
    ) -> DecisionOutcome:
        """Also the second approver's *confirm*. Never a payment: the bill then stands on the pay list."""
        turn = await self._turn(caller, key, version, source)
        return await approve(turn, Wish(pay_on, reason, just_read=False, reply=reply))

    async def approve_after_read(self, job: ApproveAfterRead) -> DecisionOutcome:
        """The approval that waited for a live reading, with the person's rights as they are now."""
        caller = Caller(job.slack_user, await list_roles(self.session, job.slack_user))
        key = ref_of(RecordKind.BILL, job.bill_id).ref
        turn = await self._turn(caller, key, job.version or None, job.source)
        return await approve(turn, Wish(job.pay_on, job.reason, just_read=True))

    async def propose(
        self, caller: Caller, key: str, version: str | None, *, source: str, pay_on: date | None = None
    ) -> DecisionOutcome:
        return await propose(await self._turn(caller, key, version, source), pay_on=pay_on)

    async def hold(
        self, caller: Caller, key: str, version: str | None, *, until: date, source: str, reason: str | None = None
    ) -> DecisionOutcome:
        return await hold(await self._turn(caller, key, version, source), until=until, reason=reason)

    async def reject(
        self, caller: Caller, key: str, version: str | None, *, reason: str, source: str
    ) -> DecisionOutcome:
        return await reject(await self._turn(caller, key, version, source), reason=reason)

    async def cancel(self, caller: Caller, key: str, *, source: str, reason: str | None = None) -> DecisionOutcome:
        return await take_back(await self._turn(caller, key, None, source), reason=reason)

    async def undo(self, caller: Caller, key: str, *, source: str) -> DecisionOutcome:
        return await take_back(await self._turn(caller, key, None, source), reason=None)

    async def chase(self, caller: Caller, key: str, version: str | None, *, source: str) -> DecisionOutcome:
        """Somebody takes it on to collect this invoice; for a week it is theirs."""
        await require(self.session, caller, Act.PROPOSE, "chase invoices")
        desk, found = await self.load(), find_key(key)
        invoice = desk.shelf.invoices.get(found.qbo_id) if found and found.kind is RecordKind.INVOICE else None
        if invoice is None:
            raise Refused(f"{key[:40]} is not an open invoice. Nothing was done.")
        changes = Seen.decode(version).changes_to(Seen.of(invoice)) if version else ()
        if changes:
            return DecisionOutcome(OutcomeKind.OUTDATED, invoice_card(Atlas.of(desk), invoice, caller), changes)
        made = not desk.is_chased(invoice.id) and await start_chase(
            self.session, invoice, day=desk.today, by=caller.slack_user, source=source, clock=self.clock
        )
        if made:
            await redraw(self.session, [ref_of(RecordKind.INVOICE, invoice.id).ref, HOME], cause=str(desk.today))
        seen = replace(desk, chases=await list_latest_chases(self.session))
        kind = OutcomeKind.DECIDED if made else OutcomeKind.ALREADY
        return DecisionOutcome(kind, invoice_card(Atlas.of(seen), invoice, caller))

    async def order_plan(
        self, caller: Caller, version: str, ticked: frozenset[str], *, source: str, reply: WaitingReply | None
    ) -> int:
        """Have the ticked bills of this very plan approved; returns how many that are. Raises `Outdated`."""
        electorate = await load_electorate(self.session, (desk := await self.load()).rules, desk.today)
        await require_approver(self.session, caller, electorate, "approve bills")
        plan = plan_of(desk, plan_desk(desk))
        if not isinstance(plan, PlanResult) or plan.version != version:
            raise Outdated(
                "Nothing was decided: the bills changed since the list was drawn. `/runway console` has them."
            )
        chosen = [line for line in plan.lines if line.record.ref in ticked]
        bills = tuple(PlannedBill(ref=one.record.ref, version=one.version, pay_on=one.pay_on) for one in chosen)
        job = AcceptPlan(slack_user=caller.slack_user, source=source, bills=bills, reply=reply)
        if bills:  # each order is answered in its own reply; what two of them tick is decided once
            await enqueue(self.session, job, key=f"plan:{uuid4()}")
        return len(bills)

    async def accept_bills(self, caller: Caller, bills: Sequence[PlannedBill], *, source: str) -> PlanOutcome:
        """On one reading of the desk, each by the same path as its own button; its bill is read under its lock."""
        one_reading = type(self)(self.session, self.clock, await self.load())
        return PlanOutcome(tuple([await one_reading.accept_bill(caller, bill, source) for bill in bills]))

    async def list_decided(self, since: datetime) -> tuple[DecidedLine, ...]:
        """Decisions that changed after `since`, oldest first."""
        return tuple(_decided_line(one) for one in await list_changed_since(self.session, since))

    async def after_sync(self) -> DecisionChanges:
        """Hold every live decision against the books as they are now."""
        return await settle_decisions(self.session, self.clock, await self.afresh().load())

    async def _may_see(self, caller: Caller | None) -> None:
        if caller is not None:
            await require(self.session, caller, Act.SEE, "see the console")

    async def _turn(self, caller: Caller, key: str, version: str | None, source: str) -> Turn:
        claim = await claim_bill(self.session, self.clock, await self.load(), caller, key)
        return Turn(self.session, self.clock, claim, caller, version, source)

    async def _card(self, caller: Caller | None, key: RecordKey | None) -> BillCard | InvoiceCard | None:
        if key is None or key.kind not in (RecordKind.BILL, RecordKind.INVOICE):
            return None
        desk = await self.load()
        atlas = planned_atlas(desk)
        if key.kind is RecordKind.INVOICE:
            invoice = await find_invoice(self.session, key.qbo_id)
            return invoice_card(atlas, invoice, caller) if invoice else None
        bill = await find_bill(self.session, key.qbo_id)
        if bill is None:
            return None
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        return bill_card(atlas, bill, await find_latest(self.session, bill.id), caller, electorate)

    async def _cards(
        self, atlas: Atlas, records: Sequence[Bill | Invoice], caller: Caller | None, electorate: Electorate
    ) -> tuple[BillCard | InvoiceCard, ...]:
        latest = await list_latest(self.session, [one.id for one in records if isinstance(one, Bill)])
        return tuple(
            bill_card(atlas, one, latest.get(one.id), caller, electorate)
            if isinstance(one, Bill)
            else invoice_card(atlas, one, caller)
            for one in records
        )

    async def accept_bill(self, caller: Caller, bill: PlannedBill, source: str) -> DecisionOutcome | PlanRefusal:
        """One that is refused leaves the others as they are."""
        try:
            async with self.session.begin_nested():
                outcome = await self.approve(caller, bill.ref, bill.version, source=source, pay_on=bill.pay_on)
                return _own_doing(outcome, caller, bill)
        except Refused as refusal:
            return PlanRefusal(ref_of(RecordKind.BILL, bill.ref.removeprefix("B-")), str(refusal))


def _waiting(atlas: Atlas, caller: Caller | None, electorate: Electorate) -> tuple[BillCard, ...]:
    """Proposals, those that this caller can complete first, then the oldest."""
    proposed = [one for one in atlas.desk.decisions.values() if one.phase is Phase.PROPOSED]
    bills = atlas.desk.shelf.bills
    cards = [
        bill_card(atlas, bills[one.bill_id], one, caller, electorate)
        for one in sorted(proposed, key=lambda one: (one.created_at, one.id))
        if one.bill_id in bills
    ]
    return tuple(sorted(cards, key=lambda card: CardAct.CONFIRM not in card.acts)[:MOST_WAITING])


def _own_doing(outcome: DecisionOutcome, caller: Caller, bill: PlannedBill) -> DecisionOutcome:
    """A plan that was interrupted runs again: what it finds decided as it wanted is no news of somebody else."""
    card = outcome.card
    if outcome.kind is not OutcomeKind.ALREADY or not isinstance(card, BillCard) or card.state.phase not in WISHED:
        return outcome
    mine = any(voice.by == caller.slack_user for voice in card.state.voices) and card.state.pay_on == bill.pay_on
    return replace(outcome, kind=WISHED[card.state.phase]) if mine else outcome


def _decided_line(one: Decision) -> DecidedLine:
    return DecidedLine(
        record=ref_of(RecordKind.BILL, one.bill_id),
        vendor=one.judged.vendor,
        balance=one.judged.amount,
        phase=one.phase,
        by=one.decided_by or one.created_by,
        at=one.changed_at,
        pay_on=one.pay_on,
        seen_paid_on=one.seen_on,
        voices=voices_of(one),
        held_until=one.held_until,
    )
