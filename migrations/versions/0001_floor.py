"""The floor: queue, inbox, businesses, workspaces, people, audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from migrations.tenancy import SYSTEM, append_only, create_roles, wall

revision = "0001_floor"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Waiting for a lock behind live traffic would queue that traffic behind us: give up early, run again.
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_roles()
    op.create_table(
        "audit_log",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "seq", name="pk_audit_log"),
    )
    op.create_index(
        "ix_audit_log_object", "audit_log", ["business_id", "object_type", "object_id", "seq"], unique=False
    )
    op.create_table(
        "businesses",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=60), server_default="UTC", nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="USD", nullable=False),
        sa.Column("status", sa.String(length=20), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name="pk_businesses"),
    )
    op.create_table(
        "inbox",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("external_key", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "source", "external_key", name="pk_inbox"),
    )
    op.create_table(
        "install_states",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_install_states"),
    )
    op.create_table(
        "outbox",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("payload", pg.JSONB(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("serial_key", sa.String(length=200), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_outbox"),
        sa.UniqueConstraint("business_id", "dedupe_key", name="uq_outbox_business_id_dedupe_key"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["lane", "not_before"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.create_index("ix_outbox_id", "outbox", ["id"], unique=False)
    op.create_index(
        "ix_outbox_leased", "outbox", ["business_id"], unique=False, postgresql_where=sa.text("lease_token IS NOT NULL")
    )
    op.create_index(
        "uq_outbox_serial",
        "outbox",
        ["business_id", "serial_key"],
        unique=True,
        postgresql_where=sa.text("lease_token IS NOT NULL"),
    )
    op.create_table(
        "people",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=60), server_default="UTC", nullable=False),
        sa.Column("refused_as", sa.String(length=20), nullable=True),
        sa.Column("dm_channel", sa.String(length=40), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "slack_user", name="pk_people"),
    )
    op.create_table(
        "role_grants",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_role_grants"),
    )
    op.create_index(
        "uq_role_grants_live",
        "role_grants",
        ["business_id", "slack_user", "role"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "workspaces",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.String(length=40), nullable=False),
        sa.Column("team_id", sa.String(length=40), nullable=False),
        sa.Column("team_name", sa.String(length=200), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("bot_id", sa.String(length=40), nullable=False),
        sa.Column("bot_user_id", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.String(length=1000), nullable=False),
        sa.Column("bot_token", sa.String(length=2000), nullable=True),
        sa.Column("refresh_token", sa.String(length=2000), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("installed_by", sa.String(length=40), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("business_id", name="pk_workspaces"),
    )
    op.create_index(
        "uq_workspaces_live_team",
        "workspaces",
        ["enterprise_id", "team_id"],
        unique=True,
        postgresql_where=sa.text("NOT dead"),
    )
    op.create_table(
        "messages",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("ts", sa.String(length=40), nullable=True),
        sa.Column("params", pg.JSONB(), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_messages"),
    )
    op.create_index("uq_messages_key", "messages", ["business_id", "key"], unique=True)
    op.create_index(
        "uq_messages_place",
        "messages",
        ["business_id", "channel", "ts"],
        unique=True,
        postgresql_where=sa.text("ts IS NOT NULL"),
    )
    op.create_table(
        "message_subjects",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "subject", "message_id", name="pk_message_subjects"),
    )
    wall("businesses", system="SELECT, INSERT, UPDATE")
    wall("workspaces", system="SELECT, INSERT, UPDATE")
    wall("people")
    wall("role_grants")
    wall("outbox", system="SELECT, UPDATE, DELETE")
    wall("messages")
    wall("message_subjects")
    wall("inbox", system="SELECT, DELETE")
    wall("audit_log", tenant="SELECT, INSERT")
    append_only("audit_log")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON install_states TO {SYSTEM}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("message_subjects")
    op.drop_table("messages")
    op.drop_index("uq_workspaces_live_team", table_name="workspaces", postgresql_where=sa.text("NOT dead"))
    op.drop_table("workspaces")
    op.drop_index("uq_role_grants_live", table_name="role_grants", postgresql_where=sa.text("valid_to IS NULL"))
    op.drop_table("role_grants")
    op.drop_table("people")
    op.drop_index("uq_outbox_serial", table_name="outbox", postgresql_where=sa.text("lease_token IS NOT NULL"))
    op.drop_index("ix_outbox_leased", table_name="outbox", postgresql_where=sa.text("lease_token IS NOT NULL"))
    op.drop_index("ix_outbox_id", table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox", postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"))
    op.drop_table("outbox")
    op.drop_table("install_states")
    op.drop_table("inbox")
    op.drop_table("businesses")
    op.drop_index("ix_audit_log_object", table_name="audit_log")
    op.drop_table("audit_log")
