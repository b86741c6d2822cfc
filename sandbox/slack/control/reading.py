"""What a person sees, and what the stand-in holds."""

from dataclasses import asdict
from typing import Any

from sandbox.slack import channels, installs, messages, people, views
from sandbox.slack.control.ask import Ask, BadAsk
from sandbox.slack.model import Channel, Message, Person, Team

JsonObject = dict[str, Any]


async def session(ask: Ask) -> JsonObject:
    """Everything around the messages: workspaces, people, channels, the app."""
    team, person, world = ask.team(), ask.person(), ask.sandbox.world
    return {
        "team": asdict(team),
        "teams": [_team_card(ask, one) for one in world.teams.values() if one.home],
        "me": person_card(person, team.id),
        "people": [person_card(one, team.id) for one in people.list_people(world, team.id)],
        "channels": [_channel_card(one, person) for one in channels.list_visible(world, team.id, person)],
        "other_channels": [_channel_card(one, person) for one in _list_unjoined(ask, team, person)],
        "app": _app_card(ask, team, person),
    }


async def list_messages(ask: Ask) -> JsonObject:
    channel, person, thread, after = ask.channel(), ask.person(), ask.text("thread"), ask.text("after")
    if person.id not in channel.members:
        raise BadAsk(f"{person.name} is not in {channel.name}")
    if thread:
        found = messages.list_thread(ask.sandbox, channel, thread, person.id)
    else:
        seen = messages.list_for(ask.sandbox, channel, person.id)
        found = [one for one in seen if not one.thread_ts or one.broadcast]
    return {"channel": channel.id, "messages": [_message_card(ask, one) for one in found if one.ts > after]}


async def home(ask: Ask) -> JsonObject:
    view = views.find_home(ask.sandbox, ask.team().id, ask.person().id)
    return {"view": views.view_json(ask.sandbox, view) if view else None}


async def modals(ask: Ask) -> JsonObject:
    stack = views.list_stack(ask.sandbox, ask.team().id, ask.person().id)
    return {"views": [views.view_json(ask.sandbox, one) for one in stack]}


async def state(ask: Ask) -> JsonObject:
    dumped = ask.sandbox.world.dump()
    for file in dumped["files"]:
        file["content"] = None if file["content"] is None else "…"
    return dumped


async def ledger(ask: Ask) -> JsonObject:
    team_id = ask.team().id if ask.text("team") else ""
    kind, name, after = ask.text("kind"), ask.text("name"), int(ask.text("after", "0"))
    return {"entries": ask.sandbox.ledger.select(kind=kind, name=name, team_id=team_id, after=after)}


def person_card(person: Person, team_id: str) -> JsonObject:
    card = people.user_json(person, team_id)
    return {**card, "role": person.role, "title": person.title, "is_bot": person.is_bot}


def _message_card(ask: Ask, message: Message) -> JsonObject:
    card = messages.message_json(ask.sandbox, message)
    return {**card, "ephemeral": bool(message.viewer), "lacks_text": not message.text and bool(message.blocks)}


def _channel_card(channel: Channel, person: Person) -> JsonObject:
    return {**channels.channel_json(channel, person.id), "topic": channel.topic, "members": channel.members}


def _list_unjoined(ask: Ask, team: Team, person: Person) -> list[Channel]:
    rows = [one for one in ask.sandbox.world.channels.values() if one.team_id == team.id]
    return [one for one in rows if not (one.is_im or one.is_private) and person.id not in one.members]


def _team_card(ask: Ask, team: Team) -> JsonObject:
    installed = installs.find_installation(ask.sandbox, team.id) is not None
    first = people.find_person(ask.sandbox.world, team.id, "owner")
    return {**asdict(team), "installed": installed, "first_person": first.id if first else ""}


def _app_card(ask: Ask, team: Team, person: Person) -> JsonObject:
    sandbox, settings = ask.sandbox, ask.sandbox.settings
    installation = installs.find_installation(sandbox, team.id)
    dm = channels.find_dm(sandbox.world, team.id, installation.bot_user_id, person.id) if installation else None
    return {
        "name": settings.name,
        "description": settings.description,
        "color": settings.color,
        "installed": installation is not None,
        "bot_user_id": installation.bot_user_id if installation else "",
        "dm": dm.id if dm else "",
        "home_tab": settings.home_tab,
        "messages_tab": settings.messages_tab,
        "messages_tab_read_only": settings.messages_tab_read_only,
        "install_url": settings.install_url,
        "commands": [asdict(one) for one in settings.commands],
    }
