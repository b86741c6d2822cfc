"""One invoice to chase: who owes, how late against their own habit, and who calls."""

from bot.views.bill_card import card_buttons, ranked, undo
from bot.views.blocks import Block, Message, context, section
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, name, sentence
from bot.views.issues import beside
from bot.views.phrases import counted, money, record, who
from bot.views.scene import Scene
from domains.issues.catalogue import IssueCode
from orchestrators.results.console import InvoiceCard


def invoice_card(card: InvoiceCard, scene: Scene, *, place: str = "card") -> tuple[Block, ...]:
    head = joined(" · ", [mrkdwn("*{}*", name(card.customer)), money(card.balance), scene.due(card.due)])
    chased = _chased(card, scene)
    title = lines(head, record(card.record, card.doc_number), mrkdwn("*{}*", chased) if chased else None)
    known = sentence(_habit(card), _reach(card))
    below = lines(_beside(card), known, ranked(card.priority), scene.open(card.record))
    return (section(title, accessory=undo(card, place)), context(below), *card_buttons(card, place))


def draw_invoice(card: InvoiceCard, scene: Scene, intro: Mrkdwn | None = None, *, place: str = "card") -> Message:
    head = (section(intro),) if intro else ()
    return Message(sentence(intro, invoice_line(card, scene)), (*head, *invoice_card(card, scene, place=place)))


def invoice_line(card: InvoiceCard, scene: Scene) -> Mrkdwn:
    subject = mrkdwn(
        "{} to {}, {}, {}.", record(card.record), name(card.customer), money(card.balance), scene.due(card.due)
    )
    return sentence(subject, _chased(card, scene) or sentence(_beside(card), _habit(card)))


def _beside(card: InvoiceCard) -> Mrkdwn | None:
    """Without what stands on the card itself."""
    return beside([code for code in card.also if code is not IssueCode.NO_CONTACT])


def _chased(card: InvoiceCard, scene: Scene) -> Mrkdwn | None:
    if card.chased_by is None:
        return None
    when = mrkdwn(" {}", scene.moment(card.chased_at)) if card.chased_at else Mrkdwn("")
    return mrkdwn("Being chased by {}{}.", who(card.chased_by), when)


def _habit(card: InvoiceCard) -> Mrkdwn:
    """How late this is for this customer: "late" alone says little."""
    if card.usual_days_late is None:
        return Mrkdwn("No payment history with this customer.")
    if card.usual_days_late <= 0:
        return Mrkdwn("Usually pays on time.")
    return mrkdwn("Usually pays {} late.", counted(card.usual_days_late, "day"))


def _reach(card: InvoiceCard) -> Mrkdwn:
    return mrkdwn("Reminders go to {}.", card.email) if card.email else Mrkdwn("No e-mail address in the books.")
