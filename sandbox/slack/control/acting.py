"""What a person does, asked for over HTTP."""

import time
from typing import Any

from sandbox.slack import acts, messages, modal_acts
from sandbox.slack.answers import merge_values
from sandbox.slack.control.ask import Ask, BadAsk
from sandbox.slack.delivery import FORM, Forgery, send_raw
from sandbox.slack.model import Message
from sandbox.slack.signing import sign

JsonObject = dict[str, Any]


async def command(ask: Ask) -> JsonObject:
    line = str(ask.need("text"))
    if not line.startswith("/"):
        raise BadAsk("a command begins with /")
    return await acts.run_command(ask.sandbox, ask.person(), ask.channel(), line, ask.forged())


async def post(ask: Ask) -> JsonObject:
    text = str(ask.need("text"))
    message = acts.post_message(ask.sandbox, ask.person(), ask.channel(), text, ask.text("thread"))
    return {"ts": message.ts}


async def click(ask: Ask) -> JsonObject:
    pressed = acts.Press(str(ask.need("action_id")), ask.text("block_id"), ask.values.get("value"))
    if ask.text("view"):
        view = ask.view()
        view.values = merge_values(view.blocks, view.values, ask.values.get("values") or {})
        return await acts.click_in_view(ask.sandbox, ask.person(), view, pressed, ask.forged())
    return await acts.click_in_message(ask.sandbox, ask.person(), _message(ask), pressed, ask.forged())


async def submit(ask: Ask) -> JsonObject:
    values = ask.values.get("values") or {}
    return await modal_acts.submit(ask.sandbox, ask.person(), ask.view(), values, ask.forged())


async def close(ask: Ask) -> JsonObject:
    return await modal_acts.close(ask.sandbox, ask.person(), ask.view())


async def keep_inputs(ask: Ask) -> JsonObject:
    view = ask.view()
    view.values = merge_values(view.blocks, view.values, ask.values.get("values") or {})
    return {}


async def open_app(ask: Ask) -> JsonObject:
    tab = ask.text("tab", "home")
    return await modal_acts.open_app(ask.sandbox, ask.installation(), ask.person(), tab, wait=ask.flag("wait"))


async def suggest(ask: Ask) -> JsonObject:
    action_id = str(ask.need("action_id"))
    return await modal_acts.suggest(ask.sandbox, ask.person(), ask.view(), action_id, ask.text("value"))


async def dismiss(ask: Ask) -> JsonObject:
    message = _message(ask)
    if message.viewer != ask.person().id:
        raise BadAsk("only an ephemeral message can be dismissed, by whoever sees it")
    messages.remove(ask.sandbox, message)
    return {}


async def raw(ask: Ask) -> JsonObject:
    forgery = ask.forged().request or Forgery()
    body = str(ask.need("body")).encode()
    return acts.result_of(await send_raw(ask.sandbox, body, ask.text("content_type", FORM), forgery))


async def replay(ask: Ask) -> JsonObject:
    """The exact bytes and headers of an earlier delivery; `fresh` signs them anew, as only Slack could."""
    number = int(ask.need("delivery"))
    kept = ask.sandbox.ledger.bodies.get(number)
    if kept is None:
        raise BadAsk(f"delivery {number} is not kept", 404)
    body, headers = kept
    if ask.flag("fresh"):
        stamp = int(time.time())
        signature = sign(ask.sandbox.settings.signing_secret, stamp, body)
        headers = {**headers, "X-Slack-Request-Timestamp": str(stamp), "X-Slack-Signature": signature}
    forgery = Forgery(unsigned=True, headers=headers)
    return acts.result_of(await send_raw(ask.sandbox, body, headers["Content-Type"], forgery))


def _message(ask: Ask) -> Message:
    channel = ask.channel()
    found = ask.sandbox.world.find_message(channel.id, str(ask.need("ts")))
    if found is None or found.viewer not in {"", ask.person().id}:
        raise BadAsk("there is no such message", 404)
    return found
