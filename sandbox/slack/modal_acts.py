"""What a person does with views: submit, close, open Home, search in an external select."""

from typing import Any

from sandbox.slack import channels, payloads, views
from sandbox.slack.acts import CannotAct, Forged, result_of
from sandbox.slack.answers import check_inputs, merge_values
from sandbox.slack.api.call import SlackError
from sandbox.slack.api.content import accept_view
from sandbox.slack.blocks.accept import find_element, list_elements, walk_blocks
from sandbox.slack.delivery import Outcome, Parcel, deliver
from sandbox.slack.events import announce, deliver_event
from sandbox.slack.model import Installation, Person, View
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.triggers import hook_url, issue_hook

JsonObject = dict[str, Any]

TROUBLE = "We had some trouble connecting. Try again?"


async def submit(
    sandbox: SlackSandbox, person: Person, view: View, values: JsonObject, forged: Forged | None = None
) -> JsonObject:
    """Slack checks required and typed inputs first; then the app's answer decides what becomes of the modal."""
    forged = forged or Forged()
    if not view.is_open and not forged.patch:
        raise CannotAct("the modal is closed")
    view.values = merge_values(view.blocks, view.values, values)
    errors = check_inputs(view.blocks, view.values)
    if errors:
        return {"ok": False, "error": "invalid_input", "errors": errors, "shown": ""}
    payload = payloads.submission(sandbox, view, person, _response_urls(sandbox, view, person))
    parcel = Parcel("interaction", view.callback_id or "view_submission", payloads.patch(payload, forged.patch), "")
    parcel.team_id, parcel.user_id = view.team_id, person.id
    outcome = await deliver(sandbox, parcel, forged.request)
    return _obey(sandbox, view, outcome)


async def close(sandbox: SlackSandbox, person: Person, view: View) -> JsonObject:
    closed = views.close_top(sandbox, view)
    result: JsonObject = {"ok": True, "shown": ""}
    for one in closed:
        if one.notify_on_close:
            payload = payloads.closing(sandbox, one, person, is_cleared=view.clear_on_close)
            parcel = Parcel("interaction", one.callback_id or "view_closed", payload, one.team_id, person.id)
            result = result_of(await deliver(sandbox, parcel))
    return result


async def open_app(
    sandbox: SlackSandbox, installation: Installation, person: Person, tab: str, *, wait: bool
) -> JsonObject:
    """Opening the app's Home or Messages tab sends app_home_opened every time."""
    channel, _ = channels.open_dm(sandbox.world, installation.team_id, installation.bot_user_id, person.id)
    event: JsonObject = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": tab}
    view = views.find_home(sandbox, installation.team_id, person.id)
    if view is not None and tab == "home":
        event["view"] = views.view_json(sandbox, view)
    if wait:
        return result_of(await deliver_event(sandbox, installation, event))
    announce(sandbox, installation.team_id, event)
    return {"ok": True}


async def suggest(sandbox: SlackSandbox, person: Person, view: View, action_id: str, typed: str) -> JsonObject:
    found = find_element(view.blocks, action_id)
    if found is None:
        raise CannotAct(f"there is nothing with action_id {action_id!r}")
    payload = payloads.common(sandbox, "block_suggestion", view.team_id, person)
    payload |= payloads.from_view(sandbox, view)
    payload |= {"action_id": action_id, "block_id": found[0]["block_id"], "value": typed}
    outcome = await deliver(sandbox, Parcel("interaction", action_id, payload, view.team_id, person.id))
    options = (outcome.find_json() or {}).get("options", []) if outcome.ok else []
    return {**result_of(outcome), "options": options}


def _obey(sandbox: SlackSandbox, view: View, outcome: Outcome) -> JsonObject:
    if not outcome.ok:
        return result_of(outcome, TROUBLE)
    answer = outcome.find_json() or {}
    try:
        errors = _carry_out(sandbox, view, answer)
    except SlackError as error:
        outcome.error = f"invalid_response_action: {error.error}"
        return {**result_of(outcome, TROUBLE), **error.extra}
    if errors:
        return {**result_of(outcome), "ok": False, "error": "errors", "errors": errors}
    return result_of(outcome)


def _carry_out(sandbox: SlackSandbox, view: View, answer: JsonObject) -> dict[str, str]:
    action = answer.get("response_action")
    if action is None:
        views.close_top(sandbox, view)
    elif action == "clear":
        views.clear_stack(sandbox, view)
    elif action == "update":
        views.update_view(sandbox, view, accept_view(sandbox, answer.get("view"), "modal"))
    elif action == "push":
        payload = accept_view(sandbox, answer.get("view"), "modal")
        if len(views.list_stack(sandbox, view.team_id, view.user_id)) >= views.MOST_MODALS:
            raise SlackError("push_limit_reached")
        views.push_modal(sandbox, view.team_id, view.user_id, payload)
    elif action == "errors":
        return _read_errors(view, answer.get("errors"))
    else:
        raise SlackError("unknown_response_action")
    return {}


def _read_errors(view: View, errors: object) -> dict[str, str]:
    """Slack shows errors only at input blocks; any other key is a mistake of the app."""
    inputs = {block["block_id"] for block in walk_blocks(view.blocks) if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise SlackError("errors_without_input_block")
    return {key: str(value) for key, value in errors.items()}


def _response_urls(sandbox: SlackSandbox, view: View, person: Person) -> list[JsonObject]:
    found = []
    for block in walk_blocks(view.blocks):
        for element in list_elements(block):
            state = view.values.get(block["block_id"], {}).get(element.get("action_id"), {})
            channel_id = state.get("selected_conversation") or state.get("selected_channel")
            if element.get("response_url_enabled") and channel_id:
                hook = issue_hook(sandbox, "actions", view.team_id, person.id, channel_id)
                where = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel_id}
                found.append({**where, "response_url": hook_url(sandbox, hook)})
    return found
