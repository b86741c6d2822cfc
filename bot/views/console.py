"""The console as a list: what cash can bear, the cards with the effect of each choice, a pager."""

from typing import assert_never

from bot.actions import Ref
from bot.views.bill_card import bill_card, bill_line, draw_bill
from bot.views.blocks import DIVIDER, Block, Message, actions, button, context, section
from bot.views.connect import offer_connect
from bot.views.escape import Mrkdwn, lines, mrkdwn, sentence
from bot.views.headline import crossing, to_do
from bot.views.ids import Click
from bot.views.invoice_card import draw_invoice, invoice_card, invoice_line
from bot.views.phrases import counted, health, money, unknown
from bot.views.places import Place, list_place
from bot.views.scene import Scene
from bot.views.tray import pager
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, ConsoleResult, InvoiceCard, Narrow, PlanResult, ReadOnly, Standing
from orchestrators.results.headline import LowWater

SECOND_SHOWN = 3
READ_ONLY = {
    ReadOnly.STALE_BOOKS: "*Read-only:* the books are too old to decide on. An admin can start `/runway sync`.",
    ReadOnly.NEVER_SYNCED: "*Read-only:* the books have not been read yet. `/runway sync status` shows how far it is.",
    ReadOnly.NOT_CONNECTED: "*Read-only:* QuickBooks is not connected, so nothing can be checked: `/runway connect`.",
    ReadOnly.LOCKED_OUT: "*Read-only:* QuickBooks no longer lets Runway in. An admin reconnects it: `/runway connect`.",
}


def draw_console(result: ConsoleResult, scene: Scene, *, said: Mrkdwn | None = None, connect: bool = False) -> Message:
    """`said` is what the click before this came to; it stands first. `connect`: whoever looks may link QuickBooks."""
    asked = _asked(result)
    cards = (card_line(card, scene) for card in (*asked, *result.cards))
    text = lines(said, _summary(result, scene), _read_only(result), *cards, health(result.health, scene, said=True))
    offered = offer_connect(result.health.link) if connect else ()
    return Message(text, (*_blocks(result, scene, said), *offered))


def card_line(card: BillCard | InvoiceCard, scene: Scene) -> Mrkdwn:
    return bill_line(card, scene) if isinstance(card, BillCard) else invoice_line(card, scene)


def draw_card(
    card: BillCard | InvoiceCard, scene: Scene, intro: Mrkdwn | None = None, *, place: str = "card"
) -> Message:
    if isinstance(card, BillCard):
        return draw_bill(card, scene, intro, place=place)
    return draw_invoice(card, scene, intro, place=place)


def card_blocks(card: BillCard | InvoiceCard, scene: Scene, place: str = "card") -> tuple[Block, ...]:
    if isinstance(card, BillCard):
        return bill_card(card, scene, place=place)
    return invoice_card(card, scene, place=place)


def _blocks(result: ConsoleResult, scene: Scene, said: Mrkdwn | None) -> list[Block]:
    blocks = [section(said)] if said else []
    blocks.append(section(lines(mrkdwn("*{}*", counts(result)), _cash(result, scene), _read_only(result))))
    blocks.append(_ways(result))
    blocks += _second_yes(result, scene)
    place = str(list_place("console", result.page.number, (card.record.ref for card in result.cards), result.narrow))
    for card in result.cards:
        blocks += [DIVIDER, *card_blocks(card, scene, place)]
    if pages := pager(result.page, Click.CONSOLE, "console", "cards", result.narrow, again=_settled(result)):
        blocks += [DIVIDER, pages]
    return [*blocks, context(lines(_elsewhere(result), health(result.health, scene, said=True)))]


def narrow_of(place: Place) -> Narrow:
    return Narrow(place.narrow) if place.narrow in set(Narrow) else Narrow.ALL


def _settled(result: ConsoleResult) -> bool:
    """Cards of this page were decided since it was drawn: what comes next has moved up onto the same page."""
    return any(isinstance(card, BillCard) and card.state.standing is not Standing.READY for card in result.cards)


def _asked(result: ConsoleResult) -> tuple[BillCard, ...]:
    """Of the proposals that wait for a second yes, those that this page shows."""
    here = result.page.number == 1 and result.narrow is not Narrow.INVOICES
    return result.waiting[:SECOND_SHOWN] if here else ()


def _second_yes(result: ConsoleResult, scene: Scene) -> list[Block]:
    """Proposals that another approver must confirm stand on no page: the first one shows them."""
    shown = _asked(result)
    if not shown:
        return []
    place = str(list_place("console", 1, (card.record.ref for card in result.cards), result.narrow))
    blocks: list[Block] = [DIVIDER, section(mrkdwn("*{} for a second yes.*", _waits(len(result.waiting))))]
    for card in shown:
        blocks += bill_card(card, scene, place=place)
    return blocks


def _waits(number: int) -> Mrkdwn:
    return mrkdwn("{} {}", counted(number, "bill"), "waits" if number == 1 else "wait")


def _read_only(result: ConsoleResult) -> Mrkdwn | None:
    """Where cash is unknown for want of a link, that was said already."""
    unlinked = isinstance(result.cash, Condition) and result.cash.kind is Unknown.NOT_CONNECTED
    return None if unlinked else read_only(result.read_only)


def read_only(why: ReadOnly | None) -> Mrkdwn | None:
    return Mrkdwn(READ_ONLY[why]) if why else None


def _summary(result: ConsoleResult, scene: Scene) -> Mrkdwn:
    return sentence(counts(result), _cash(result, scene))


def counts(result: ConsoleResult) -> Mrkdwn:
    nothing = Mrkdwn("Nothing to decide right now.")
    match result.narrow:
        case Narrow.ALL:
            words = to_do(result.counts)
        case Narrow.BILLS:
            words = mrkdwn("{} to decide.", counted(result.counts.bills_ready, "bill"))
        case Narrow.INVOICES:
            words = mrkdwn("{} to chase.", counted(result.counts.invoices_ready, "invoice"))
            nothing = Mrkdwn("No invoice to chase right now.")
        case _:
            assert_never(result.narrow)
    return words if result.page.total else nothing


def _cash(result: ConsoleResult, scene: Scene) -> Mrkdwn:
    if isinstance(result.cash, Condition):
        return unknown(result.cash)
    available = mrkdwn("Available cash {}.", money(result.cash.available))
    return sentence(available, low_point(result.low_water, scene))


def low_point(low: LowWater | Condition, scene: Scene) -> Mrkdwn:
    if isinstance(low, Condition):
        return mrkdwn("The low point ahead is not known. {}", unknown(low))
    lowest = mrkdwn("Low point {} on {}", money(low.balance), scene.day(low.on))
    breach = crossing(low, scene)
    if breach and low.first_below_zero:  # says the low point itself
        return Mrkdwn(f"{breach[0].upper()}{breach[1:]}")
    return mrkdwn("{}: {}", lowest, breach) if breach else mrkdwn("{}.", lowest)


def _ways(result: ConsoleResult) -> Block:
    """The other halves of the console and, where bills stand, the way to decide all of them in one go."""
    views = {Narrow.ALL: "Bills and invoices", Narrow.BILLS: "Bills only", Narrow.INVOICES: "Invoices only"}
    others = [
        button(text, f"{Click.CONSOLE}:{narrow}", Ref("console", "1", narrow))
        for narrow, text in views.items()
        if narrow is not result.narrow
    ]
    return actions(_at_once(result), *others, button(f"Pay list ({result.counts.paylist})", Click.PAYLIST))


def _at_once(result: ConsoleResult) -> Block | None:
    plan = result.plan
    if result.narrow is Narrow.INVOICES or not isinstance(plan, PlanResult) or not plan.lines:
        return None
    what = "1 bill" if len(plan.lines) == 1 else f"{len(plan.lines)} bills at once"
    return button(f"Decide {what}…", Click.PLAN, Ref("plan", plan.version))


def _elsewhere(result: ConsoleResult) -> Mrkdwn | None:
    """Where the open bills are that have no card here: the parts add up to all of them."""
    if result.narrow is Narrow.INVOICES:
        return None
    counts_ = result.counts
    parts = {"blocked in the tray": counts_.bills_blocked, "decided": counts_.bills_decided}
    parts["due later than 30 days"] = counts_.bills_beyond
    rest = [mrkdwn("{} {}", str(number), words) for words, number in parts.items() if number]
    if not rest:
        return None
    return mrkdwn(
        "Of {}: {} to decide, {}.",
        counted(counts_.open_bills, "open bill"),
        str(counts_.bills_ready),
        Mrkdwn(", ".join(rest)),
    )
