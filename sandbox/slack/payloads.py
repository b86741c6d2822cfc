"""The bodies of slash commands and interactions, field for field as Slack sends them."""

from typing import Any

from sandbox.slack import messages, views
from sandbox.slack.answers import holds_state, state_of
from sandbox.slack.model import Channel, Hook, Message, Person, View
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.triggers import hook_url, issue_trigger

JsonObject = dict[str, Any]


def command_fields(sandbox: SlackSandbox, command: str, text: str, hook: Hook) -> JsonObject:
    world = sandbox.world
    team, channel, person = world.teams[hook.team_id], world.channels[hook.channel_id], world.people[hook.user_id]
    enterprise = sandbox.settings.enterprise_json or {}
    return {
        **{f"enterprise_{key}": value for key, value in enterprise.items()},
        "token": "verification-token",
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": sandbox.settings.app_id,
        "is_enterprise_install": "true" if enterprise else "false",
        "response_url": hook_url(sandbox, hook),
        "trigger_id": issue_trigger(sandbox, team.id, person.id).id,
    }


def common(sandbox: SlackSandbox, kind: str, team_id: str, person: Person) -> JsonObject:
    team = sandbox.world.teams[team_id]
    user = {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id}
    return {
        "type": kind,
        "user": user,
        "api_app_id": sandbox.settings.app_id,
        "token": "verification-token",
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": sandbox.settings.enterprise_json,
        "is_enterprise_install": bool(sandbox.settings.enterprise),
    }


def from_message(sandbox: SlackSandbox, channel: Channel, message: Message) -> JsonObject:
    """The part of block_actions that tells where the click was; an ephemeral message is not sent along."""
    container: JsonObject = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container["is_ephemeral"] = bool(message.viewer)
    part: JsonObject = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    if not message.viewer:
        part["message"] = messages.message_json(sandbox, message)
    return part


def from_view(sandbox: SlackSandbox, view: View) -> JsonObject:
    return {"container": {"type": "view", "view_id": view.id}, "view": views.view_json(sandbox, view)}


def action_of(sandbox: SlackSandbox, element: JsonObject, block_id: str, value: object) -> JsonObject:
    """One entry of `actions`: the element's own fields plus what was chosen."""
    action: JsonObject = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
    for key in ("text", "value", "style", "confirm", "placeholder", "url"):
        if key in element and not (key == "text" and element["type"] != "button"):
            action[key] = element[key]
    if element["type"] == "overflow":
        action["selected_option"] = next(one for one in element["options"] if one["value"] == value)
    elif element["type"] == "feedback_buttons":
        buttons = (element["positive_button"], element["negative_button"])
        action |= next(one for one in buttons if one["value"] == value)
    elif holds_state(element):
        action |= state_of(element, value)
    return {**action, "action_ts": sandbox.world.clock.next_ts()}


def submission(sandbox: SlackSandbox, view: View, person: Person, response_urls: list[JsonObject]) -> JsonObject:
    payload = common(sandbox, "view_submission", view.team_id, person)
    payload["trigger_id"] = issue_trigger(sandbox, view.team_id, person.id, view.id).id
    return {**payload, "view": views.view_json(sandbox, view), "response_urls": response_urls}


def closing(sandbox: SlackSandbox, view: View, person: Person, *, is_cleared: bool) -> JsonObject:
    payload = common(sandbox, "view_closed", view.team_id, person)
    return {**payload, "view": views.view_json(sandbox, view), "is_cleared": is_cleared}


def patch(payload: JsonObject, changes: JsonObject) -> JsonObject:
    """A forged copy: nested objects are merged, everything else replaced."""
    merged = dict(payload)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = patch(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged
