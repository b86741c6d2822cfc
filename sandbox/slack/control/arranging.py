"""Setting the scene: workspaces, people, channels, installations."""

from dataclasses import asdict
from typing import Any

from sandbox.slack import channels, install_flow, installs, people, seed
from sandbox.slack.control.ask import Ask, BadAsk
from sandbox.slack.control.reading import person_card
from sandbox.slack.events import announce
from sandbox.slack.model import Person

JsonObject = dict[str, Any]

_FLAGS = ("is_owner", "is_primary_owner", "is_admin", "is_restricted", "is_ultra_restricted", "deleted")
_TEXTS = ("real_name", "role", "title", "tz")


async def add_team(ask: Ask) -> JsonObject:
    team = seed.add_team(ask.sandbox.world, str(ask.need("name")), str(ask.need("domain")))
    rows = ask.values.get("people") or [{"name": "owner", "role": "owner", "is_owner": True, "is_admin": True}]
    members = [_make_person(ask, team.id, row) for row in rows]
    seed.add_channel(ask.sandbox.world, team, "general", [one.id for one in members])
    ask.sandbox.changed("team", team=team.id)
    return {"team": asdict(team), "people": [person_card(one, team.id) for one in members]}


async def add_person(ask: Ask) -> JsonObject:
    team = ask.team()
    person = _make_person(ask, team.id, ask.values)
    for channel in ask.sandbox.world.channels.values():
        if channel.team_id == team.id and channel.is_general:
            channel.members.append(person.id)
    announce(ask.sandbox, team.id, {"type": "team_join", "user": people.user_json(person, team.id)})
    ask.sandbox.changed("person", team=team.id)
    return {"person": person_card(person, team.id)}


async def change_person(ask: Ask) -> JsonObject:
    team, person = ask.team(), ask.person("person")
    _set_fields(person, ask.values)
    person.updated = max(int(ask.sandbox.world.clock.now()), person.updated + 1)
    announce(ask.sandbox, team.id, {"type": "user_change", "user": people.user_json(person, team.id)})
    ask.sandbox.changed("person", team=team.id)
    return {"person": person_card(person, team.id)}


async def add_channel(ask: Ask) -> JsonObject:
    members = [_member(ask, one) for one in ask.values.get("members") or ["owner"]]
    channel = seed.add_channel(
        ask.sandbox.world,
        ask.team(),
        str(ask.need("name")),
        members,
        topic=ask.text("topic"),
        private=ask.flag("is_private"),
    )
    ask.sandbox.changed("channel", team=channel.team_id, channel=channel.id)
    return {"channel": channels.channel_json(channel, "")}


async def change_channel(ask: Ask) -> JsonObject:
    """`add` and `remove` are lists of people; `app` stands for the app's bot user."""
    channel = ask.channel()
    for one in ask.values.get("add") or []:
        member = _member(ask, one)
        if member not in channel.members:
            channel.members.append(member)
            event = {"type": "member_joined_channel", "user": member, "channel": channel.id, "team": channel.team_id}
            announce(ask.sandbox, channel.team_id, event)
    gone = {_member(ask, one) for one in ask.values.get("remove") or []}
    channel.members = [one for one in channel.members if one not in gone]
    if "archived" in ask.values:
        channel.is_archived = ask.flag("archived")
        name = "channel_archive" if channel.is_archived else "channel_unarchive"
        announce(ask.sandbox, channel.team_id, {"type": name, "channel": channel.id})
    ask.sandbox.changed("channel", team=channel.team_id, channel=channel.id)
    return {"channel": channels.channel_json(channel, "")}


async def install(ask: Ask) -> JsonObject:
    """Without OAuth, for apps that are started with a bot token."""
    scopes = ask.values.get("scopes") or list(ask.sandbox.settings.scopes) or ["commands", "chat:write"]
    installation = installs.install(ask.sandbox, ask.team().id, ask.person().id, list(scopes))
    access, refresh = installs.issue_tokens(ask.sandbox, installation)
    shown = {"bot_token": access.value, "bot_user_id": installation.bot_user_id, "bot_id": installation.bot_id}
    return {**shown, "team_id": installation.team_id, "refresh_token": refresh.value if refresh else None}


async def uninstall(ask: Ask) -> JsonObject:
    """A person removes the app: tokens die, and both events go out, in Slack's no particular order."""
    installation = ask.installation()
    if not installation.active:
        raise BadAsk("the app is not installed")
    installs.uninstall(ask.sandbox, installation)
    team_id = installation.team_id
    announce(ask.sandbox, team_id, {"type": "app_uninstalled"}, past_end=True)
    _announce_revoked(ask, team_id, installation.bot_user_id)
    return {}


async def revoke(ask: Ask) -> JsonObject:
    installation = ask.installation()
    installs.revoke_tokens(ask.sandbox, installation.team_id)
    _announce_revoked(ask, installation.team_id, installation.bot_user_id)
    return {}


async def run_install_flow(ask: Ask) -> JsonObject:
    return await install_flow.run(ask.sandbox, ask.team().id, ask.person().id, ask.text("decision", "allow"))


def _announce_revoked(ask: Ask, team_id: str, bot_user_id: str) -> None:
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot_user_id]}}
    announce(ask.sandbox, team_id, event, past_end=True)


def _make_person(ask: Ask, team_id: str, given: JsonObject) -> Person:
    world, name = ask.sandbox.world, str(given["name"])
    letter = "W" if ask.sandbox.settings.enterprise else "U"  # a person of an organisation
    person = Person(world.next_id(letter), team_id, name, name.title(), updated=int(world.clock.now()))
    _set_fields(person, given)
    if given.get("stranger_of"):
        home = seed.add_team(world, str(given["stranger_of"]), name, home=False)
        person.team_id, person.seen_in, person.role = home.id, [team_id], "stranger"
    world.people[person.id] = person
    return person


def _set_fields(person: Person, given: JsonObject) -> None:
    for key in _FLAGS:
        if key in given:
            setattr(person, key, bool(given[key]))
    for key in _TEXTS:
        if key in given:
            setattr(person, key, str(given[key]))


def _member(ask: Ask, reference: str) -> str:
    if reference == "app":
        return ask.installation().bot_user_id
    return Ask(ask.sandbox, {"team": ask.team().id, "as": reference}).person().id
