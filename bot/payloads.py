"""What Slack's payloads say: where a click came from, what was chosen, what a form holds. Nothing here is believed."""

import json
from collections.abc import Mapping
from typing import Any

from bot.replies import FormValue, Origin
from bot.views.blocks import Modal

Json = Mapping[str, Any]


def origin_of(body: Json) -> Origin:
    container, view = body.get("container") or {}, body.get("view") or {}
    if view.get("type") == "home":
        return Origin.HOME
    if view:
        return Origin.MODAL
    return Origin.EPHEMERAL if container.get("is_ephemeral") else Origin.MESSAGE


WAY_BACK = "way_back"


def with_return(modal: Modal, url: str) -> Modal:
    wrapped = json.dumps({WAY_BACK: url, "metadata": modal.metadata})
    return Modal(modal.callback_id, modal.title, modal.blocks, modal.submit, modal.close, wrapped)


def unpack(metadata: str) -> tuple[str, str | None]:
    """A modal's own metadata, and the response_url that the edge put around it."""
    if not metadata.startswith(f'{{"{WAY_BACK}"'):
        return metadata, None
    wrapped = json.loads(metadata)
    return str(wrapped["metadata"]), str(wrapped[WAY_BACK])


def read_form(state: Json) -> dict[str, FormValue]:
    """The value of each input by its block id, whatever element it is; None where it was left empty."""
    return {
        block_id: chosen(element)
        for block_id, elements in (state.get("values") or {}).items()
        for element in elements.values()
    }


def chosen(element: Json) -> FormValue:
    for many in ("selected_users", "selected_conversations", "selected_channels"):
        if many in element:
            return tuple(str(item) for item in element[many] or ())
    if "selected_options" in element:
        return tuple(str(option["value"]) for option in element["selected_options"] or ())
    if element.get("selected_option"):
        return str(element["selected_option"]["value"])
    for one in (
        "selected_user",
        "selected_conversation",
        "selected_channel",
        "selected_date",
        "selected_time",
        "value",
    ):
        if element.get(one):
            return str(element[one])
    return None


def ref_of_block(action: Json) -> str | None:
    """Menus and pickers carry what they speak of behind the colon of their action id."""
    return str(action.get("action_id", "")).partition(":")[2] or None
