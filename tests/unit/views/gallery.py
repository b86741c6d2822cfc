"""Every view of the app, rendered with names of the caller's choosing: what laws are checked on, and people look at."""

from collections.abc import Callable, Mapping

from bot.commands import COMMANDS
from bot.views import console_forms, errors, outcomes, tray_forms
from bot.views.blocks import Home, Message, Modal
from bot.views.connect import draw_connect, draw_disconnect, draw_disconnected, draw_who_connects
from bot.views.console import draw_card, draw_console
from bot.views.headline import draw_headline
from bot.views.help import draw_help
from bot.views.limits import Surface
from bot.views.phrases import who
from bot.views.tray import draw_tray
from bot.views.tray_card import draw_tray_item
from calculators.runway import Status
from domains.issues.catalogue import IssueCode
from orchestrators.results.common import Condition, Link, Unknown
from orchestrators.results.console import CardAct, OutcomeKind, ReadOnly
from orchestrators.results.tray import TrayOutcomeKind
from tests.unit.views.samples import desk
from tests.unit.views.samples.base import OWNER, SCENE, Names, health

View = Message | Modal | Home
Draw = Callable[[Names], View]

OTHER_ACTS = (CardAct.CONFIRM, CardAct.APPROVE_ANYWAY, CardAct.PROPOSE, CardAct.CANCEL, CardAct.UNDO)
NO_HISTORY = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=12, days_needed=28)


def _after(kind: OutcomeKind) -> Draw:
    return lambda names: draw_console(
        desk.console([desk.bill(names)]), SCENE, said=outcomes.decision_said(desk.outcome(names, kind), SCENE)
    )


DESK: Mapping[str, Draw] = {
    "headline": lambda _: draw_headline(desk.headline(), SCENE),
    "headline below zero": lambda _: draw_headline(desk.headline(status=Status.CRITICAL, low_water=desk.BREACH), SCENE),
    "headline unknown": lambda _: draw_headline(desk.headline(status=Status.UNKNOWN, runway=NO_HISTORY), SCENE),
    "headline before connect": lambda _: draw_headline(
        desk.headline(cash=Condition(Unknown.NOT_CONNECTED), health=health(link=Link.NEVER)), SCENE
    ),
    "tray": lambda names: draw_tray(desk.tray([desk.item(names, number=at) for at in range(5)]), SCENE),
    "tray of every issue": lambda names: draw_tray(
        desk.tray([desk.item(names, code, at) for at, code in enumerate(list(IssueCode)[:10])]), SCENE
    ),
    "tray of every other issue": lambda names: draw_tray(
        desk.tray([desk.item(names, code, at) for at, code in enumerate(list(IssueCode)[10:])]), SCENE
    ),
    "tray of every state": lambda names: draw_tray(desk.tray(desk.every_item_state(names)), SCENE),
    "tray, empty": lambda _: draw_tray(desk.tray([], totals=(), blocking=0), SCENE),
    "tray card": lambda names: draw_tray_item(desk.item(names, IssueCode.LIKELY_DUPLICATE), SCENE),
    "tray after a click": lambda names: draw_tray(
        desk.tray([desk.item(names)]), SCENE, said=outcomes.tray_said(desk.tray_outcome(names), SCENE)
    ),
    "tray after a late click": lambda names: draw_tray(
        desk.tray([]), SCENE, said=outcomes.tray_said(desk.tray_outcome(names, TrayOutcomeKind.ALREADY), SCENE)
    ),
    "snooze form": lambda names: tray_forms.snooze_form(desk.item(names), SCENE, "m"),
    "dismiss form": lambda names: tray_forms.dismiss_form(desk.item(names), SCENE, "m"),
    "assign form": lambda names: tray_forms.assign_form(desk.item(names), SCENE, "m"),
    "console": lambda names: draw_console(
        desk.console([desk.bill(names, 1), desk.bill(names, 2), desk.bill(names, 3), desk.invoice(names)]), SCENE
    ),
    "console below the floor": lambda names: draw_console(
        desk.console(
            [desk.bill(names, effects=desk.effects(breach=True), acts=OTHER_ACTS)],
            low_water=desk.BREACH,
            plan=desk.plan(names),
        ),
        SCENE,
    ),
    "console, read-only": lambda names: draw_console(
        desk.console(
            [desk.bill(names, acts=(), why_not="You can’t approve or reject bills here. <@U0MAYA> can.")],
            read_only=ReadOnly.STALE_BOOKS,
        ),
        SCENE,
    ),
    "console, empty": lambda _: draw_console(desk.console([]), SCENE),
    "console of every state": lambda names: draw_console(
        desk.console(
            [desk.bill(names, at, state=state, acts=()) for at, state in enumerate(desk.every_card_state(names))]
        ),
        SCENE,
    ),
    "bill card without a projection": lambda names: draw_card(desk.bill(names, effects=NO_HISTORY, tier=None), SCENE),
    "invoice card, chased": lambda names: draw_card(desk.invoice(names, chased_by=OWNER, chased_at=SCENE.now), SCENE),
    "approve anyway form": lambda names: console_forms.approve_anyway_form(
        desk.bill(names, effects=desk.effects(breach=True)), SCENE, "m"
    ),
    "hold form": lambda names: console_forms.hold_form(desk.bill(names), SCENE, "m"),
    "reject form": lambda names: console_forms.reject_form(desk.bill(names), SCENE, "m"),
    "cancel form": lambda names: console_forms.cancel_form(desk.bill(names), SCENE, "m"),
    "plan form": lambda names: console_forms.plan_form(desk.plan(names, 95), SCENE, "m"),
    **{f"console after a click: {kind}": _after(kind) for kind in OutcomeKind},
}

ADMIN: Mapping[str, Draw] = {
    "connect": lambda names: draw_connect("https://runway.example/qbo/connect?ticket=t", company=next(names)),
    "who connects": lambda _: draw_who_connects(who(OWNER)),
    "disconnect": lambda names: draw_disconnect(next(names)),
    "disconnected": lambda names: draw_disconnected(next(names)),
    "help": lambda _: draw_help(COMMANDS),
    "refused": lambda _: errors.refused("You can’t approve or reject bills here. <@U0MAYA> can."),
    "failed": lambda _: errors.failed("a1b2c3"),
    "unknown command": lambda names: errors.unknown_command(next(names), "tray"),
}

VIEWS: Mapping[str, Draw] = {**DESK, **ADMIN}


def surface_of(view: View) -> Surface:
    if isinstance(view, Message):
        return "message"
    return "modal" if isinstance(view, Modal) else "home"
