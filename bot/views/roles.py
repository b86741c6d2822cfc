"""Who may do what, and who stands in for whom until when."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from bot.actions import Ref
from bot.views.blocks import DIVIDER, Block, Message, Modal, actions, button, context, section
from bot.views.escape import Mrkdwn, lines, mrkdwn, plain_name
from bot.views.ids import Click, Form
from bot.views.inputs import date_field, field, option, person_field, text_field, ticks
from bot.views.phrases import counted, money, who
from bot.views.scene import Scene
from bot.views.setting_changes import NOTHING
from domains.people import Role
from orchestrators.results.settings import PersonLine, SettingsAct, SettingsView

PERSON, ROLES, LIMIT, DAILY, STARTS, ENDS = "slack_user", "roles", "limit", "daily_limit", "starts", "ends"
SHOWN: Final = 40
YOURS: Final = {
    Role.OWNER: "You decide everything, also below the cash floor.",
    Role.ADVISOR: "You see everything and propose; you approve within a limit.",
    Role.ADMIN: "You connect, sync, and change settings and roles.",
    Role.MEMBER: "You see only what is assigned to you.",
}
MEANING: Final = {
    Role.OWNER: "decides everything, also below the cash floor",
    Role.ADVISOR: "sees everything, proposes; approves within a limit",
    Role.ADMIN: "connects, syncs, changes settings and roles",
    Role.MEMBER: "sees only what is assigned to them",
}


def standing(roles: Collection[Role]) -> Mrkdwn:
    """To the person themselves; whoever was given no role is as good as a member."""
    held = [role for role in Role if role in roles] or [Role.MEMBER]
    named = Mrkdwn(" and ".join(held))
    return mrkdwn("Your role: {}. {}", named, Mrkdwn(" ".join(YOURS[role] for role in held)))


def draw_roles(result: SettingsView, scene: Scene, *, said: Mrkdwn | None = None) -> Message:
    known = sorted((line for line in result.people if line.roles), key=_rank)
    each = [_line(line, scene) for line in known]
    head, missing = mrkdwn("{} with a role.", counted(len(known), "person", "people")), _ownerless(known)
    meaning = lines(*(mrkdwn("{}: {}.", role.capitalize(), words) for role, words in MEANING.items()))
    blocks = [section(said)] if said else []
    blocks += [section(lines(mrkdwn("*{}*", head), missing)), *_people(known, each, result)]
    return Message(lines(said, head, missing, *each), (*blocks, *_buttons(result), context(meaning)))


def _ownerless(known: list[PersonLine]) -> Mrkdwn | None:
    if any(Role.OWNER in line.roles for line in known):
        return None
    return Mrkdwn("Nobody is an owner, so nobody can approve bills. An admin can make somebody one.")


def _rank(line: PersonLine) -> tuple[int, str]:
    """Whoever decides stands first."""
    return min(list(Role).index(role) for role in line.roles), line.name.casefold()


def _line(line: PersonLine, scene: Scene) -> Mrkdwn:
    roles = ", ".join(role for role in Role if role in line.roles)
    return mrkdwn("{}: {}.{}", who(line.slack_user), Mrkdwn(roles), _delegated(line, scene))


def _delegated(line: PersonLine, scene: Scene) -> Mrkdwn:
    if line.limit is None or line.limit_from is None or line.limit_to is None:
        return Mrkdwn("")
    term = mrkdwn("from {} to {}", scene.day(line.limit_from), scene.day(line.limit_to))
    return mrkdwn(" May approve up to {} a bill {}.", money(line.limit), term)


def _people(known: list[PersonLine], each: list[Mrkdwn], result: SettingsView) -> list[Block]:
    may = SettingsAct.GRANT in result.acts
    rows = [
        section(words, accessory=_end(line) if may and line.limit else None)
        for line, words in zip(known, each, strict=True)
    ]
    more = len(rows) - SHOWN
    return rows if more <= 0 else [*rows[:SHOWN], section(Mrkdwn(f"And {more} more."))]


def _end(line: PersonLine) -> Block:
    return button(
        "End limit",
        Click.DELEGATE_END,
        Ref("person", line.slack_user),
        label=f"End the limit of {plain_name(line.name, 40)}",
    )


def _buttons(result: SettingsView) -> tuple[Block, ...]:
    if SettingsAct.EDIT not in result.acts:
        return ()
    change = button("Change roles…", Click.ROLES_EDIT, style="primary")
    lend = button("Let somebody approve…", Click.DELEGATE) if SettingsAct.GRANT in result.acts else None
    return (DIVIDER, actions(change, lend))


def roles_said(before: SettingsView, after: SettingsView, slack_user: str) -> Mrkdwn:
    old, new = _role_words(before, slack_user), _role_words(after, slack_user)
    if old == new:
        return NOTHING
    return mrkdwn("Saved. {}: {} before, {} now.", who(slack_user), old, new)


def _role_words(result: SettingsView, slack_user: str) -> Mrkdwn:
    held = next((line.roles for line in result.people if line.slack_user == slack_user), frozenset())
    return Mrkdwn(" and ".join(role for role in Role if role in held) or "no role")


def roles_form(result: SettingsView, person: PersonLine | None = None) -> Modal:
    options = [option(role, role.capitalize(), MEANING[role]) for role in Role]
    chosen = person.roles if person else frozenset({Role.MEMBER})
    hint = "These replace the roles this person has now. Everybody can hold several."
    blocks = (
        field(PERSON, "Who?", person_field(person.slack_user if person else "")),
        field(ROLES, "Roles", ticks(options, chosen), hint=hint, optional=True),
    )
    return Modal(Form.ROLES, "Change roles", blocks, submit="Save", metadata=str(result.version))


def delegate_form(result: SettingsView, scene: Scene) -> Modal:
    """A right with an end: both dates are included."""
    month: date = scene.today + timedelta(days=30)
    blocks = (
        section(Mrkdwn("Lets an advisor approve bills alone up to an amount, between two dates. Both names are kept.")),
        field(PERSON, "Who may approve?", person_field()),
        field(LIMIT, f"Up to, per bill ({result.currency})", text_field(placeholder="2500.00", longest=20)),
        field(DAILY, "Up to, per day", text_field(longest=20), hint="Without it: three times that.", optional=True),
        field(STARTS, "From", date_field(scene.today)),
        field(ENDS, "To", date_field(month)),
    )
    return Modal(Form.DELEGATE, "Let somebody approve", blocks, submit="Save", metadata=str(result.version))
