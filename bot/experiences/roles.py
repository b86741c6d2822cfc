"""Who may do what: read it, change it, let somebody stand in for a while."""

from bot.experiences.stage import acquaint, fielded, find_text, get_day, get_number, get_ref, get_text, see
from bot.replies import Answer, FormOpener, Open, Turn
from bot.views import roles as view
from bot.views.escape import Mrkdwn
from bot.views.ids import Click, Form
from bot.views.setting_changes import lent_said
from domains.people import Role
from domains.policy import Delegation
from kit.db import TenantSession
from orchestrators.settings import SettingsOrchestrator


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        return await _shown(turn, session)


async def _shown(turn: Turn, session: TenantSession, said: Mrkdwn | None = None) -> Answer:
    result = await SettingsOrchestrator(session, turn.clock).get_settings(turn.caller)
    return view.draw_roles(result, await see(turn, session), said=said)


async def ask(turn: Turn) -> Answer:
    async with turn.unit() as session:
        return Open(view.roles_form(await SettingsOrchestrator(session, turn.clock).get_settings(turn.caller)))


async def save(turn: Turn) -> Answer:
    slack_user, ticked = get_text(turn, view.PERSON), turn.form.get(view.ROLES)
    roles = frozenset(Role(role) for role in ticked) if isinstance(ticked, tuple) else frozenset()
    await acquaint(turn, slack_user)
    async with turn.unit() as session:
        settings = SettingsOrchestrator(session, turn.clock)
        before = await settings.get_settings(turn.caller)
        after = await settings.set_roles(turn.caller, slack_user, roles, source=turn.source)
        return await _shown(turn, session, view.roles_said(before, after, slack_user))


async def ask_delegate(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await SettingsOrchestrator(session, turn.clock).get_settings(turn.caller)
        return Open(view.delegate_form(result, await see(turn, session)))


async def delegate(turn: Turn) -> Answer:
    given = Delegation(
        slack_user=get_text(turn, view.PERSON),
        limit=get_number(turn, view.LIMIT),
        starts=get_day(turn, view.STARTS),
        ends=get_day(turn, view.ENDS),
        granted_by=turn.caller.slack_user,
        daily_limit=get_number(turn, view.DAILY) if find_text(turn, view.DAILY) else None,
    )
    async with turn.unit() as session:
        settings = SettingsOrchestrator(session, turn.clock)
        before = (await settings.get_settings(turn.caller)).policy
        after = await settings.set_delegation(turn.caller, int(turn.metadata), given, source=turn.source)
        said = lent_said(before, after.policy, given.slack_user, (await see(turn, session)).day, after.currency)
        return await _shown(turn, session, said)


async def end(turn: Turn) -> Answer:
    slack_user = get_ref(turn).key
    async with turn.unit() as session:
        settings = SettingsOrchestrator(session, turn.clock)
        before = await settings.get_settings(turn.caller)
        after = await settings.end_delegation(turn.caller, before.version, slack_user, source=turn.source)
        said = lent_said(before.policy, after.policy, slack_user, (await see(turn, session)).day, after.currency)
        return await _shown(turn, session, said)


COMMANDS = {"roles": show}
ACTIONS = {
    Click.ROLES: show,
    Click.ROLES_EDIT: FormOpener(ask),
    Click.DELEGATE: FormOpener(ask_delegate),
    Click.DELEGATE_END: end,
}
FORMS = {Form.ROLES: fielded(save), Form.DELEGATE: fielded(delegate)}
