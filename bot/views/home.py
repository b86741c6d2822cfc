"""App Home: what waits for this person, then health, then settings. A queue, not a brochure."""

from typing import Final

from bot.actions import Ref
from bot.views.blocks import DIVIDER, Block, Home, actions, button, context, header, section
from bot.views.escape import Mrkdwn, mrkdwn, name
from bot.views.headline import headline_blocks, headline_buttons
from bot.views.ids import Click
from bot.views.phrases import counted, money, who
from bot.views.scene import Scene
from orchestrators.results.home import HomeResult, HomeTask, TaskKind

_BUTTONS: Final[dict[TaskKind, tuple[str, Click, Ref | None]]] = {
    TaskKind.RECONNECT: ("Reconnect", Click.CONNECT, None),
    TaskKind.CONNECT: ("Connect QuickBooks", Click.CONNECT, None),
    TaskKind.SYNC_FAILED: ("See why", Click.SYNC_STATUS, None),
    TaskKind.DECIDE: ("Open console", Click.CONSOLE, Ref("console", "1", "all")),
    TaskKind.HAND_OFF: ("Open pay list", Click.PAYLIST, None),
    TaskKind.TRAY: ("Open tray", Click.TRAY, Ref("tray", "1")),
    TaskKind.COLLECT: ("See invoices", Click.CONSOLE, Ref("console", "1", "invoices")),
}

_ASKED: Final = {
    TaskKind.CONFIRM: ("needs your yes as the second approver", "proposed"),
    TaskKind.MISMATCH: ("does not match: QuickBooks shows another payment than was approved", "approved"),
    TaskKind.NOT_SEEN: ("was approved, but no payment is seen in QuickBooks", "approved"),
    TaskKind.ASSIGNED: ("is assigned to you", "assigned"),
}


def draw_home(result: HomeResult, scene: Scene) -> Home:
    blocks: list[Block] = [header("Waiting for you")]
    for number, task in enumerate(result.tasks):
        blocks.append(section(_words(task, scene), accessory=_button(task), block_id=f"task:{number}"))
    if not result.tasks:
        blocks.append(section(Mrkdwn("Nothing waits for you. `/runway help` lists what you can ask for.")))
    if result.headline:
        blocks += [DIVIDER, header("Where you stand"), *headline_blocks(result.headline, scene)]
        blocks.append(headline_buttons(result.headline))
    return Home((*blocks, *_settings(result), context(_foot(scene))))


def _words(task: HomeTask, scene: Scene) -> Mrkdwn:
    """What is asked and about what; a task about one record names it."""
    match task.kind:
        case TaskKind.CONFIRM | TaskKind.MISMATCH | TaskKind.NOT_SEEN | TaskKind.ASSIGNED:
            words = _one(task, scene)
        case _:
            words = _many(task)
    return words


def _one(task: HomeTask, scene: Scene) -> Mrkdwn:
    asked, verb = _ASKED[task.kind]
    amount = mrkdwn(", {}", money(task.amount)) if task.amount else Mrkdwn("")
    due = mrkdwn(", {}", scene.due(task.due)) if task.due else Mrkdwn("")
    by = mrkdwn(" ({} by {})", verb, who(task.by)) if task.by else Mrkdwn("")
    return mrkdwn("*{}* {}{}{} {}{}.", name(task.party), _reference(task), amount, due, asked, by)


def _reference(task: HomeTask) -> str:
    """Tray items are known by their key ("Bill:145:MISSING_DUE_DATE"); people read the record's own words."""
    kind, *rest = (task.ref or "").split(":")
    return f"{kind} {rest[0]}" if rest else kind


def _many(task: HomeTask) -> Mrkdwn:
    sentences = {
        TaskKind.RECONNECT: Mrkdwn(
            "*QuickBooks no longer lets Runway in.* Nothing newer can be read until it is reconnected."
        ),
        TaskKind.CONNECT: Mrkdwn("*QuickBooks is not connected.* That is the next step."),
        TaskKind.SYNC_FAILED: Mrkdwn("*The last sync failed.* The figures are from the one before."),
        TaskKind.DECIDE: mrkdwn("*{}* to decide.", counted(task.count, "bill")),
        TaskKind.HAND_OFF: mrkdwn("*{}* on the pay list, not handed off yet.", counted(task.count, "approved bill")),
        TaskKind.TRAY: mrkdwn("*{}* in the tray.", counted(task.count, "record")),
        TaskKind.COLLECT: mrkdwn("*{}* to collect.", counted(task.count, "invoice")),
    }
    return sentences[task.kind]


def _button(task: HomeTask) -> Block:
    if task.kind in _BUTTONS:
        text, click, ref = _BUTTONS[task.kind]
        return button(text, click, ref)
    label = f"Open {_reference(task)}"
    if task.kind is TaskKind.ASSIGNED:
        return button("Open", Click.ITEM, Ref("card", task.ref or ""), label=label)
    return button("Open", Click.CARD, Ref("card", task.ref or ""), label=label)


def _settings(result: HomeResult) -> tuple[Block, ...]:
    """Everybody may look things up; only who manages is offered the settings."""
    everyone = [button("Help", Click.HELP)]
    manage = [
        button("Settings", Click.SETTINGS),
        button("Roles", Click.ROLES),
        button("Vendors", Click.VENDORS),
        button("Sync status", Click.SYNC_STATUS),
    ]
    look = [button("Pay list", Click.PAYLIST), button("Known items", Click.KNOWN)] if result.headline else []
    return (DIVIDER, actions(*look, *(manage if result.may_manage else []), *everyone))


def _foot(scene: Scene) -> Mrkdwn:
    return mrkdwn("This page was drawn {}.", scene.moment(scene.now))
