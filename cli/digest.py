"""`runway digest`: show a business's digest, or have it posted."""

from html import unescape
from uuid import UUID

from bot.views.digest import draw_digest
from bot.views.scene import Scene
from cli.businesses import get_named
from cli.following import PATIENCE_S, Ending, follow, say_not_taken
from cli.output import note, progress, say, say_json
from domains.businesses import get_business
from kit.db import TenantSession
from kit.runtime import Runtime
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_orders import DigestRuns, DoubtfulDigest, RunTicket, StandingDigest
from orchestrators.digest_runs import DigestRun, RunState, get_run, order_key


async def preview(runtime: Runtime, word: str, *, as_json: bool) -> None:
    """The text that stands alone in Slack, or all the figures as JSON. Stores and posts nothing."""
    business = await get_named(runtime.db, word)
    async with runtime.db.tenant_session(business.id) as session:
        config = DigestConfig.weekly().previewed()
        result = await DigestDataOrchestrator(session, runtime.clock).get_digest_data(config)
        zone = (await get_business(session)).zone
    if as_json:
        say_json(result)
    else:
        say(unescape(draw_digest(result, Scene(runtime.clock.now(), zone, runtime.settings.qbo_app)).text))


async def post(runtime: Runtime, word: str, *, patience: float = PATIENCE_S) -> bool:
    """The week's digest if it was not posted yet. Whether it stands in Slack now."""
    business = await get_named(runtime.db, word)
    async with runtime.db.tenant_session(business.id) as session:
        found = await DigestRuns(session, runtime.clock).post_now(None, source="command line")
        run = await get_run(session, UUID(found.run_id))
    if not isinstance(found, RunTicket):
        return _report_found(found)
    if not found.fresh:
        note("It was under way already.")
    with progress() as tell:

        async def look(session: TenantSession, _row_id: UUID) -> None:
            tell(f"The digest of {run.period} is {(await get_run(session, run.id)).state} …", None)

        followed = await follow(runtime, business.id, order_key(run.id, run.due_at), look, patience=patience)
    if followed.ending is Ending.NOT_TAKEN:
        say_not_taken()
        return False
    async with runtime.db.tenant_session(business.id) as session:
        return _report(await get_run(session, run.id))


def _report_found(found: StandingDigest | DoubtfulDigest) -> bool:
    if isinstance(found, DoubtfulDigest):
        say("Slack did not say whether it took this week’s digest: the admins were asked to look in Slack.", "red")
        return False
    say(f"This week’s digest was posted on {found.at:%Y-%m-%d at %H:%M %Z}. Nothing was posted again.")
    return True


def _report(run: DigestRun) -> bool:
    if run.state is RunState.POSTED:
        say(f"Posted in {run.channel}.")
        return True
    why = {RunState.SKIPPED: f"it was skipped ({run.reason})", RunState.UNKNOWN: "Slack did not say whether it took it"}
    say(f"Not posted: {why.get(run.state, f'it stopped as {run.state}; see the log of the worker')}.", "red")
    return False
