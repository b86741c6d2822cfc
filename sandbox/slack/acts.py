"""What a person does in Slack: commands, messages, clicks. Each returns what the person then sees."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import installs, mentions, messages, payloads
from sandbox.slack.answers import holds_state, initial_values, merge_values
from sandbox.slack.api.call import Args, SlackError
from sandbox.slack.api.content import accept_content
from sandbox.slack.blocks.accept import find_element
from sandbox.slack.delivery import Forgery, Outcome, Parcel, deliver
from sandbox.slack.events import announce
from sandbox.slack.model import Channel, Hook, Message, Person, View
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.triggers import issue_hook, issue_trigger

JsonObject = dict[str, Any]


class CannotAct(Exception):
    """Slack would not let this person do that; nothing was sent."""


@dataclass(slots=True)
class Forged:
    """Changes to the payload and to the request, for tests of hostile input."""

    patch: JsonObject = field(default_factory=dict)
    request: Forgery | None = None
    element: JsonObject | None = None  # clicked although it is not (or no longer) there


@dataclass(frozen=True, slots=True)
class Press:
    """Which element was touched and, where it offers a choice, what was chosen."""

    action_id: str
    block_id: str = ""
    value: object = None


async def run_command(
    sandbox: SlackSandbox, person: Person, channel: Channel, line: str, forged: Forged | None = None
) -> JsonObject:
    """`line` is what was typed, slash included."""
    forged = forged or Forged()
    command, _, text = line.strip().partition(" ")
    known = sandbox.settings.find_command(command)
    if known is None or installs.find_installation(sandbox, channel.team_id) is None:
        text = f"`{mentions.escape(command)}` is not a valid command."
        messages.say_privately(sandbox, channel, person, text)
        return {"ok": False, "error": "not_a_command", "shown": text}
    check_can_act(channel, person)
    text = text.strip()
    text = mentions.encode(sandbox.world, channel.team_id, text, labels=True) if known.should_escape else text
    hook = issue_hook(sandbox, "commands", channel.team_id, person.id, channel.id)
    fields = payloads.patch(payloads.command_fields(sandbox, command, text, hook), forged.patch)
    parcel = Parcel("command", command, fields, channel.team_id, person.id)
    outcome = await deliver(sandbox, parcel, forged.request)
    return _show_command_answer(sandbox, hook, command, outcome)


def post_message(sandbox: SlackSandbox, person: Person, channel: Channel, text: str, thread_ts: str = "") -> Message:
    check_can_act(channel, person)
    encoded = mentions.encode(sandbox.world, channel.team_id, text, labels=False)
    message = messages.post(sandbox, channel, person.id, {"text": encoded}, thread_ts=thread_ts)
    kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
    event = {"type": "message", "user": person.id, "text": encoded, "ts": message.ts, "event_ts": message.ts}
    event |= {"channel": channel.id, "channel_type": kind, "team": person.team_id}
    installation = installs.find_installation(sandbox, channel.team_id)
    if installation is not None and installation.bot_user_id in channel.members:
        announce(sandbox, channel.team_id, event)
        if f"<@{installation.bot_user_id}>" in encoded:
            announce(sandbox, channel.team_id, {**event, "type": "app_mention"})
    return message


async def click_in_message(
    sandbox: SlackSandbox, person: Person, message: Message, pressed: Press, forged: Forged
) -> JsonObject:
    channel = sandbox.world.channels[message.channel_id]
    check_can_act(channel, person)
    block_id, element = _get_element(message.blocks, pressed, forged)
    payload = payloads.common(sandbox, "block_actions", channel.team_id, person)
    payload |= payloads.from_message(sandbox, channel, message)
    action = payloads.action_of(sandbox, element, block_id, pressed.value)
    values = initial_values(message.blocks, {})
    if holds_state(element):
        values = merge_values(message.blocks, values, {block_id: {element["action_id"]: pressed.value}})
    hook = issue_hook(
        sandbox, "actions", channel.team_id, person.id, channel.id, source=message.ts, thread=message.thread_ts
    )
    trigger = issue_trigger(sandbox, channel.team_id, person.id)
    payload |= {"trigger_id": trigger.id, "state": {"values": values}, "actions": [action]}
    payload["response_url"] = f"{sandbox.base_url}/{hook.key}"
    return await _send_click(sandbox, channel.team_id, person, payload, forged)


async def click_in_view(
    sandbox: SlackSandbox, person: Person, view: View, pressed: Press, forged: Forged
) -> JsonObject:
    _check_active(person)
    block_id, element = _get_element(view.blocks, pressed, forged)
    if holds_state(element):
        view.values = merge_values(view.blocks, view.values, {block_id: {element["action_id"]: pressed.value}})
    payload = payloads.common(sandbox, "block_actions", view.team_id, person)
    trigger = issue_trigger(sandbox, view.team_id, person.id, view.id if view.type == "modal" else "")
    payload |= {"trigger_id": trigger.id, **payloads.from_view(sandbox, view)}
    payload["actions"] = [payloads.action_of(sandbox, element, block_id, pressed.value)]
    return await _send_click(sandbox, view.team_id, person, payload, forged)


def check_can_act(channel: Channel, person: Person) -> None:
    _check_active(person)
    if channel.is_archived:
        raise CannotAct("the channel is archived")
    if person.id not in channel.members:
        raise CannotAct(f"{person.name} is not in #{channel.name}")


def _check_active(person: Person) -> None:
    if person.deleted:
        raise CannotAct(f"{person.name} is deactivated")


def _get_element(blocks: list[JsonObject], pressed: Press, forged: Forged) -> tuple[str, JsonObject]:
    found = find_element(blocks, pressed.action_id, pressed.block_id or None)
    if found is not None:
        return found[0]["block_id"], found[1]
    if forged.element is None:
        raise CannotAct(f"there is nothing with action_id {pressed.action_id!r} to click")
    return pressed.block_id, {"action_id": pressed.action_id, **forged.element}


async def _send_click(
    sandbox: SlackSandbox, team_id: str, person: Person, payload: JsonObject, forged: Forged
) -> JsonObject:
    payload = payloads.patch(payload, forged.patch)
    name = str(payload["actions"][0]["action_id"])
    outcome = await deliver(sandbox, Parcel("interaction", name, payload, team_id, person.id), forged.request)
    return result_of(outcome, "" if outcome.ok else _why(outcome))


def result_of(outcome: Outcome, shown: str = "") -> JsonObject:
    """What a person's page and a test get to know about a delivery."""
    return {
        "ok": outcome.ok,
        "status": outcome.status,
        "error": outcome.error,
        "latency_ms": outcome.latency_ms,
        "delivery": outcome.number,
        "answer": outcome.text,
        "shown": shown,
    }


