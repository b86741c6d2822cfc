"""One bill: who wants how much by when, why now, what each choice does to cash, and what was decided."""

from decimal import Decimal

from bot.actions import Ref
from bot.views.blocks import Block, Message, Style, actions, button, context, section
from bot.views.decision_states import decided
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, name, plain_name, sentence, spoken
from bot.views.ids import Click
from bot.views.issues import beside
from bot.views.phrases import money, record, unknown
from bot.views.scene import Scene
from orchestrators.results.basis import Condition
from orchestrators.results.console import BillCard, CardAct, Choice, Effect, InvoiceCard, PriorityLine, Standing

TIERS = {1: "must pay", 2: "key vendor", 3: "can wait"}
BUTTONS: dict[CardAct, tuple[str, Click, Style | None]] = {
    CardAct.APPROVE: ("Approve", Click.APPROVE, "primary"),
    CardAct.CONFIRM: ("Approve as second", Click.APPROVE, "primary"),
    CardAct.APPROVE_ANYWAY: ("Approve anyway…", Click.APPROVE_ANYWAY, "danger"),
    CardAct.PROPOSE: ("Propose", Click.PROPOSE, None),
    CardAct.HOLD: ("Hold…", Click.HOLD, None),
    CardAct.REJECT: ("Reject…", Click.REJECT, None),
    CardAct.CANCEL: ("Withdraw proposal…", Click.CANCEL, None),
    CardAct.UNDO: ("Undo", Click.UNDO, None),
    CardAct.CHASE: ("Chase", Click.CHASE, "primary"),
}


def bill_card(card: BillCard, scene: Scene, *, place: str = "card") -> tuple[Block, ...]:
    """`place` is where the card stands (`bot.views.places`), so that a click can draw the same list again."""
    state = decided(card.state, scene)
    head = lines(_title(card, scene), mrkdwn("*{}*", state) if state else None)
    blocks = [section(head, accessory=undo(card, place))]
    if not state or set(card.acts) - {CardAct.UNDO, CardAct.CANCEL}:
        blocks.append(section(effects(card, scene)))
    first = sentence(_beside(card), _approving(card, scene))
    if below := lines(first, ranked(card.priority), _why_not(card), scene.open(card.record)):
        blocks.append(context(below))
    return (*blocks, *card_buttons(card, place))


def draw_bill(card: BillCard, scene: Scene, intro: Mrkdwn | None = None, *, place: str = "card") -> Message:
    """The card on its own: in an approver's DM, a thread, or found by its reference."""
    head = (section(intro),) if intro else ()
    return Message(sentence(intro, bill_line(card, scene)), (*head, *bill_card(card, scene, place=place)))


def bill_line(card: BillCard, scene: Scene) -> Mrkdwn:
    """The whole card in words, down to what to type."""
    subject = mrkdwn("{} from {}, {}, {}.", record(card.record), name(card.vendor), _amount(card), scene.due(card.due))
    state = decided(card.state, scene)
    if state and card.state.standing is not Standing.READY:
        return sentence(subject, state)
    shown = Mrkdwn(effects(card, scene).replace("\n", " "))
    return sentence(subject, state, shown, _beside(card), _approving(card, scene), _why_not(card), _typed(card))


def _typed(card: BillCard) -> Mrkdwn | None:
    verbs = [verb for act, verb in _TYPED.items() if act in card.acts]
    words = [mrkdwn("`/runway {} {}`", verb, card.record.ref) for verb in verbs]
    return mrkdwn("{}.", joined(" or ", words)) if words else None


_TYPED = {
    CardAct.APPROVE: "approve",
    CardAct.CONFIRM: "approve",
    CardAct.APPROVE_ANYWAY: "approve",
    CardAct.HOLD: "hold",
    CardAct.REJECT: "reject",
}


def _title(card: BillCard, scene: Scene) -> Mrkdwn:
    head = joined(" · ", [mrkdwn("*{}*", name(card.vendor)), _amount(card), scene.due(card.due)])
    tier = _tier(card)
    below = joined(" · ", [record(card.record, card.doc_number), *([tier] if tier else [])])
    return lines(head, below)


def _amount(card: BillCard) -> Mrkdwn:
    home = card.home_balance
    if isinstance(home, Condition) or home.currency == card.balance.currency:
        return money(card.balance)
    return mrkdwn("{} (about {})", money(card.balance), money(home))


def _tier(card: BillCard) -> Mrkdwn | None:
    if card.tier is None:
        return None
    return Mrkdwn(TIERS[card.tier] + (" (suggested)" if card.tier_suggested else ""))


