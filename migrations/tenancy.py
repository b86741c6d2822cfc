"""The database's half of the tenant wall: roles, policies, grants. Every migration that makes a table calls `wall`."""

from alembic import op

TENANT = "runway_tenant"
SYSTEM = "runway_system"
WIPER = "runway_wiper"

# Roles belong to the cluster, not to the database: another database may have made them already, even this instant.
CREATE_ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""
LET_IN = "GRANT {tenant}, {system}, {wiper} TO CURRENT_USER"


MINE = "business_id = nullif(current_setting('app.business_id', true), '')::uuid"
# Tables behind the wall whose rows nobody could take away: a database from before the wiper has them.
WITHOUT_WIPER = """
SELECT quote_ident(tablename) FROM pg_policies WHERE schemaname = current_schema() AND policyname = 'tenant'
EXCEPT SELECT quote_ident(tablename) FROM pg_policies WHERE schemaname = current_schema() AND policyname = 'wiper'
"""
KEEP_HISTORY = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'runway_wiper' THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def roles() -> list[str]:
    """Made where they are missing; harmless to repeat."""
    let_in = LET_IN.format(tenant=TENANT, system=SYSTEM, wiper=WIPER)
    return [*(CREATE_ROLE.format(role=role) for role in (TENANT, SYSTEM, WIPER)), let_in]


def wiping(table: str) -> list[str]:
    """Whoever leaves takes everything along: one role may delete, one business at a time, and read or write no more."""
    return [
        f"CREATE POLICY wiper ON {table} TO {WIPER} USING ({MINE}) WITH CHECK (false)",
        f"GRANT SELECT (business_id), DELETE ON {table} TO {WIPER}",
    ]


def create_roles() -> None:
    for statement in roles():
        op.execute(statement)


def wall(table: str, *, tenant: str = "SELECT, INSERT, UPDATE, DELETE", system: str = "") -> None:
    """Rows are seen by their business alone; `system` lists what cross-tenant routing may do, nothing by default.

    FORCE holds the table's owner to the policy too; `nullif` because a setting that was once set comes back as ''.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO {TENANT} USING ({MINE}) WITH CHECK ({MINE})")
    op.execute(f"GRANT {tenant} ON {table} TO {TENANT}")
    for statement in wiping(table):
        op.execute(statement)
    if system:
        op.execute(f"CREATE POLICY system ON {table} TO {SYSTEM} USING (true) WITH CHECK (true)")
        op.execute(f"GRANT {system} ON {table} TO {SYSTEM}")


def append_only(table: str) -> None:
    """History is written once: grants keep the roles out, the trigger keeps everybody out."""
    op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {TENANT}, {SYSTEM}")
    op.execute(KEEP_HISTORY)
    op.execute(f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
