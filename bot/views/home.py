"""App Home: what waits for this person, then health, then settings. A queue, not a brochure."""

from typing import Final

from bot.actions import Ref
from bot.views.blocks import DIVIDER, Block, Home, actions, button, context, header, section
from bot.views.decision_states import heard
from bot.views.escape import Mrkdwn, lines, mrkdwn, name
from bot.views.headline import headline_blocks, headline_buttons
from bot.views.ids import Click
from bot.views.issues import short
from bot.views.phrases import counted, money, record, who
from bot.views.roles import standing
from bot.views.scene import Scene
from domains.item_states import ItemKey
from orchestrators.references import ref_of
from orchestrators.results.basis import Link, RecordRef
from orchestrators.results.headline import HeadlineResult
from orchestrators.results.home import HomeResult, HomeTask, TaskKind

_BUTTONS: Final[dict[TaskKind, tuple[str, Click, Ref | None]]] = {
    TaskKind.RECONNECT: ("Reconnect", Click.CONNECT, None),
    TaskKind.CONNECT: ("Connect QuickBooks", Click.CONNECT, None),
    TaskKind.SYNC_FAILED: ("See why", Click.SYNC_STATUS, None),
    TaskKind.CASH_ACCOUNTS: ("Choose accounts…", Click.ACCOUNTS, None),
    TaskKind.DECIDE: ("Open console", Click.CONSOLE, Ref("console", "1", "all")),
    TaskKind.HAND_OFF: ("Open pay list", Click.PAYLIST, None),
    TaskKind.TRAY: ("Open tray", Click.TRAY, Ref("tray", "1")),
    TaskKind.COLLECT: ("See invoices", Click.CONSOLE, Ref("console", "1", "invoices")),
}

_ASKED: Final = {
    TaskKind.CONFIRM: ("it needs your yes as the second approver", "proposed"),
    TaskKind.MISMATCH: ("QuickBooks does not match what was approved", "approved"),
    TaskKind.NOT_SEEN: ("no payment is seen in QuickBooks so far", "approved"),
}


def draw_home(result: HomeResult, scene: Scene) -> Home:
    blocks: list[Block] = [header("Waiting for you")]
    for number, task in enumerate(result.tasks):
        blocks.append(section(_words(task, scene), accessory=_button(task), block_id=f"task:{number}"))
    if not result.tasks:
        blocks.append(section(Mrkdwn("Nothing waits for you. `/runway help` lists what you can ask for.")))
    if result.headline and not _asked_to_connect(result.tasks, result.headline):
        blocks += [DIVIDER, header("Where you stand"), *headline_blocks(result.headline, scene)]
        blocks.append(headline_buttons(result.headline, connect=False))
    return Home((*blocks, *_settings(result), context(lines(standing(result.roles), _foot(scene)))))


def _asked_to_connect(tasks: tuple[HomeTask, ...], headline: HeadlineResult) -> bool:
    """Before the first connection there is nothing to say but what waits above."""
    return headline.health.link is Link.NEVER and any(task.kind is TaskKind.CONNECT for task in tasks)


def _words(task: HomeTask, scene: Scene) -> Mrkdwn:
    """What is asked and about what; a task about one record names it."""
    match task.kind:
        case TaskKind.CONFIRM | TaskKind.MISMATCH | TaskKind.NOT_SEEN:
            words = _one(task, scene)
        case TaskKind.ASSIGNED:
            words = _assigned(task)
        case _:
            words = _many(task)
    return words


def _one(task: HomeTask, scene: Scene) -> Mrkdwn:
    asked, verb = _ASKED[task.kind]
    amount = mrkdwn(", {}", money(task.amount)) if task.amount else Mrkdwn("")
    due = mrkdwn(", {}", scene.due(task.due)) if task.due else Mrkdwn("")
    whose = heard(task.voices) or (who(task.by) if task.by else None)
    by = mrkdwn(" ({} by {})", verb, whose) if whose else Mrkdwn("")
    return mrkdwn("*{}* {}{}{}: {}{}.", name(task.party), task.ref or "", amount, due, asked, by)


def _assigned(task: HomeTask) -> Mrkdwn:
    """A record may lack its party: then that is what is to be mended."""
    item = ItemKey.parse(task.ref or "")
    whose = mrkdwn("*{}* ", name(task.party)) if task.party else Mrkdwn("")
    problem = Mrkdwn(short(item.code))
    return mrkdwn("{}{}: {}. It is assigned to you.", whose, record(_record(item)), problem)


def _record(item: ItemKey) -> RecordRef:
    return ref_of(item.record.kind, item.record.qbo_id)


def _many(task: HomeTask) -> Mrkdwn:
    sentences = {
        TaskKind.RECONNECT: Mrkdwn(
            "*QuickBooks no longer lets Runway in.* Nothing newer can be read until it is reconnected."
        ),
        TaskKind.CONNECT: Mrkdwn("*QuickBooks is not connected.* That is the next step."),
        TaskKind.SYNC_FAILED: Mrkdwn("*The last sync failed.* The figures are from the one before."),
        TaskKind.CASH_ACCOUNTS: _spoken_for(task),
        TaskKind.DECIDE: mrkdwn("*{}* to decide.", counted(task.count, "bill")),
        TaskKind.HAND_OFF: mrkdwn("*{}* on the pay list, not handed off yet.", counted(task.count, "approved bill")),
        TaskKind.TRAY: mrkdwn("*{}* in the tray.", counted(task.count, "issue")),
        TaskKind.COLLECT: _first_of(task),
    }
    return sentences[task.kind]


def _first_of(task: HomeTask) -> Mrkdwn:
    """Those that cannot wait, among all that other surfaces count."""
    if task.of is None or task.of <= task.count:
        return mrkdwn("*{}* to chase, a month late or large.", counted(task.count, "invoice"))
    verb = "is" if task.count == 1 else "are"
    return Mrkdwn(f"*{task.count:,} of {task.of:,} invoices* to chase {verb} a month late or large: begin there.")


def _spoken_for(task: HomeTask) -> Mrkdwn:
    more = mrkdwn(" and {}", counted(task.count - 1, "other account")) if task.count > 1 else Mrkdwn("")
    return mrkdwn("*{}*{}: is that money free to spend? It counts as cash so far.", name(task.party), more)


def _button(task: HomeTask) -> Block:
    if task.kind in _BUTTONS:
        text, click, ref = _BUTTONS[task.kind]
        return button(text, click, ref)
    about = task.ref or ""
    if task.kind is TaskKind.ASSIGNED:
        return button("Open", Click.ITEM, Ref("card", about), label=f"Open {_record(ItemKey.parse(about)).ref}")
    return button("Open", Click.CARD, Ref("card", about), label=f"Open {about}")


def _settings(result: HomeResult) -> tuple[Block, ...]:
    """Everybody may look things up; only who manages is offered the settings."""
    everyone = [button("Quiet hours…", Click.QUIET_HOURS), button("Help", Click.HELP)]
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
