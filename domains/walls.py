"""The shape that keeps tenants apart, read from Postgres itself: row policies, keys, and roles without powers."""

from dataclasses import dataclass

from sqlalchemy import text

from kit.db import SystemSession

# One Slack team and one QuickBooks company belong to one business in the whole world: these two keys are global.
GLOBAL_ON_PURPOSE = ["uq_workspaces_live_team", "uq_qbo_connections_realm"]
HISTORY = ["audit_log", "transaction_log", "decision_voices", "handoffs", "chases", "policies"]
# `owned` are the tables that hold rows of tenants, with the position of their business_id.
KNOWN = """
WITH ours AS (
  SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
), owned AS (
  SELECT o.*, a.attnum AS tenant FROM ours o
  JOIN pg_attribute a ON a.attrelid = o.oid AND a.attname = 'business_id' AND NOT a.attisdropped
  WHERE o.relkind IN ('r', 'p')
), roles AS (
  SELECT * FROM pg_roles WHERE rolname IN ('runway_tenant', 'runway_system', 'runway_wiper')
), history AS (
  SELECT name FROM unnest(CAST(:history AS text[])) AS name
), global AS (
  SELECT name FROM unnest(CAST(:global AS text[])) AS name
)
"""


@dataclass(frozen=True, slots=True)
class Wall:
    """`sql` follows on `KNOWN` and answers with one name per hole."""

    name: str
    promise: str
    sql: str


WALLS = (
    Wall(
        "walls.policies",
        "every table of a tenant has its row policies forced",
        "SELECT relname FROM owned WHERE NOT (relrowsecurity AND relforcerowsecurity)",
    ),
    Wall(
        "walls.tenant_policies",
        "every policy but that of the routing role compares the business",
        """
        SELECT o.relname FROM owned o JOIN pg_policy p ON p.polrelid = o.oid
        WHERE NOT p.polroles = ARRAY['runway_system'::regrole::oid]
          AND pg_get_expr(p.polqual, p.polrelid) !~ 'business_id = .*app.business_id'
        """,
    ),
    Wall(
        "walls.unique_keys",
        "every unique key speaks of one tenant",
        """
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN owned o ON o.oid = i.indrelid
        WHERE i.indisunique AND NOT o.tenant = ANY (i.indkey::int2[])
          AND NOT EXISTS (SELECT FROM global g WHERE g.name = i.indexrelid::regclass::text)
        """,
    ),
    Wall(
        "walls.foreign_keys",
        "no reference leaves its tenant",
        """
        SELECT k.conname FROM pg_constraint k JOIN owned o ON o.oid = k.conrelid
        WHERE k.contype = 'f' AND NOT o.tenant = ANY (k.conkey)
        """,
    ),
    Wall(
        "walls.views",
        "no view or stored copy looks around the policies",
        """
        SELECT relname FROM ours WHERE relkind = 'm'
          OR (relkind = 'v' AND coalesce(reloptions::text, '') !~ 'security_invoker=(true|on)')
        """,
    ),
    Wall(
        "walls.functions",
        "no function runs with its owner's rights",
        """
        SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.prosecdef
        """,
    ),
    Wall(
        "walls.roles",
        "neither role has powers, logs in, or owns a table",
        """
        SELECT rolname FROM roles
        WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin
        UNION ALL SELECT o.relname FROM ours o JOIN roles r ON r.oid = o.relowner
        """,
    ),
    Wall(
        "walls.history",
        "history is append-only for both roles, and guarded by its trigger",
        """
        SELECT h.name || ': ' || r.rolname || ' may ' || v.verb FROM history h, roles r,
          unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS v(verb)
        WHERE has_table_privilege(r.oid, h.name, v.verb) AND NOT (r.rolname = 'runway_wiper' AND v.verb = 'DELETE')
        UNION ALL SELECT h.name || ': no trigger' FROM history h WHERE NOT EXISTS (SELECT FROM pg_trigger t
          WHERE t.tgrelid = h.name::regclass AND t.tgname = 'append_only' AND t.tgenabled <> 'D')
        """,
    ),
)
LOGIN = text("""
SELECT session_user::text AS name, rolsuper AS super, rolbypassrls AS bypasses,
  pg_has_role(session_user, 'runway_tenant', 'MEMBER') AND pg_has_role(session_user, 'runway_system', 'MEMBER')
    AND pg_has_role(session_user, 'runway_wiper', 'MEMBER') AS admitted
FROM pg_roles WHERE rolname = session_user
""")


@dataclass(frozen=True, slots=True)
class Hole:
    name: str
    promise: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to Postgres before a role is taken."""

    name: str
    super: bool
    bypasses: bool
    admitted: bool


async def list_holes(session: SystemSession) -> list[Hole]:
    found = []
    for wall in WALLS:
        values = {"global": GLOBAL_ON_PURPOSE, "history": HISTORY}
        where = tuple((await session.execute(text(KNOWN + wall.sql), values)).scalars())
        found += [Hole(wall.name, wall.promise, where)] if where else []
    return found


async def get_login(session: SystemSession) -> Login:
    row = (await session.execute(LOGIN)).one()
    return Login(row.name, row.super, row.bypasses, row.admitted)
