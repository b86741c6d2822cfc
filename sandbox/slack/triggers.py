"""Trigger ids (one use, 3 s) and response_urls (5 uses, 30 min)."""

from sandbox.slack.model import Hook, Trigger
from sandbox.slack.sandbox import SlackSandbox

TRIGGER_LIFE = 3.0
HOOK_LIFE = 1800.0
HOOK_USES = 5


def issue_trigger(sandbox: SlackSandbox, team_id: str, user_id: str, view_id: str = "") -> Trigger:
    world = sandbox.world
    number = world.next_number("trigger")
    trigger_id = f"{int(world.clock.now() * 1000)}.{number}.{world.next_secret('trigger', 32)}"
    trigger = Trigger(trigger_id, team_id, user_id, world.clock.now() + TRIGGER_LIFE, view_id=view_id)
    world.triggers[trigger_id] = trigger
    if len(world.triggers) > 5000:
        world.triggers.pop(next(iter(world.triggers)))
    return trigger


def find_trigger_error(sandbox: SlackSandbox, trigger: Trigger | None, team_id: str) -> str:
    if trigger is None or trigger.team_id != team_id:
        return "invalid_trigger_id"
    if trigger.used:
        return "exchanged_trigger_id"
    return "expired_trigger_id" if sandbox.world.clock.now() > trigger.expires_at else ""


def issue_hook(
    sandbox: SlackSandbox, kind: str, team_id: str, user_id: str, channel_id: str, *, source: str = "", thread: str = ""
) -> Hook:
    world = sandbox.world
    key = f"{kind}/{team_id}/{world.next_number('hook')}/{world.next_secret('hook')}"
    hook = Hook(key, kind, team_id, user_id, channel_id, world.clock.now() + HOOK_LIFE, source, thread_ts=thread)
    world.hooks[key] = hook
    return hook


def hook_url(sandbox: SlackSandbox, hook: Hook) -> str:
    return f"{sandbox.base_url}/{hook.key}"
