"""Every view of the app, rendered with names of the caller's choosing: what laws are checked on, and people look at."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.commands import COMMANDS
from bot.views import console_forms, errors, outcomes, tray_forms
from bot.views.audit import draw_audit
from bot.views.blocks import Home, Message, Modal
from bot.views.cash_accounts import accounts_form, accounts_said
from bot.views.connect import draw_connect, draw_disconnect, draw_disconnected
from bot.views.console import draw_card, draw_console
from bot.views.digest import draw_digest
from bot.views.digest_orders import draw_doubtful, draw_ordered, draw_standing
from bot.views.forecast import draw_forecast, draw_why
from bot.views.headline import draw_headline
from bot.views.help import draw_help
from bot.views.home import draw_home
from bot.views.known import draw_known, known_form, set_aside_form
from bot.views.limits import Surface
from bot.views.notices import draw_alerts, draw_decision_notice, draw_your_turn
from bot.views.onboarding import draw_welcome
from bot.views.paylist import draw_paylist, hand_off_said
from bot.views.quiet import manners_form, manners_said
from bot.views.roles import delegate_form, draw_roles, roles_form
from bot.views.settings import digest_form, draw_settings, policy_form
from bot.views.sync import draw_sync_ordered, draw_sync_progress
from bot.views.sync_status import draw_sync_status
from bot.views.testdrive import draw_testdrive
from bot.views.tray import draw_tray
from bot.views.tray_card import draw_tray_item
from bot.views.vendors import draw_vendors
from calculators.runway import Status
from domains.issues.catalogue import IssueCode
from domains.policy import Policy
from orchestrators.digest_orders import DoubtfulDigest, RunTicket
from orchestrators.notices import Manners
from orchestrators.results.basis import Condition, Link, Unknown
from orchestrators.results.console import CardAct, OutcomeKind, ReadOnly
from orchestrators.results.onboarding import SyncState
from orchestrators.results.tray import TrayOutcomeKind
from tests.unit.views.samples import ahead, desk, house, weekly
from tests.unit.views.samples.base import NOW, OWNER, SCENE, Names, health

View = Message | Modal | Home
Draw = Callable[[Names], View]

OTHER_ACTS = (CardAct.CONFIRM, CardAct.APPROVE_ANYWAY, CardAct.PROPOSE, CardAct.CANCEL, CardAct.UNDO)
NO_HISTORY = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=12, days_needed=28)


def _after(kind: OutcomeKind) -> Draw:
    return lambda names: draw_console(
        desk.console([desk.bill(names)]), SCENE, said=outcomes.decision_said(desk.outcome(names, kind), SCENE)
    )


def _sync(state: SyncState) -> Draw:
    return lambda _: draw_sync_progress(house.progress(state), SCENE)


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
    "disconnect": lambda names: draw_disconnect(next(names)),
    "disconnected": lambda names: draw_disconnected(next(names), revoked=True),
    "disconnected_unheard": lambda names: draw_disconnected(next(names), revoked=False),
    "help": lambda _: draw_help(COMMANDS, frozenset()),
    "refused": lambda _: errors.refused("You can’t approve or reject bills here. <@U0MAYA> can."),
    "failed": lambda _: errors.failed("a1b2c3"),
    "locked out": lambda _: errors.locked_out("https://runway.example/slack/install"),
    "unknown command": lambda names: errors.unknown_command(next(names), "tray"),
}

AHEAD: Mapping[str, Draw] = {
    "forecast": lambda names: draw_forecast(ahead.forecast(names), SCENE),
    "forecast without history": lambda names: draw_forecast(ahead.forecast(names, outlook=NO_HISTORY), SCENE),
    "why": lambda names: draw_why(ahead.why(names), SCENE),
    "why runway": lambda names: draw_why(ahead.why_runway(names), SCENE),
    "pay list": lambda names: draw_paylist(ahead.paylist(names), SCENE),
    "pay list, long": lambda names: draw_paylist(ahead.paylist(names, 60), SCENE),
    "pay list, empty": lambda names: draw_paylist(ahead.paylist(names, 0, handed_off=()), SCENE),
    "pay list after hand-off": lambda names: draw_paylist(
        ahead.paylist(names), SCENE, said=hand_off_said(ahead.hand_off(names))
    ),
}

HOUSE: Mapping[str, Draw] = {
    "settings": lambda names: draw_settings(house.settings(names), SCENE),
    "settings, untouched": lambda names: draw_settings(house.settings(names, policy=Policy(), changed_by=None), SCENE),
    "digest form": lambda names: digest_form(house.settings(names)),
    "accounts form": lambda names: accounts_form(house.settings(names)),
    "accounts changed": lambda names: draw_settings(
        house.settings(names), SCENE, said=accounts_said(house.settings(names, banks=()), house.settings(names))
    ),
    "policy form": lambda names: policy_form(house.settings(names)),
    "roles": lambda names: draw_roles(house.settings(names), SCENE),
    "roles form": lambda names: roles_form(house.settings(names)),
    "delegate form": lambda names: delegate_form(house.settings(names), SCENE),
    "vendors": lambda names: draw_vendors(house.vendors(names), SCENE),
    "known items": lambda names: draw_known(house.known(names), SCENE),
    "known form": lambda _: known_form(SCENE, "USD"),
    "quiet hours form": lambda _: manners_form(Manners(ZoneInfo("UTC"), NOW.date())),
    "quiet hours said": lambda _: manners_said(
        Manners(ZoneInfo("UTC")), Manners(ZoneInfo("UTC"), NOW.date(), 22, 7, 3), SCENE
    ),
    "set aside form": lambda _: set_aside_form("USD"),
    "audit": lambda names: draw_audit(house.audit(names), SCENE),
    "audit of nothing": lambda names: draw_audit(house.audit(names, lines=()), SCENE),
    "home": lambda names: draw_home(house.home(names), SCENE),
    "home of a member": lambda names: draw_home(house.home(names, tasks=(), headline=None, may_manage=False), SCENE),
    "welcome, just installed": lambda names: draw_welcome(house.first_steps(names, 1), SCENE),
    "welcome": lambda names: draw_welcome(house.first_steps(names), SCENE),
    "welcome, all done": lambda names: draw_welcome(house.first_steps(names, 5), SCENE),
    "sync status": lambda names: draw_sync_status(house.sync_status(names), SCENE),
    "sync ordered": lambda _: draw_sync_ordered(fresh=True, full=False),
    **{f"sync {state}": _sync(state) for state in SyncState},
}

WEEKLY: Mapping[str, Draw] = {
    "digest": lambda names: draw_digest(weekly.digest(names), SCENE),
    "digest without amounts": lambda names: draw_digest(weekly.digest(names, amounts=False), SCENE),
    "digest, updated": lambda names: draw_digest(weekly.digest(names, revision=weekly.REVISION), SCENE),
    "digest ordered": lambda _: draw_ordered(RunTicket("run", fresh=True)),
    "digest to be updated": lambda _: draw_ordered(RunTicket("run", fresh=True, update=True)),
    "digest under way": lambda _: draw_ordered(RunTicket("run", fresh=False)),
    "digest stands": lambda _: draw_standing(weekly.STANDING, SCENE, "https://slack.test/archives/C1/p1"),
    "digest deleted": lambda _: draw_standing(replace(weekly.STANDING, place=None), SCENE, None),
    "digest in doubt": lambda _: draw_doubtful(DoubtfulDigest("run")),
    "digest, quiet": lambda names: draw_digest(weekly.digest(names, quiet=True), SCENE),
    "digest, late and stale": lambda names: draw_digest(
        weekly.digest(names, late=True, stale=True, preview=True, variance=None), SCENE, may_post=True
    ),
    "digest, nothing known": lambda names: draw_digest(
        weekly.digest(names, runway=NO_HISTORY, outlook=NO_HISTORY, variance=NO_HISTORY), SCENE
    ),
    "test drive": lambda names: draw_testdrive(weekly.testdrive(names, fictional=False), SCENE),
    "test drive, fictional": lambda names: draw_testdrive(weekly.testdrive(names, fictional=True), SCENE),
    "alerts": lambda names: draw_alerts(weekly.alerts(names), SCENE),
    "alerts, all over": lambda names: draw_alerts(weekly.alerts(names, lines=weekly.alerts(names).lines[-1:]), SCENE),
    "your turn": lambda names: draw_your_turn(weekly.your_turn(names), SCENE),
    "your turn, reminded": lambda names: draw_your_turn(weekly.your_turn(names, reminder=True), SCENE),
    "decision notice": lambda names: draw_decision_notice(weekly.decision_notice(names), SCENE),
}

VIEWS: Mapping[str, Draw] = {**DESK, **ADMIN, **AHEAD, **HOUSE, **WEEKLY}


def surface_of(view: View) -> Surface:
    if isinstance(view, Message):
        return "message"
    return "modal" if isinstance(view, Modal) else "home"
