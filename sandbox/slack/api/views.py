"""views.*: modals by trigger, Home by person."""

from typing import Any

from sandbox.slack import views
from sandbox.slack.api.call import Call, SlackError, method
from sandbox.slack.api.content import accept_view
from sandbox.slack.api.target import get_person
from sandbox.slack.model import Trigger, View
from sandbox.slack.triggers import find_trigger_error

JsonObject = dict[str, Any]


@method("views.open")
async def views_open(call: Call) -> JsonObject:
    payload = _get_view(call, "modal")
    trigger = _take_trigger(call)
    view = views.open_modal(call.sandbox, call.team_id, trigger.user_id, payload)
    return {"view": views.view_json(call.sandbox, view)}


@method("views.push")
async def views_push(call: Call) -> JsonObject:
    payload = _get_view(call, "modal")
    trigger = _take_trigger(call)
    stack = views.list_stack(call.sandbox, call.team_id, trigger.user_id)
    if not stack or not trigger.view_id:
        raise SlackError("not_found" if trigger.view_id else "invalid_trigger_id")
    if len(stack) >= views.MOST_MODALS:
        raise SlackError("push_limit_reached")
    view = views.push_modal(call.sandbox, call.team_id, trigger.user_id, payload)
    return {"view": views.view_json(call.sandbox, view)}


@method("views.update")
async def views_update(call: Call) -> JsonObject:
    payload = call.args.json("view")
    view = _find_open(call)
    if view is None:
        raise SlackError("not_found")
    payload = accept_view(call.sandbox, payload, view.type)
    _check_hash(call, view)
    _check_external_id(call, payload, view)
    return {"view": views.view_json(call.sandbox, views.update_view(call.sandbox, view, payload))}


@method("views.publish")
async def views_publish(call: Call) -> JsonObject:
    if not call.sandbox.settings.home_tab:
        raise SlackError("not_enabled")
    person = get_person(call, call.args.need("user_id"), "invalid_arguments")
    payload = _get_view(call, "home")
    current = views.find_home(call.sandbox, call.team_id, person.id)
    if current is not None:
        _check_hash(call, current)
    view = views.publish_home(call.sandbox, call.team_id, person.id, payload)
    return {"view": views.view_json(call.sandbox, view)}


def _get_view(call: Call, kind: str) -> JsonObject:
    payload = accept_view(call.sandbox, call.args.json("view"), kind)
    _check_external_id(call, payload, None)
    return payload


def _take_trigger(call: Call) -> Trigger:
    trigger_id = call.args.text("trigger_id") or call.args.need("interactivity_pointer")
    trigger = call.sandbox.world.triggers.get(trigger_id)
    error = find_trigger_error(call.sandbox, trigger, call.team_id)
    if error or trigger is None:
        raise SlackError(error)
    trigger.used = True
    return trigger


def _find_open(call: Call) -> View | None:
    views_here = call.sandbox.world.views
    view = views_here.get(call.args.text("view_id"))
    external_id = call.args.text("external_id")
    if external_id:
        view = next((one for one in views_here.values() if one.is_open and one.external_id == external_id), None)
    return view if view is not None and view.is_open and view.team_id == call.team_id else None


def _check_hash(call: Call, view: View) -> None:
    given = call.args.text("hash")
    if given and given != view.hash:
        raise SlackError("hash_conflict")


def _check_external_id(call: Call, payload: JsonObject, own: View | None) -> None:
    wanted = payload.get("external_id")
    if not wanted:
        return
    for view in call.sandbox.world.views.values():
        if view.is_open and view.external_id == wanted and view.team_id == call.team_id and view is not own:
            raise SlackError("duplicate_external_id")
