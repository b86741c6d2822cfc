"""Linking QuickBooks, and letting go of it."""

from urllib.parse import quote

from bot.replies import Answer, Turn
from bot.views.connect import draw_connect, draw_disconnect, draw_disconnected
from bot.views.ids import Click
from orchestrators.connection import ConnectionOrchestrator, disconnect


async def ask(turn: Turn) -> Answer:
    """`switch` is typed by who means to link another company than the one that is linked."""
    switch = "switch" in {word.lower() for word in turn.words}
    async with turn.unit() as session:
        invite = await ConnectionOrchestrator(session, turn.clock).invite(turn.caller, switch=switch)
    url = f"{turn.tools.settings.public_url.rstrip('/')}/qbo/connect?ticket={quote(invite.ticket)}"
    company = invite.company if invite.live or invite.lost else None
    return draw_connect(url, company=company, switch=switch, lost=invite.lost)


async def ask_to_end(turn: Turn) -> Answer:
    async with turn.unit() as session:
        return draw_disconnect(await ConnectionOrchestrator(session, turn.clock).get_linked_company(turn.caller))


async def end(turn: Turn) -> Answer:
    tools = turn.tools
    async with turn.unit() as session:
        company = await ConnectionOrchestrator(session, turn.clock).get_linked_company(turn.caller)
    revoked = await disconnect(tools.db, tools.clock, tools.books, turn.business_id, turn.caller, source=turn.source)
    return draw_disconnected(company, revoked=revoked)


COMMANDS = {"connect": ask, "disconnect": ask_to_end}
ACTIONS = {Click.CONNECT: ask, Click.DISCONNECT: end}
