"""`/runway audit`: who did what."""

from bot.experiences.stage import see
from bot.replies import Answer, Turn
from bot.views.audit import draw_audit
from orchestrators.audit_log import AuditOrchestrator


async def show(turn: Turn) -> Answer:
    subject = " ".join(turn.words)
    async with turn.unit() as session:
        result = await AuditOrchestrator(session, turn.clock).get_entries(turn.caller, subject or None)
        return draw_audit(result, await see(turn, session))


COMMANDS = {"audit": show}
