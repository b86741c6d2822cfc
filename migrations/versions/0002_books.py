"""The mirror of the books: records, postings, history, sync state, connections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from migrations.tenancy import append_only, wall

revision = "0002_books"
down_revision = "0001_floor"
branch_labels = None
depends_on = None

# What routes work to a tenant is seen across tenants: who is connected, what is due, what the reads add up to.
ROUTING = "SELECT (business_id, realm_id, status, refresh_expires_at, hard_expires_at)"
COMPRESS = """
DO $$ BEGIN
  ALTER TABLE records ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN NULL; END $$
"""
TABLES = [
    "records",
    "postings",
    "transaction_log",
    "quarantine",
    "sync_runs",
    "sync_cursors",
    "sync_slices",
    "read_meter",
    "qbo_connections",
    "connect_tickets",
    "bill_notes",
]


def upgrade() -> None:
    # Waiting for a lock behind live traffic would queue that traffic behind us: give up early, run again.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "records",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("qbo_id", sa.String(length=30), nullable=False),
        sa.Column("sync_token", sa.BigInteger(), nullable=False),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_synced", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("party_id", sa.String(length=30), nullable=True),
        sa.Column("account_id", sa.String(length=30), nullable=True),
        sa.Column("term_id", sa.String(length=30), nullable=True),
        sa.Column("parent_id", sa.String(length=30), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("subkind", sa.Text(), nullable=True),
        sa.Column("doc_number", sa.Text(), nullable=True),
        sa.Column("txn_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("exchange_rate", sa.Numeric(), nullable=True),
        sa.Column("total", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("balance", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("home_balance", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "entity", "qbo_id", name=op.f("pk_records")),
    )
    op.create_index(
        "ix_records_dated",
        "records",
        ["business_id", "entity", "txn_date"],
        unique=False,
        postgresql_where=sa.text("txn_date IS NOT NULL"),
    )
    op.create_index(
        "ix_records_open",
        "records",
        ["business_id", "entity", "due_date"],
        unique=False,
        postgresql_where=sa.text("balance <> 0 AND deleted_at IS NULL AND entity IN ('Bill', 'Invoice')"),
    )
    op.create_table(
        "postings",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("qbo_id", sa.String(length=30), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("txn_date", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("home_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("counter_id", sa.String(length=30), nullable=True),
        sa.Column("party_id", sa.String(length=30), nullable=True),
        sa.Column("link_entity", sa.String(length=20), nullable=True),
        sa.Column("link_id", sa.String(length=30), nullable=True),
        sa.Column("settles", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "entity", "qbo_id", "leg", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_account", "postings", ["business_id", "account_id", "txn_date"], unique=False)
    op.create_index(
        "ix_postings_counter",
        "postings",
        ["business_id", "counter_id", "txn_date"],
        unique=False,
        postgresql_where=sa.text("counter_id IS NOT NULL"),
    )
    op.create_table(
        "transaction_log",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("qbo_id", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("sync_token", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.LargeBinary(length=16), nullable=True),
        sa.Column("after", sa.LargeBinary(length=16), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "entity", "qbo_id", "seq", name=op.f("pk_transaction_log")),
    )
    op.create_table(
        "quarantine",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("qbo_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "entity", "qbo_id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "sync_runs",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quarantined", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("progress", pg.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_sync_runs")),
    )
    op.create_index("ix_sync_runs_started", "sync_runs", ["business_id", "started_at"], unique=False)
    op.create_index("uq_sync_runs_job", "sync_runs", ["business_id", "job_key"], unique=True)
    op.create_table(
        "sync_cursors",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("watermark", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_synced", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "entity", name=op.f("pk_sync_cursors")),
    )
    op.create_table(
        "sync_slices",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skip", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("business_id", "entity", "number", name=op.f("pk_sync_slices")),
    )
    op.create_table(
        "read_meter",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "month", name=op.f("pk_read_meter")),
    )
    op.create_table(
        "qbo_connections",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("realm_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("access_token", sa.String(length=8000), nullable=True),
        sa.Column("refresh_token", sa.String(length=2000), nullable=True),
        sa.Column("previous_refresh_token", sa.String(length=2000), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hard_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_by", sa.String(length=40), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_qbo_connections")),
    )
    op.create_index(
        "uq_qbo_connections_realm",
        "qbo_connections",
        ["realm_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'disconnected'"),
    )
    op.create_table(
        "connect_tickets",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("switch", sa.Boolean(), nullable=False),
        sa.Column("cookie", sa.LargeBinary(length=32), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "digest", name=op.f("pk_connect_tickets")),
    )
    op.create_index("ix_connect_tickets_digest", "connect_tickets", ["digest"], unique=False)
    op.create_table(
        "bill_notes",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intent_key", sa.String(length=200), nullable=False),
        sa.Column("bill_id", sa.String(length=30), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written_token", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_bill_notes")),
    )
    op.create_index("ix_bill_notes_bill", "bill_notes", ["business_id", "bill_id"], unique=False)
    op.create_index("uq_bill_notes_intent", "bill_notes", ["business_id", "intent_key"], unique=True)
    _compress()
    _guard()


def _compress() -> None:
    """lz4 costs a third of the default's time; a server built without it keeps the default."""
    op.execute(COMPRESS)


def _guard() -> None:
    for table in ("records", "postings", "quarantine", "sync_slices", "bill_notes"):
        wall(table)
    wall("transaction_log", tenant="SELECT, INSERT")
    append_only("transaction_log")
    for table in ("sync_runs", "sync_cursors", "read_meter"):
        wall(table, system="SELECT")
    wall("qbo_connections", system=ROUTING)
    wall("connect_tickets", system="SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.drop_table(table)
