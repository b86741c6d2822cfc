"""Modals, in stacks of up to three, and the App Home of each person."""

from typing import Any

from sandbox.slack.answers import initial_values
from sandbox.slack.blocks.accept import fill_ids
from sandbox.slack.model import View
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]

MOST_MODALS = 3
_TEXTS = ("callback_id", "private_metadata", "external_id")
_FLAGS = ("clear_on_close", "notify_on_close")


def list_stack(sandbox: SlackSandbox, team_id: str, user_id: str) -> list[View]:
    """The open modals of a person, root first; the last one is on top."""
    return [sandbox.world.views[one] for one in sandbox.world.stacks.get(f"{team_id}/{user_id}", [])]


def find_home(sandbox: SlackSandbox, team_id: str, user_id: str) -> View | None:
    view_id = sandbox.world.homes.get(f"{team_id}/{user_id}")
    return sandbox.world.views[view_id] if view_id else None


def open_modal(sandbox: SlackSandbox, team_id: str, user_id: str, payload: JsonObject) -> View:
    for view in list_stack(sandbox, team_id, user_id):
        view.is_open = False
    sandbox.world.stacks[f"{team_id}/{user_id}"] = []
    return push_modal(sandbox, team_id, user_id, payload)


def push_modal(sandbox: SlackSandbox, team_id: str, user_id: str, payload: JsonObject) -> View:
    stack = sandbox.world.stacks.setdefault(f"{team_id}/{user_id}", [])
    view = _new_view(sandbox, team_id, user_id, payload)
    view.root_view_id = stack[0] if stack else view.id
    view.previous_view_id = stack[-1] if stack else ""
    stack.append(view.id)
    _tell(sandbox, view)
    return view


def publish_home(sandbox: SlackSandbox, team_id: str, user_id: str, payload: JsonObject) -> View:
    view = find_home(sandbox, team_id, user_id)
    if view is None:
        view = _new_view(sandbox, team_id, user_id, payload)
        sandbox.world.homes[f"{team_id}/{user_id}"] = view.id
        _tell(sandbox, view)
        return view
    return update_view(sandbox, view, payload)


def update_view(sandbox: SlackSandbox, view: View, payload: JsonObject) -> View:
    _fill(sandbox, view, payload)
    view.hash = _next_hash(sandbox)
    _tell(sandbox, view)
    return view


def close_top(sandbox: SlackSandbox, view: View) -> list[View]:
    """Closes this modal, or the whole stack when it clears on close; returns what was closed."""
    stack = sandbox.world.stacks.get(f"{view.team_id}/{view.user_id}", [])
    if view.id not in stack:
        return []
    cut = 0 if view.clear_on_close else stack.index(view.id)
    closed = [sandbox.world.views[one] for one in stack[cut:]]
    return _drop(sandbox, view, cut, closed)


def clear_stack(sandbox: SlackSandbox, view: View) -> list[View]:
    closed = list_stack(sandbox, view.team_id, view.user_id)
    return _drop(sandbox, view, 0, closed)


def view_json(sandbox: SlackSandbox, view: View) -> JsonObject:
    installation = sandbox.world.installations[view.team_id]
    return {
        "id": view.id,
        "team_id": view.team_id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.values},
        "hash": view.hash,
        "title": view.title or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": view.clear_on_close,
        "notify_on_close": view.notify_on_close,
        "close": view.close,
        "submit": view.submit,
        "previous_view_id": view.previous_view_id or None,
        "root_view_id": view.root_view_id,
        "app_id": sandbox.settings.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": sandbox.settings.enterprise or view.team_id,
        "bot_id": installation.bot_id,
    }


def _new_view(sandbox: SlackSandbox, team_id: str, user_id: str, payload: JsonObject) -> View:
    view_id = sandbox.world.next_id("V")
    view = View(view_id, team_id, user_id, payload["type"], [], _next_hash(sandbox), view_id)
    _fill(sandbox, view, payload)
    sandbox.world.views[view_id] = view
    return view


def _fill(sandbox: SlackSandbox, view: View, payload: JsonObject) -> None:
    view.blocks = fill_ids(payload["blocks"], lambda: sandbox.world.next_secret("block", 5))
    view.values = initial_values(view.blocks, view.values)
    for key in ("title", "submit", "close"):
        text = payload.get(key)
        setattr(view, key, {**text, "emoji": text.get("emoji", True)} if text else None)
    for key in _TEXTS:
        setattr(view, key, payload.get(key) or "")
    for key in _FLAGS:
        setattr(view, key, bool(payload.get(key)))


def _drop(sandbox: SlackSandbox, view: View, cut: int, closed: list[View]) -> list[View]:
    for one in closed:
        one.is_open = False
    del sandbox.world.stacks[f"{view.team_id}/{view.user_id}"][cut:]
    _tell(sandbox, view)
    return closed


def _next_hash(sandbox: SlackSandbox) -> str:
    return f"{int(sandbox.world.clock.now())}.{sandbox.world.next_secret('hash', 8)}"


def _tell(sandbox: SlackSandbox, view: View) -> None:
    sandbox.changed("view", team=view.team_id, user=view.user_id, view=view.id, type=view.type)
