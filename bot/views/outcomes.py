"""What a click came to, in one sentence to whoever clicked; told from the state, also when somebody was first."""

from datetime import date, datetime
from typing import Final, assert_never

from bot.views.blocks import bullets
from bot.views.decision_states import decided, heard
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, name, sentence, spoken
from bot.views.issues import short
from bot.views.phrases import counted, money, record, who
from bot.views.scene import Scene
from bot.views.tray_card import state_of_item
from domains.decisions import Phase
from domains.issues.catalogue import RecordKind
from domains.item_states import ItemStatus
from kit.money import Money
from orchestrators.results.basis import Change
from orchestrators.results.console import BillCard, DecisionOutcome, InvoiceCard, OutcomeKind, PlanOutcome, PlanRefusal
from orchestrators.results.tray import TrayItem, TrayOutcome, TrayOutcomeKind

_VERBS: Final = {
    Phase.PROPOSED: "proposed",
    Phase.APPROVED: "approved",
    Phase.HANDED_OFF: "approved",
    Phase.HELD: "held",
    Phase.REJECTED: "rejected",
    Phase.CANCELLED: "cancelled",
}
_BY_YES: Final = frozenset({Phase.APPROVED, Phase.HANDED_OFF})
_FIELDS: Final = {
    "due": "due date",
    "balance": "open balance",
    "amount": "open balance",
    "home_balance": "open balance",
    "pay_on": "pay date",
    "low_water": "projected low point",
}
# What changed can only be seen in QuickBooks.
_UNSPOKEN: Final = {"lines": "its lines were changed", "party": "its vendor or customer was changed"}


def decision_said(outcome: DecisionOutcome, scene: Scene) -> Mrkdwn:
    subject = _subject(outcome.card)
    match outcome.kind:
        case OutcomeKind.DECIDED | OutcomeKind.WAITING:
            words = _done(outcome.card, scene)
        case OutcomeKind.ALREADY:
            words = _already(outcome.card, scene)
        case OutcomeKind.OUTDATED:
            words = _outdated(outcome, scene)
        case OutcomeKind.NEEDS_REASON:
            words = Mrkdwn("nothing was decided. Paying it goes below your floor: approve it with a reason.")
        case OutcomeKind.CHECKING:
            words = Mrkdwn("nothing is decided yet. It is being read again from QuickBooks; the card shows the result.")
        case _:
            assert_never(outcome.kind)
    return mrkdwn("{}: {}", subject, words)


def beside_card(outcome: DecisionOutcome, scene: Scene) -> Mrkdwn | None:
    """What must be said beside the card itself; nothing where the card says it all."""
    told = outcome.kind in {OutcomeKind.DECIDED, OutcomeKind.WAITING}
    return None if told else decision_said(outcome, scene)


def _subject(card: BillCard | InvoiceCard) -> Mrkdwn:
    party = card.vendor if isinstance(card, BillCard) else card.customer
    return mrkdwn("{} {} {}", name(party), card.record.ref, money(card.balance))


def _done(card: BillCard | InvoiceCard, scene: Scene) -> Mrkdwn:
    if isinstance(card, InvoiceCard):
        by = who(card.chased_by) if card.chased_by else Mrkdwn("nobody")
        return mrkdwn("being chased by {}.", by)
    return decided(card.state, scene) or Mrkdwn("it waits for a decision again.")


def _already(card: BillCard | InvoiceCard, scene: Scene) -> Mrkdwn:
    """As in "already approved by @maya at 3:42 PM"."""
    if isinstance(card, InvoiceCard):
        return mrkdwn("{}.", _already_by("chased", who(card.chased_by or ""), card.chased_at, scene))
    state = card.state
    if state.phase is None or state.phase not in _VERBS:
        return decided(state, scene) or Mrkdwn("already decided otherwise; it waits for a decision again.")
    whose = heard(state.voices) if state.phase in _BY_YES else Mrkdwn("")
    said = _already_by(_VERBS[state.phase], whose or who(state.by or ""), state.at, scene)
    return mrkdwn("{}, and handed off since.", said) if state.phase is Phase.HANDED_OFF else mrkdwn("{}.", said)


def _already_by(verb: str, whose: Mrkdwn, at: datetime | None, scene: Scene) -> Mrkdwn:
    when = mrkdwn(" {}", scene.moment(at)) if at else Mrkdwn("")
    return mrkdwn("already {} by {}{}", verb, whose, when)


def _outdated(outcome: DecisionOutcome, scene: Scene) -> Mrkdwn:
    aged = next((one.old for one in outcome.changes if one.field == "drawn"), None)
    if not isinstance(aged, date):
        return mrkdwn("nothing was decided, because it changed since you saw it{}", _changes(outcome, scene))
    return mrkdwn(
        "nothing was decided. This card was drawn on {}, and what a card shows holds for three days: here it is as it"
        " stands today.",
        scene.day(aged),
    )


