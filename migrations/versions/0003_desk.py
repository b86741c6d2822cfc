"""The desk: decisions and their voices, hand-offs, chases, what was done about issues, policy, tiers, known money."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from migrations.tenancy import append_only, wall

revision = "0003_desk"
down_revision = "0002_books"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Waiting for a lock behind live traffic would queue that traffic behind us: give up early, run again.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "chases",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.String(length=30), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "invoice_id", "day", name="pk_chases"),
    )
    op.create_table(
        "decisions",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.String(length=30), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("record_token", sa.BigInteger(), nullable=False),
        sa.Column("judged", pg.JSONB(), nullable=False),
        sa.Column("vendor_id", sa.String(length=30), nullable=True),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("home_amount", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("pay_on", sa.Date(), nullable=True),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("breach", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("low_water", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("seen_payment", sa.String(length=30), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("seen_amount", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("log_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_bill", "decisions", ["business_id", "bill_id", "created_at"], unique=False)
    op.create_index("ix_decisions_changed", "decisions", ["business_id", "changed_at"], unique=False)
    op.create_index(
        "uq_decisions_live_bill",
        "decisions",
        ["business_id", "bill_id"],
        unique=True,
        postgresql_where=sa.text("phase IN ('proposed', 'approved', 'held', 'rejected', 'handed_off', 'stale')"),
    )
    op.create_table(
        "handoffs",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filename", sa.String(length=100), nullable=False),
        sa.Column("csv", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_handoffs"),
    )
    op.create_table(
        "item_states",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("qbo_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("assignee", sa.String(length=40), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("judged", sa.String(length=64), nullable=False),
        sa.Column("resolved_by", sa.String(length=40), nullable=True),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", pg.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "kind", "qbo_id", "code", name="pk_item_states"),
    )
    op.create_index(
        "ix_item_states_assignee",
        "item_states",
        ["business_id", "assignee"],
        unique=False,
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )
    op.create_table(
        "known_items",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("repeat", sa.String(length=20), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_known_items"),
    )
    op.create_table(
        "policies",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "version", name="pk_policies"),
    )
    op.create_table(
        "set_asides",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_set_asides"),
    )
    op.create_table(
        "vendor_tiers",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.String(length=30), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "vendor_id", name="pk_vendor_tiers"),
    )
    op.create_table(
        "decision_voices",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("own_limit", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "decision_id"],
            ["decisions.business_id", "decisions.id"],
            name="fk_decision_voices_business_id_decision_id",
        ),
        sa.PrimaryKeyConstraint("business_id", "decision_id", "slack_user", name="pk_decision_voices"),
    )
    op.create_index("ix_decision_voices_person", "decision_voices", ["business_id", "slack_user", "at"], unique=False)

    # History and rules are added to, never taken from; a removed item keeps its row.
    for table in ("decisions", "item_states", "known_items", "set_asides"):
        wall(table, tenant="SELECT, INSERT, UPDATE")
    for table in ("decision_voices", "handoffs", "chases", "policies"):
        wall(table, tenant="SELECT, INSERT")
        append_only(table)
    wall("vendor_tiers")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_decision_voices_person", table_name="decision_voices")
    op.drop_table("decision_voices")
    op.drop_table("vendor_tiers")
    op.drop_table("set_asides")
    op.drop_table("policies")
    op.drop_table("known_items")
    op.drop_index("ix_item_states_assignee", table_name="item_states", postgresql_where=sa.text("assignee IS NOT NULL"))
    op.drop_table("item_states")
    op.drop_table("handoffs")
    op.drop_index(
        "uq_decisions_live_bill",
        table_name="decisions",
        postgresql_where=sa.text("phase IN ('proposed', 'approved', 'held', 'rejected', 'handed_off', 'stale')"),
    )
    op.drop_index("ix_decisions_changed", table_name="decisions")
    op.drop_index("ix_decisions_bill", table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("chases")
