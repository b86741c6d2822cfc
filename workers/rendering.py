"""How each kind of standing message is drawn from the state of what it speaks of; first posts and redraws alike."""

from collections.abc import Awaitable, Callable

import structlog

from bot.views.blocks import Message
from bot.views.scene import Scene
from domains.businesses import get_business
from domains.messages import Posted
from kit.db import TenantSession
from workers.actor import Work

Renderer = Callable[[TenantSession, Work, Posted], Awaitable[Message | None]]
RENDERERS: dict[str, Renderer] = {}

log = structlog.get_logger(__name__)


def renders(*kinds: str) -> Callable[[Renderer], Renderer]:
    """Register how messages of these kinds are drawn; None leaves a copy as it is."""

    def register(renderer: Renderer) -> Renderer:
        if twice := RENDERERS.keys() & set(kinds):
            raise ValueError(f"drawn already: {sorted(twice)}")
        RENDERERS.update(dict.fromkeys(kinds, renderer))
        return renderer

    return register


async def draw(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    if copy.kind not in RENDERERS:
        log.error("message.kind_unknown", message_kind=copy.kind)
        return None
    return await RENDERERS[copy.kind](session, work, copy)


async def scene_of(session: TenantSession, work: Work) -> Scene:
    business = await get_business(session)
    return Scene(now=work.tools.clock.now(), zone=business.zone, books=work.tools.settings.qbo_app)