def _why(outcome: Outcome) -> str:
    if outcome.error == "operation_timeout":
        return "This app took too long to respond (operation_timeout)."
    return f"This app responded with status {outcome.status or 'nothing'} ({outcome.error})."


def _show_command_answer(sandbox: SlackSandbox, hook: Hook, command: str, outcome: Outcome) -> JsonObject:
    if outcome.ok and outcome.text.strip():
        _post_answer(sandbox, hook, outcome)
    if outcome.ok:
        return result_of(outcome)
    shown = f'{command} failed with the error "{outcome.error}"'
    world = sandbox.world
    channel, person = world.channels[hook.channel_id], world.people[hook.user_id]
    messages.say_privately(sandbox, channel, person, f":warning: {mentions.escape(shown)}")
    return result_of(outcome, shown)


def _post_answer(sandbox: SlackSandbox, hook: Hook, outcome: Outcome) -> None:
    """The body of a 200 is a message: plain text, or JSON with response_type, text and blocks."""
    args = Args(outcome.find_json() or {"text": outcome.text})
    try:
        content = accept_content(sandbox, args)
    except SlackError as error:
        outcome.error = f"invalid_command_response: {error.error}"
        return
    post_for_hook(sandbox, hook, args, content)


def post_for_hook(sandbox: SlackSandbox, hook: Hook, args: Args, content: JsonObject) -> Message:
    """A new message in the hook's channel: ephemeral to its person unless response_type is in_channel."""
    world = sandbox.world
    public = args.text("response_type") == "in_channel"
    bot = world.installations[hook.team_id].bot_user_id
    thread = args.text("thread_ts") or hook.thread_ts
    viewer = "" if public else hook.user_id
    message = messages.post(sandbox, world.channels[hook.channel_id], bot, content, viewer=viewer, thread_ts=thread)
    hook.posted = message.ts
    return message