def _changes(outcome: DecisionOutcome, scene: Scene) -> Mrkdwn:
    if not outcome.changes:
        return Mrkdwn(".")
    return mrkdwn(": {}.", joined("; ", [_change(change, scene) for change in outcome.changes]))


def _change(change: Change, scene: Scene) -> Mrkdwn:
    if change.field == "breach":
        return Mrkdwn(
            "it now takes cash below your floor" if change.new else "it takes cash no longer below your floor"
        )
    if change.field in _UNSPOKEN:
        return Mrkdwn(_UNSPOKEN[change.field])
    label = _FIELDS.get(change.field, change.field.replace("_", " "))
    return mrkdwn("{} was {}, is now {}", label, _value(change.old, scene), _value(change.new, scene))


def _value(value: object, scene: Scene) -> Mrkdwn:
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, date):
        return scene.day(value)
    return Mrkdwn("not set") if value is None else mrkdwn("{}", value)


def tray_said(outcome: TrayOutcome, scene: Scene) -> Mrkdwn:
    item = outcome.item
    state = state_of_item(item, scene) or Mrkdwn("It is open again.")
    match outcome.kind:
        case TrayOutcomeKind.DONE:
            words = sentence(state, _checking(item) if outcome.checking else None)
        case TrayOutcomeKind.ALREADY:
            words = mrkdwn("nothing to do, somebody was first. {}", state)
        case TrayOutcomeKind.GONE:
            words = Mrkdwn("nothing to do: QuickBooks no longer shows this.")
        case _:
            assert_never(outcome.kind)
    return mrkdwn("{}: {}", _item(item), words)


def _checking(item: TrayItem) -> Mrkdwn:
    if item.record.kind is RecordKind.SYNC:
        return Mrkdwn("The books are being read again now: `/runway sync status` shows how far that is.")
    return Mrkdwn("It is being read again from QuickBooks now; what comes of it will stand here.")


def resolve_said(item: TrayItem, failure: str | None, scene: Scene) -> Mrkdwn:
    """What QuickBooks said after somebody called an item mended; `failure`: why it could not be asked."""
    if failure is not None and item.state.status is ItemStatus.RESOLVED:
        unread = mrkdwn("It could not be read again from QuickBooks now: {}", spoken(failure))
        return mrkdwn("{}: {}", _item(item), sentence(unread, state_of_item(item, scene)))
    words = state_of_item(item, scene) or Mrkdwn("It is open.")
    return mrkdwn("{}: {}", _item(item), words)


def _item(item: TrayItem) -> Mrkdwn:
    party = mrkdwn("{} ", name(item.facts.party)) if item.facts.party else Mrkdwn("")
    return mrkdwn("{}{}, {}", party, record(item.record), Mrkdwn(short(item.code)))


def plan_ordered_said(number: int) -> Mrkdwn:
    if not number:
        return Mrkdwn("Nothing was ticked, so nothing was decided.")
    return mrkdwn("{} being approved. What comes of each will stand here.", _are(number))


def _are(number: int) -> Mrkdwn:
    return mrkdwn("{} {}", counted(number, "bill"), Mrkdwn("is" if number == 1 else "are"))


def plan_said(outcome: PlanOutcome) -> Mrkdwn:
    """What came of deciding many bills at once; those that stay in the console say why."""
    stayed = [_stayed(line) for line in outcome.lines if not _was_decided(line)]
    head = mrkdwn("{} approved, each to be paid by its planned date.", counted(outcome.decided, "bill"))
    head = head if outcome.decided else Mrkdwn("No bill was approved.")
    more = Mrkdwn(f"and {len(stayed) - 10} more.") if len(stayed) > 10 else None
    return lines(head, bullets(stayed[:10]) if stayed else None, more)


def _was_decided(line: DecisionOutcome | PlanRefusal) -> bool:
    return isinstance(line, DecisionOutcome) and line.kind is OutcomeKind.DECIDED


def _stayed(line: DecisionOutcome | PlanRefusal) -> Mrkdwn:
    if isinstance(line, PlanRefusal):
        return mrkdwn("{}: {}", line.record.ref, spoken(line.sentence))
    return mrkdwn("{}: {}", line.card.record.ref, Mrkdwn(_LEFT[line.kind]))


_LEFT: Final = {
    OutcomeKind.DECIDED: "approved.",
    OutcomeKind.WAITING: "waits for a second yes.",
    OutcomeKind.ALREADY: "was decided before.",
    OutcomeKind.OUTDATED: "changed since the list was drawn.",
    OutcomeKind.NEEDS_REASON: "goes below your floor: approve it by itself, with a reason.",
    OutcomeKind.CHECKING: "is being read again from QuickBooks first.",
}
