"""The pay list: approved bills until they are handed to whoever pays, each for itself, and the file for them."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from domains.audit import lock_chain
from domains.bills import Bill
from domains.businesses import get_business
from domains.deciding import Change, Step, change_all, lock_bills, moving, seen_digest
from domains.decisions import AWAITING_PAYMENT, Decision, Phase, list_in_batch, list_live
from domains.handoffs import Handoff, find_handoff, save_handoff
from domains.issues.catalogue import RecordKind
from domains.people import Act, Caller, list_people, require
from kit.errors import Outdated, Refused
from kit.money import Money, sum_money
from kit.outbox import enqueue
from orchestrators.authority import Electorate, load_electorate, require_approver
from orchestrators.base import BaseDataOrchestrator
from orchestrators.card_states import may_undo, read_only, voices_of
from orchestrators.claims import WHY_READ_ONLY
from orchestrators.decision_sync import differences
from orchestrators.desk import Desk
from orchestrators.effects import HOME, PAYLIST, redraw, redraw_shown
from orchestrators.gather import list_bills_by_id
from orchestrators.jobs import HandOff, SendHandoff, WaitingReply
from orchestrators.references import ref_of
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import Voice
from orchestrators.results.paylist import HandOffResult, PaylistAct, PaylistLine, PaylistResult

COLUMNS = (
    "vendor",
    "bill number",
    "open balance",
    "currency",
    "due date",
    "pay date",
    "approved by",
    "reference",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class PaylistOrchestrator(BaseDataOrchestrator):
    async def get_paylist(self, caller: Caller | None) -> PaylistResult:
        if caller is not None:
            await require(self.session, caller, Act.SEE, "see the pay list")
        desk = await self.load()
        live = await list_live(self.session)
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        waiting = [_line(one, caller) for one in sorted(live, key=_by_pay_date) if one.phase is Phase.APPROVED]
        handed = [_line(one, caller) for one in sorted(live, key=_by_pay_date) if one.phase in AWAITING_PAYMENT]
        may = caller is None or (caller.may(Act.APPROVE) and electorate.may_approve(caller.slack_user))
        return PaylistResult(
            health=desk.health,
            lines=tuple(waiting),
            totals=_totals(waiting),
            home_total=_home_total(live, desk),
            handed_off=tuple(handed),
            version=_version(waiting),
            acts=(PaylistAct.HAND_OFF,) if waiting and may and read_only(desk) is None else (),
        )

    async def order_hand_off(self, caller: Caller, version: str, *, source: str, reply: WaitingReply | None) -> int:
        """Have the list that was seen handed off; returns how many lines it has. Raises `Outdated` for another list.

        Who presses twice orders the same hand-off twice, and is told the same of it.
        """
        desk = await self.load()
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        await require_approver(self.session, caller, electorate, "hand off the pay list")
        _refuse_read_only(desk)
        batch = uuid5(self.session.business_id, f"{version}:{caller.slack_user}")
        lines = await list_in_batch(self.session, batch) or await self._approved(caller, version)
        order = HandOff(slack_user=caller.slack_user, source=source, version=version, batch_id=batch, reply=reply)
        if lines:
            await enqueue(self.session, order, key=f"hand-off:{uuid4()}")
        return len(lines)

    async def hand_off(
        self, caller: Caller, version: str | None, *, source: str, batch: UUID | None = None
    ) -> HandOffResult:
        """Finalize each line; what fails stays in the list with its error. A `batch` that is done is told again.

        Raises `Outdated` when the list is not the one that was seen.
        """
        desk = await self.load()
        await lock_chain(self.session)
        if batch is not None and (handoff := await find_handoff(self.session, batch)) is not None:
            return await self._told_again(handoff, caller)
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        await require_approver(self.session, caller, electorate, "hand off the pay list")
        _refuse_read_only(desk)
        lines = await self._approved(caller, version)
        await lock_bills(self.session, [one.bill_id for one in lines])
        bills = {bill.id: bill for bill in await list_bills_by_id(self.session, [one.bill_id for one in lines])}
        batch, step = batch or uuid4(), Step(by=caller.slack_user, source=source)
        errors = {one.id: _why_not(one, bills.get(one.bill_id), step, desk, electorate) for one in lines}
        # Behind the chain's lock nobody else moves a decision; others wait there, however long the list is.
        changes = [_final(one, batch, errors[one.id]) for one in lines]
        return await self._deliver(batch, await change_all(self.session, changes, step, clock=self.clock), caller)

    async def _approved(self, caller: Caller, version: str | None) -> list[Decision]:
        lines = sorted((one for one in await list_live(self.session) if one.phase is Phase.APPROVED), key=_by_pay_date)
        if version is not None and version != _version([_line(one, caller) for one in lines]):
            raise Outdated("The pay list changed since it was drawn. Nothing was handed off; here it is now.")
        return lines

    async def _told_again(self, handoff: Handoff, caller: Caller) -> HandOffResult:
        done = await self._handed(handoff, caller)
        live = sorted(await list_live(self.session), key=_by_pay_date)
        failed = tuple(_line(one, caller) for one in live if one.phase is Phase.APPROVED and one.error)
        return HandOffResult(str(handoff.id), done, failed, handoff.filename, handoff.csv)

    async def _handed(self, handoff: Handoff, caller: Caller) -> tuple[PaylistLine, ...]:
        found = sorted(await list_in_batch(self.session, handoff.id), key=_by_pay_date)
        return tuple(_line(one, caller) for one in found)

    async def get_batch(self, caller: Caller, batch_id: str) -> HandOffResult:
        """The file of a hand-off again, word for word."""
        await require(self.session, caller, Act.SEE, "see the pay list")
        found = await find_handoff(self.session, _uuid(batch_id))
        if found is None:
            raise Refused("There is no such hand-off.")
        lines = await self._handed(found, caller)
        return HandOffResult(batch_id, lines, (), found.filename, found.csv)

    async def _deliver(self, batch: UUID, decisions: list[Decision], caller: Caller) -> HandOffResult:
        done = [one for one in decisions if one.batch_id == batch]
        failed = tuple(_line(one, caller) for one in decisions if one.batch_id != batch)
        cards = [ref_of(RecordKind.BILL, one.bill_id).ref for one in decisions]
        await redraw_shown(self.session, cards, cause=str(batch))
        await redraw(self.session, [PAYLIST, HOME], cause=str(batch))
        zone = ZoneInfo((await get_business(self.session)).zone)
        filename = f"runway-paylist-{self.clock.now().astimezone(zone):%Y-%m-%d-%H%M}.csv"
        if not done:
            return HandOffResult(None, (), failed, filename, None)
        names = {person.slack_user: person.name for person in await list_people(self.session)}
        text = to_csv(done, names)
        handoff = Handoff(batch, caller.slack_user, self.clock.now(), filename, text)
        await save_handoff(self.session, handoff)
        await enqueue(self.session, SendHandoff(batch_id=batch), key=f"handoff:{batch}")
        return HandOffResult(str(batch), tuple(_line(one, caller) for one in done), failed, filename, text)


def _final(decision: Decision, batch: UUID, error: str | None) -> Change:
    if error is not None:
        return Change(decision, "decision.hand_off_failed", {"error": error})
    return moving(decision, Phase.HANDED_OFF, batch_id=batch, error=None)


def to_csv(decisions: Iterable[Decision], names: dict[str, str]) -> str:
    """As bytes of any spreadsheet: no cell begins like a formula, amounts are plain numbers, dates ISO."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in decisions:
        approved_by = " + ".join(_voice(voice, names) for voice in voices_of(one))
        amount, due = one.judged.amount, one.judged.due
        cells = [
            safe_cell(one.judged.vendor),
            safe_cell(one.judged.doc_number or ""),
            f"{amount.cents().amount:.2f}",
            amount.currency,
            due.isoformat() if due else "",
            one.pay_on.isoformat() if one.pay_on else "",
            safe_cell(approved_by),
            one.reference,
        ]
        writer.writerow(cells)
    return target.getvalue()


