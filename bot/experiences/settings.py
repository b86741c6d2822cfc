"""The rules of the business: read them, change them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.experiences.stage import fielded, find_text, get_number, get_text, list_ticked, see
from bot.replies import Answer, FormOpener, Open, Turn
from bot.views import settings as view
from bot.views.blocks import Modal
from bot.views.cash_accounts import APART, accounts_form, accounts_said, choosable
from bot.views.ids import Click, Form
from bot.views.setting_changes import saved_said
from domains.people import Role
from domains.policy import DigestSettings, Writeback
from orchestrators.refusals import BadField
from orchestrators.results.settings import SettingsView
from orchestrators.settings import PolicyChange, SettingsOrchestrator

Read = Callable[[Turn, SettingsView], PolicyChange]


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await SettingsOrchestrator(session, turn.clock).get_settings(turn.caller)
        return view.draw_settings(result, await see(turn, session))


def _asking(ask: Callable[[SettingsView], Modal]) -> Callable[[Turn], Awaitable[Answer]]:
    async def listener(turn: Turn) -> Answer:
        async with turn.unit() as session:
            return Open(ask(await SettingsOrchestrator(session, turn.clock).get_settings(turn.caller)))

    return FormOpener(listener)


def _saving(read: Read) -> Callable[[Turn], Awaitable[Answer]]:
    """The form carries the version that was seen: a newer one in between is refused, never overwritten."""

    async def listener(turn: Turn) -> Answer:
        async with turn.unit() as session:
            settings = SettingsOrchestrator(session, turn.clock)
            before = await settings.get_settings(turn.caller)
            change = read(turn, before)
            result = await settings.change_policy(turn.caller, int(turn.metadata), change, source=turn.source)
            said = saved_said(before.policy, result.policy, result.currency, others_told=_has_other_owner(turn, result))
            return view.draw_settings(result, await see(turn, session), said=said)

    return listener


def _has_other_owner(turn: Turn, result: SettingsView) -> bool:
    return any(Role.OWNER in one.roles and one.slack_user != turn.caller.slack_user for one in result.people)


def _policy(turn: Turn, _now: SettingsView) -> PolicyChange:
    return PolicyChange(
        floor_cash=get_number(turn, "floor_cash"),
        floor_days=int(get_number(turn, "floor_days")),
        second_approver_over=get_number(turn, "second_approver_over"),
        pay_days=_days(turn),
        significant_invoice=get_number(turn, "significant_invoice"),
        defaulted_due_over=get_number(turn, "defaulted_due_over"),
        stale_after_days=int(get_number(turn, "stale_after_days")),
        bill_writeback=Writeback(get_text(turn, "bill_writeback")),
    )


def _days(turn: Turn) -> tuple[int, ...]:
    ticked = turn.form.get("pay_days")
    if not isinstance(ticked, tuple) or not ticked:
        raise BadField("pay_days", "Please choose at least one day.")
    return tuple(sorted(int(day) for day in ticked))


def _digest(turn: Turn, now: SettingsView) -> PolicyChange:
    chosen: DigestSettings = replace(
        now.policy.digest,
        channel=find_text(turn, "channel"),
        amounts_in_channel=get_text(turn, "amounts_in_channel") == view.SHOW,
        weekday=int(get_text(turn, "weekday")),
        hour=int(get_text(turn, "hour")),
        zone=get_text(turn, "zone"),
        enabled=get_text(turn, "enabled") == "on",
    )
    return PolicyChange(digest=chosen)


def _accounts(turn: Turn, now: SettingsView) -> PolicyChange:
    """What the form did not list keeps its place."""
    listed = {one.account_id for one in choosable(now)}
    kept = [one for one in now.policy.restricted_accounts or () if one not in listed]
    return PolicyChange(restricted_accounts=tuple(sorted({*kept, *list_ticked(turn.form, APART)})))


async def save_accounts(turn: Turn) -> Answer:
    async with turn.unit() as session:
        settings = SettingsOrchestrator(session, turn.clock)
        before = await settings.get_settings(turn.caller)
        change = _accounts(turn, before)
        result = await settings.change_policy(turn.caller, int(turn.metadata), change, source=turn.source)
        return view.draw_settings(result, await see(turn, session), said=accounts_said(before, result))


COMMANDS = {"settings": show}
ACTIONS = {
    Click.SETTINGS: show,
    Click.POLICY: _asking(view.policy_form),
    Click.DIGEST_SETTINGS: _asking(view.digest_form),
    Click.ACCOUNTS: _asking(accounts_form),
}
FORMS = {
    Form.POLICY: fielded(_saving(_policy)),
    Form.DIGEST_SETTINGS: fielded(_saving(_digest)),
    Form.ACCOUNTS: fielded(save_accounts),
}
