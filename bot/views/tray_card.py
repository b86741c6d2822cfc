"""One record of the tray: what is wrong, what it costs in certainty, what became of it, and who can act."""

from typing import assert_never

from bot.actions import Ref
from bot.views.blocks import Block, Message, Style, actions, button, context, section
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, sentence
from bot.views.ids import Click
from bot.views.issues import explain, fix, party, short
from bot.views.phrases import days, money, record, who
from bot.views.scene import Scene
from domains.issues.catalogue import RecordKind, Severity
from domains.item_states import ItemStatus
from orchestrators.results.tray import TrayAct, TrayItem

SEVERITY = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}
_BUTTONS: dict[TrayAct, tuple[str, Click, Style | None]] = {
    TrayAct.RESOLVE: ("Resolve", Click.RESOLVE, "primary"),
    TrayAct.ASSIGN: ("Assign…", Click.ASSIGN, None),
    TrayAct.SNOOZE: ("Snooze…", Click.SNOOZE, None),
    TrayAct.DISMISS: ("Dismiss…", Click.DISMISS, None),
    TrayAct.REOPEN: ("Reopen", Click.REOPEN, None),
    TrayAct.UNDO: ("Undo", Click.UNDO_ITEM, None),
}


def tray_card(item: TrayItem, scene: Scene, *, place: str = "card") -> tuple[Block, ...]:
    """`place` is where the card stands, so that a click can draw the same list again."""
    shown = [section(lines(_title(item), _problem(item, scene)), accessory=_undo(item, place))]
    if below := _below(item, scene):
        shown.append(context(below))
    return (*shown, *_buttons(item, place))


def draw_tray_item(item: TrayItem, scene: Scene, intro: Mrkdwn | None = None, *, place: str = "card") -> Message:
    """The card on its own: in a DM to whom it is assigned, or found by its reference."""
    head = (section(intro),) if intro else ()
    return Message(sentence(intro, tray_line(item, scene), _hint(item)), (*head, *tray_card(item, scene, place=place)))


def tray_line(item: TrayItem, scene: Scene) -> Mrkdwn:
    """The whole card as one sentence."""
    amount = mrkdwn(", {}", money(item.amount)) if item.amount else Mrkdwn("")
    whose = mrkdwn("{}{}", Mrkdwn(_whose(item.record.kind)), party(item.facts)) if party(item.facts) else Mrkdwn("")
    subject = mrkdwn("{}{}{}: {}.", record(item.record), whose, amount, Mrkdwn(short(item.code)))
    return sentence(subject, _rests(item), state_of_item(item, scene))


def _whose(kind: RecordKind) -> str:
    """Bills come from vendors, invoices go to customers; a vendor, a customer or an account is the party itself."""
    if kind in {RecordKind.INVOICE, RecordKind.CREDIT_MEMO}:
        return " to "
    return ", " if kind in {RecordKind.VENDOR, RecordKind.CUSTOMER, RecordKind.ACCOUNT} else " from "


def _title(item: TrayItem) -> Mrkdwn:
    words = [mrkdwn("*{}*", party(item.facts))] if party(item.facts) else []
    words.append(record(item.record, item.facts.doc_number))
    words += [money(item.amount)] if item.amount else []
    return joined(" · ", words)


def _problem(item: TrayItem, scene: Scene) -> Mrkdwn:
    level = f"{SEVERITY[item.severity]}, blocks a decision:" if item.blocks else f"{SEVERITY[item.severity]}:"
    return sentence(Mrkdwn(level), explain(item, scene))


def _below(item: TrayItem, scene: Scene) -> Mrkdwn:
    state = state_of_item(item, scene)
    return lines(state, sentence(_rests(item), _hint(item)), scene.open(item.record))


def _hint(item: TrayItem) -> Mrkdwn | None:
    return fix(item.code) if TrayAct.RESOLVE in item.acts else None


def _rests(item: TrayItem) -> Mrkdwn | None:
    """What the issue costs in certainty; nothing once it was called fine or is gone."""
    cost, settled = item.certainty, {ItemStatus.DISMISSED, ItemStatus.AUTO_RESOLVED}
    if cost is None or not cost.money or item.state.status in settled:
        return None
    if not cost.days:
        return mrkdwn("± {} rest on this.", money(cost.money))
    return mrkdwn("± {} and {} of runway rest on this.", money(cost.money), days(cost.days))


def state_of_item(item: TrayItem, scene: Scene) -> Mrkdwn | None:
    """Told from the state row alone; nothing for one that nobody has touched."""
    state, actor = item.state, who(item.state.changed_by or "")
    when = scene.moment(state.changed_at) if state.changed_at else Mrkdwn("")
    words: Mrkdwn | None = None
    match state.status:
        case ItemStatus.OPEN:
            pass
        case ItemStatus.ASSIGNED:
            words = mrkdwn("Assigned to {} by {} {}.", who(state.assignee or ""), actor, when)
        case ItemStatus.RESOLVED:
            words = mrkdwn("Marked resolved by {} {}; QuickBooks has yet to confirm it.", actor, when)
        case ItemStatus.SNOOZED:
            words = mrkdwn("Snoozed by {} until {}.", actor, scene.day(state.until) if state.until else "later")
        case ItemStatus.DISMISSED:
            words = mrkdwn("Dismissed by {} {}: {}", actor, when, state.reason or "no reason given")
        case ItemStatus.AUTO_RESOLVED:
            words = Mrkdwn("Fixed: QuickBooks no longer shows this.")
        case ItemStatus.REOPENED:
            whose = mrkdwn("It stays with {}.", who(state.assignee)) if state.assignee else None
            words = sentence(Mrkdwn("Open again: QuickBooks still shows this."), whose)
        case _:
            assert_never(state.status)
    return words


def _buttons(item: TrayItem, place: str) -> tuple[Block, ...]:
    """While an undo is possible there is no need to reopen."""
    hidden = {TrayAct.UNDO, TrayAct.REOPEN} if TrayAct.UNDO in item.acts else set()
    made = [_button(act, item, place) for act in item.acts if act not in hidden]
    return (actions(*made, block_id=f"item:{item.key}"),) if made else ()


def _undo(item: TrayItem, place: str) -> Block | None:
    """Stands at the side: the second half of a double click on an act must not take it back."""
    return _button(TrayAct.UNDO, item, place) if TrayAct.UNDO in item.acts else None


def _button(act: TrayAct, item: TrayItem, place: str) -> Block:
    text, click, style = _BUTTONS[act]
    ref = Ref(place, item.key, item.version)
    return button(text, click, ref, style=style, label=f"{text.rstrip('…')} {item.record.ref}, {short(item.code)}")
