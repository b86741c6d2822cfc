"""`runway doctor`: one sentence per thing that must hold, and what to do where it does not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from cli.output import say, say_json
from cli.services import open_installation
from domains.businesses import Business, list_businesses
from domains.invariants import INVARIANTS, Breach, list_breaches
from domains.sealed import inspect
from domains.walls import WALLS, get_login, list_holes
from kit import outbox
from kit.config import Settings
from kit.db import Database
from kit.errors import Busy, Misconfigured
from kit.ops import LAG_S
from kit.runtime import Runtime
from migrations.run import head

NEEDED = {
    "slack_signing_secret": "no request of Slack's can be trusted",
    "slack_client_id": "nobody can install the app",
    "slack_client_secret": "nobody can install the app",
    "qbo_client_id": "nobody can connect QuickBooks",
    "qbo_client_secret": "nobody can connect QuickBooks",
    "qbo_webhook_verifier_token": "QuickBooks's webhooks are refused",
}
SHOWN = 5
UNREACHABLE = (OSError, SQLAlchemyError, Busy)


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    fine: bool
    sentence: str


async def doctor(settings: Settings, *, as_json: bool) -> bool:
    """Whether all is well."""
    findings = [finding async for finding in _examine(settings)]
    if as_json:
        say_json(findings)
    else:
        for finding in findings:
            say(f"{'✓' if finding.fine else '✗'} {finding.subject}: {finding.sentence}", "" if finding.fine else "red")
    return all(finding.fine for finding in findings)


async def _examine(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with open_installation(settings) as runtime:
            yield _configuration(runtime.settings)
            yield await _redis(runtime)
            async for finding in _database(runtime):
                yield finding
    except Misconfigured as error:
        yield Finding("configuration", fine=False, sentence=str(error))


def _configuration(settings: Settings) -> Finding:
    missing = [f"{name.upper()} is not set: {so}" for name, so in NEEDED.items() if getattr(settings, name) is None]
    said = "; ".join(missing) or f"complete for {settings.env} at {settings.public_url}"
    return Finding("configuration", not missing, said)


async def _redis(runtime: Runtime) -> Finding:
    try:
        await runtime.redis.ping()
        told = await runtime.redis.config_get("maxmemory-policy")
    except (RedisError, OSError) as error:
        return Finding("redis", fine=False, sentence=f"does not answer ({type(error).__name__}); work starts late")
    policy = told.get("maxmemory-policy", "unknown")
    fix = "" if policy == "noeviction" else ": set it to noeviction, or hints and limits vanish when memory is short"
    return Finding("redis", not fix, f"answers; its maxmemory-policy is {policy}{fix}")


async def _database(runtime: Runtime) -> AsyncIterator[Finding]:
    """What comes first explains what comes after it: the examination ends at the first thing that is missing."""
    try:
        for check in (_login, _schema, _walls):
            finding = await check(runtime.db)
            yield finding
            if not finding.fine and check is not _walls:
                return
        yield await _queue(runtime.db)
        async with runtime.db.system_session() as session:
            businesses = await list_businesses(session)
        yield await _keys(runtime, businesses)
        yield await _invariants(runtime.db, businesses)
    except ProgrammingError as error:
        said = f"its schema is not that of this version ({type(error).__name__}): `runway migrate`"
        yield Finding("schema", fine=False, sentence=said)
    except UNREACHABLE as error:
        yield Finding("database", fine=False, sentence=f"does not answer ({type(error).__name__})")


async def _login(db: Database) -> Finding:
    try:
        async with db.system_session() as session:
            login = await get_login(session)
    except ProgrammingError:
        return Finding("database", fine=False, sentence="this login may not take Runway's roles: run `runway migrate`")
    if login.super or login.bypasses:
        power = "a superuser" if login.super else "free of row policies"
        return Finding("database", fine=False, sentence=f"{login.name} is {power}: use a plain login")
    if not login.admitted:
        return Finding("database", fine=False, sentence=f"{login.name} may not take every role: run `runway migrate`")
    return Finding("database", fine=True, sentence=f"answers; {login.name} is a plain login that may take the roles")


async def _schema(db: Database) -> Finding:
    async with db.system_session() as session:
        at = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    wanted = head()
    return Finding("schema", at == wanted, f"at {at}" if at == wanted else f"at {at}, not {wanted}: `runway migrate`")


async def _walls(db: Database) -> Finding:
    async with db.system_session() as session:
        holes = await list_holes(session)
    broken = "; ".join(f"not so that {hole.promise} ({_some(list(hole.where))})" for hole in holes)
    return Finding("walls", not holes, broken or f"all {len(WALLS)} between tenants stand")


async def _queue(db: Database) -> Finding:
    async with db.system_session() as session:
        age, dead = await outbox.oldest_due_age(session), await outbox.count_dead(session)
    troubles = []
    if age > LAG_S:
        troubles.append(f"the oldest due job has waited {age:.0f} s: is a worker running?")
    if dead:
        troubles.append(f"{dead} given up: see `runway outbox list --dead`, then `runway outbox retry`")
    return Finding("outbox", not troubles, "; ".join(troubles) or "nothing waits too long and nothing was given up")


async def _keys(runtime: Runtime, businesses: list[Business]) -> Finding:
    broken, used = [], set[str]()
    for business in businesses:
        async with runtime.db.tenant_session(business.id) as session:
            values = await inspect(session, runtime.keyring)
        used |= set(values.by_kid)
        broken += [f"{column} of {business.id}" for column in values.broken]
    old = used - {runtime.keyring.primary}
    later = f"; {', '.join(sorted(old))} still in use: `runway keys rotate`" if old else ""
    said = f"none of them opens {_some(broken)}" if broken else f"every token opens{later}"
    return Finding("keys", not broken, said)


async def _invariants(db: Database, businesses: list[Business]) -> Finding:
    broken = []
    for business in businesses:
        async with db.tenant_session(business.id) as session:
            broken += [_breach(business, breach) for breach in await list_breaches(session)]
    said = "; ".join(broken) or f"all {len(INVARIANTS) + 1} hold for {len(businesses)} businesses"
    return Finding("invariants", not broken, said)


def _breach(business: Business, breach: Breach) -> str:
    return f"{breach.name} of {business.id}: not so that {breach.promise} ({_some(list(breach.rows))})"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
