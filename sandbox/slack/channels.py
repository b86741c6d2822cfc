"""Channels and direct messages: finding them, and who is in them."""

from typing import Any

from sandbox.slack.model import Channel, Person
from sandbox.slack.world import World

JsonObject = dict[str, Any]


def find_channel(world: World, team_id: str, reference: str) -> Channel | None:
    """By id, or by name with or without #; direct messages only by id."""
    found = world.channels.get(reference)
    if found is not None:
        return found if found.team_id == team_id else None
    name = reference.removeprefix("#")
    channels = [one for one in world.channels.values() if one.team_id == team_id and not one.is_im]
    return next((one for one in channels if one.name == name), None)


def list_visible(world: World, team_id: str, person: Person) -> list[Channel]:
    """What a person's sidebar holds: channels they are in and their direct messages."""
    return [one for one in world.channels.values() if one.team_id == team_id and person.id in one.members]


def find_dm(world: World, team_id: str, first: str, second: str) -> Channel | None:
    wanted = {first, second}
    ims = [one for one in world.channels.values() if one.is_im and one.team_id == team_id]
    return next((one for one in ims if set(one.members) == wanted), None)


def open_dm(world: World, team_id: str, first: str, second: str) -> tuple[Channel, bool]:
    """The direct message between two people, and whether it was there already."""
    found = find_dm(world, team_id, first, second)
    if found is not None:
        return found, True
    channel = Channel(world.next_id("D"), team_id, "directmessage", is_im=True, members=[first, second])
    channel.created = int(world.clock.now())
    world.channels[channel.id] = channel
    return channel, False


def other_member(channel: Channel, person_id: str) -> str:
    return next((one for one in channel.members if one != person_id), person_id)


def channel_json(channel: Channel, asking: str) -> JsonObject:
    common: JsonObject = {"id": channel.id, "created": channel.created, "is_archived": channel.is_archived}
    if channel.is_im:
        return {**common, "is_im": True, "is_org_shared": False, "user": other_member(channel, asking)}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": channel.is_general,
        "is_ext_shared": channel.is_ext_shared,
        "is_shared": channel.is_ext_shared,
        "is_member": asking in channel.members,
        "context_team_id": channel.team_id,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.topic, "creator": "", "last_set": 0},
    }
