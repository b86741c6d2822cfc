"""Money that will come or go before it is in the books, and money in the bank that is spoken for."""

from typing import Final

from bot.actions import Ref
from bot.views.blocks import DIVIDER, Block, Message, Modal, actions, button, section, sections
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, plain_name
from bot.views.ids import Click, Form
from bot.views.inputs import choice, date_field, field, option, radio, text_field
from bot.views.phrases import counted, money, who
from bot.views.scene import Scene
from domains.known_items import KnownItem, Repeat, SetAside
from kit.money import Money, format_money
from orchestrators.results.settings import KnownItemsView, SettingsAct

LABEL, AMOUNT, DIRECTION, ON, REPEAT, UNTIL = "label", "amount", "direction", "on", "repeat", "until"
COMES, GOES, ONCE = "in", "out", "once"
SHOWN: Final = 15
REPEATS: Final = {
    Repeat.WEEKLY: "every week",
    Repeat.BIWEEKLY: "every two weeks",
    Repeat.SEMI_MONTHLY: "twice a month",
    Repeat.MONTHLY: "every month",
    Repeat.QUARTERLY: "every quarter",
}


def draw_known(result: KnownItemsView, scene: Scene, *, said: Mrkdwn | None = None) -> Message:
    items = [_item(item, scene) for item in result.items]
    kept = [_aside(pot) for pot in result.set_aside]
    text = lines(said, _summary(result), *items, *kept)
    may = SettingsAct.EDIT in result.acts
    blocks = [section(said)] if said else []
    blocks.append(section(mrkdwn("*{}*", _summary(result))))
    rows = [(_item(item, scene), _remove(item) if may else None) for item in result.items[:SHOWN]]
    rows += [(_aside(pot), _release(pot) if may else None) for pot in result.set_aside[:SHOWN]]
    blocks += [section(words, accessory=act) for words, act in rows]
    blocks += sections(items[SHOWN:] + kept[SHOWN:])
    return Message(text, (*blocks, *(_add() if may else ())))


def _summary(result: KnownItemsView) -> Mrkdwn:
    if not result.items and not result.set_aside:
        return Mrkdwn("No known items. Add money you know will come or go, and the forecast counts on it.")
    known, kept = counted(len(result.items), "known item"), counted(len(result.set_aside), "amount")
    return mrkdwn("{} in the forecast, {} set aside.", known, kept)


def _item(item: KnownItem, scene: Scene) -> Mrkdwn:
    way = "in" if item.amount.amount > 0 else "out"
    first = mrkdwn("{}: {} {} on {}", name(item.label), money(abs(item.amount)), way, scene.day(item.on))
    if item.repeat is None:
        return mrkdwn("{}. Added by {}.", first, who(item.added_by))
    until = mrkdwn(" until {}", scene.day(item.until)) if item.until else Mrkdwn("")
    return mrkdwn("{}, then {}{}. Added by {}.", first, REPEATS[item.repeat], until, who(item.added_by))


def _aside(pot: SetAside) -> Mrkdwn:
    return mrkdwn("{}: {} set aside by {}.", name(pot.label), money(pot.amount), who(pot.set_by))


def _remove(item: KnownItem) -> Block:
    return button(
        "Remove",
        Click.KNOWN_REMOVE,
        Ref("known", str(item.id)),
        label=_spoken("Remove", item.label, item.amount),
    )


def _release(pot: SetAside) -> Block:
    return button(
        "Release",
        Click.RELEASE,
        Ref("known", str(pot.id)),
        label=_spoken("Release", pot.label, pot.amount),
    )


def _spoken(verb: str, label: str, amount: Money) -> str:
    return f"{verb} {plain_name(label, 40)}, {format_money(amount)}"


def _add() -> tuple[Block, ...]:
    known = button("Add known item…", Click.KNOWN_ADD, style="primary")
    return (DIVIDER, actions(known, button("Set money aside…", Click.SET_ASIDE)))


def known_form(scene: Scene, currency: str) -> Modal:
    ways = (option(GOES, "Money out"), option(COMES, "Money in"))
    repeats = (option(ONCE, "Once"), *(option(repeat, words.capitalize()) for repeat, words in REPEATS.items()))
    blocks = (
        field(LABEL, "What is it?", text_field(placeholder="Tax instalment", longest=60)),
        field(DIRECTION, "Which way?", radio(ways, GOES)),
        field(AMOUNT, f"Amount ({currency})", text_field(placeholder="2500.00", longest=20)),
        field(ON, "On which day?", date_field(scene.today)),
        field(REPEAT, "How often?", choice(repeats, ONCE)),
        field(UNTIL, "Until", date_field(), hint="Only if it repeats; without it, it goes on.", optional=True),
    )
    return Modal(Form.KNOWN_ADD, "Add known item", blocks, submit="Add")


def set_aside_form(currency: str) -> Modal:
    hint = "It stays in the bank, but is no longer available cash."
    blocks = (
        field(LABEL, "What for?", text_field(placeholder="Payroll tax", longest=60)),
        field(AMOUNT, f"Amount ({currency})", text_field(placeholder="5000.00", longest=20), hint=hint),
    )
    return Modal(Form.SET_ASIDE, "Set money aside", blocks, submit="Set aside")
