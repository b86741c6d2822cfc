"""Where a bot may post: the channel rules that several methods share."""

from sandbox.slack import channels, people
from sandbox.slack.api.call import Call, SlackError
from sandbox.slack.model import Channel, Message, Person


def get_target(call: Call, reference: str) -> Channel:
    """The conversation a bot posts to: a channel id or name, or a person's id for their direct message."""
    world = call.sandbox.world
    if reference[:1] in {"U", "W"}:
        return _get_dm(call, get_person(call, reference, "channel_not_found"))
    channel = channels.find_channel(world, call.team_id, reference)
    if channel is None:
        raise SlackError("channel_not_found")
    _check_access(call, channel)
    return channel


def get_person(call: Call, user_id: str, error: str = "user_not_found") -> Person:
    person = call.sandbox.world.people.get(user_id)
    if person is None or not people.belongs_to(person, call.team_id):
        raise SlackError(error)
    return person


def get_own_message(call: Call, error: str) -> Message:
    """The message at channel and ts, refused with `error` unless this bot wrote it."""
    channel = channels.find_channel(call.sandbox.world, call.team_id, call.args.need("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    message = call.sandbox.world.find_message(channel.id, call.args.need("ts"))
    if message is None or message.viewer:
        raise SlackError("message_not_found")
    if message.user_id != call.bot_id:
        raise SlackError(error)
    return message


def _get_dm(call: Call, person: Person) -> Channel:
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    if person.deleted:
        raise SlackError("channel_not_found")
    channel, _ = channels.open_dm(call.sandbox.world, call.team_id, call.bot_id, person.id)
    _check_access(call, channel)
    return channel


def _check_access(call: Call, channel: Channel) -> None:
    member = call.bot_id in channel.members
    if not member and (channel.is_im or channel.is_private):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im and not call.sandbox.settings.messages_tab:
        raise SlackError("messages_tab_disabled")
    if not member and (call.token is None or "chat:write.public" not in call.token.scopes):
        raise SlackError("not_in_channel")