def _voice(voice: Voice, names: Mapping[str, str]) -> str:
    by = names.get(voice.by, voice.by)
    lent = voice.on_behalf_of
    return f"{by} for {names.get(lent, lent)}" if lent else by


def safe_cell(text: str) -> str:
    """Text that a spreadsheet takes for text: no formula, no line of its own, no invisible control."""
    clean = "".join(
        " " if letter in "\r\n\t" else letter for letter in text if letter.isprintable() or letter in "\r\n\t"
    )
    return f"'{clean}" if clean.lstrip().startswith(FORMULA) else clean


def _why_not(decision: Decision, bill: Bill | None, step: Step, desk: Desk, electorate: Electorate) -> str | None:
    """Why this line cannot be handed off now, as a sentence."""
    if bill is None or not bill.is_open:
        return "The bill is not open in QuickBooks any more."
    if seen_digest(bill) != decision.digest:
        return f"The bill changed in QuickBooks: {differences(decision, bill, desk.today)}."
    if not electorate.covers(step.by, decision.home_amount):
        return "It is above your limit: an owner can hand it off."
    return None


def _line(decision: Decision, caller: Caller | None) -> PaylistLine:
    withdraw = decision.phase is Phase.APPROVED and may_undo(decision, caller)
    return PaylistLine(
        decision_id=str(decision.id),
        reference=decision.reference,
        record=ref_of(RecordKind.BILL, decision.bill_id),
        vendor=decision.judged.vendor,
        doc_number=decision.judged.doc_number,
        balance=decision.judged.amount,
        due=decision.judged.due,
        pay_on=decision.pay_on or decision.created_at.date(),
        voices=voices_of(decision),
        approved_at=decision.decided_at or decision.changed_at,
        phase=decision.phase,
        error=decision.error,
        acts=(PaylistAct.UNDO,) if withdraw else (),
    )


def _by_pay_date(decision: Decision) -> tuple[object, ...]:
    day = decision.pay_on or decision.created_at.date()
    return day, decision.judged.vendor.casefold(), len(decision.bill_id), decision.bill_id


def _totals(lines: Iterable[PaylistLine]) -> tuple[Money, ...]:
    listed = list(lines)
    currencies = sorted({line.balance.currency for line in listed})
    return tuple(
        sum_money((line.balance for line in listed if line.balance.currency == currency), currency)
        for currency in currencies
    )


def _home_total(live: Iterable[Decision], desk: Desk) -> Money | Condition:
    total = Money.zero(desk.currency)
    for one in live:
        if one.phase is not Phase.APPROVED:
            continue
        if one.home_amount is None:
            return Condition(Unknown.MISSING_RATE, one.judged.amount.currency)
        total += Money(one.home_amount, desk.currency)
    return total


def _version(lines: Iterable[PaylistLine]) -> str:
    return blake2b("\n".join(line.decision_id for line in lines).encode(), digest_size=12).hexdigest()


def _refuse_read_only(desk: Desk) -> None:
    why = read_only(desk)
    if why is not None:
        raise Refused(WHY_READ_ONLY[why])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused("There is no such hand-off.") from error