def effects(card: BillCard, scene: Scene) -> Mrkdwn:
    """One line per choice; choices that fall on the same day are one line, and a low point they share is said once."""
    if isinstance(card.effects, Condition):
        return mrkdwn("The effect on cash is not known. {}", unknown(card.effects))
    shown = [effect for effect in card.effects if not _repeats(effect, card.effects)]
    lowest = list(dict.fromkeys(_lowest(effect, scene) for effect in shown))
    if len(shown) < 2 or len(lowest) > 1:
        return lines(*(_effect(effect, card.effects, scene, _lowest(effect, scene)) for effect in shown))
    shared = mrkdwn("{}, whichever you choose.", Mrkdwn(lowest[0][0].upper() + lowest[0][1:]))
    return lines(shared, *(_effect(effect, card.effects, scene) for effect in shown))


def _repeats(effect: Effect, every: tuple[Effect, ...]) -> bool:
    """The best date may be today, and a hold may end on it: then one line speaks for both."""
    before = {Choice.BEST_DATE: Choice.PAY_NOW, Choice.HOLD: Choice.BEST_DATE}.get(effect.choice)
    return any(other.choice is before and other.on == effect.on for other in every)


def _lowest(effect: Effect, scene: Scene) -> Mrkdwn:
    outcome = mrkdwn("low point {} on {}", money(effect.low_water), scene.day(effect.low_water_on))
    if not effect.first_below_floor:
        return outcome
    return mrkdwn("{}, *below your floor from {}*", outcome, scene.day(effect.first_below_floor))


def _effect(effect: Effect, every: tuple[Effect, ...], scene: Scene, lowest: Mrkdwn | None = None) -> Mrkdwn:
    """The day stands in the choice; a hold is reckoned to end with the payment."""
    day = scene.day(effect.on)
    too = ", also after a hold" if any(one.choice is Choice.HOLD and one.on == effect.on for one in every) else ""
    names = {Choice.PAY_NOW: "Pay now", Choice.BEST_DATE: f"Pay on {day}{too}", Choice.HOLD: f"Hold, pay on {day}"}
    after = mrkdwn("cash that day {}", money(effect.cash_after))
    told = mrkdwn("{}; {}", lowest, after) if lowest else after
    return mrkdwn("*{}:* {}.", Mrkdwn(names[effect.choice]), told)


def ranked(priority: PriorityLine | None) -> Mrkdwn | None:
    """Why this stands where it stands, for bills and invoices alike."""
    if priority is None:
        return None
    score = priority.score.quantize(Decimal(1))
    reasons = mrkdwn(": {}", ", ".join(priority.reasons)) if priority.reasons else Mrkdwn("")
    return mrkdwn("Priority {} ({}){}.", str(score), priority.level, reasons)


def _why_not(card: BillCard) -> Mrkdwn | None:
    return spoken(card.why_not) if card.why_not else None


def card_buttons(card: BillCard | InvoiceCard, place: str) -> tuple[Block, ...]:
    made = [_button(act, card, place) for act in card.acts if act is not CardAct.UNDO]
    return (actions(*made, block_id=f"card:{card.record.ref}"),) if made else ()


def undo(card: BillCard | InvoiceCard, place: str) -> Block | None:
    """Stands at the side: the second half of a double click on a decision must not take it back."""
    return _button(CardAct.UNDO, card, place) if CardAct.UNDO in card.acts else None


def _button(act: CardAct, card: BillCard | InvoiceCard, place: str) -> Block:
    text, click, style = BUTTONS[act]
    if act is CardAct.CONFIRM and isinstance(card, BillCard) and card.breach:
        text = f"{text}…"  # asks a reason first
    party = plain_name(card.vendor if isinstance(card, BillCard) else card.customer, 30)
    ref = Ref(place, card.record.ref, card.version)
    return button(text, click, ref, style=style, label=f"{text.rstrip('…')}: {party} {card.record.ref}")


def _beside(card: BillCard) -> Mrkdwn | None:
    """Of use while somebody has yet to decide."""
    asked = card.state.standing in {Standing.READY, Standing.BEYOND} or CardAct.CONFIRM in card.acts
    return beside(card.also) if asked else None


def _approving(card: BillCard, scene: Scene) -> Mrkdwn | None:
    """Which day a yes means: the button has no room for it."""
    if not {CardAct.APPROVE, CardAct.APPROVE_ANYWAY, CardAct.CONFIRM} & set(card.acts):
        return None
    below = " That is below your floor, so it takes an owner’s reason." if card.breach else ""
    return mrkdwn("Approved means to be paid by {}.{}", scene.day(card.pay_on), Mrkdwn(below))
