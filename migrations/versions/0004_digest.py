"""What Runway says unasked: digests and their schedule, graded projections, first steps, notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from migrations.tenancy import wall

revision = "0004_digest"
down_revision = "0003_desk"
branch_labels = None
depends_on = None

TABLES = (
    "digest_runs",
    "forecast_grades",
    "forecasts",
    "notice_posts",
    "notice_settings",
    "notices",
    "onboarding_steps",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "digest_runs",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", pg.JSONB(), nullable=True),
        sa.Column("figures", pg.JSONB(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("ts", sa.String(length=40), nullable=True),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_digest_runs"),
        sa.UniqueConstraint("business_id", "kind", "period", name="uq_digest_runs_business_id_kind_period"),
    )
    op.create_index("ix_digest_runs_built", "digest_runs", ["business_id", "built_at"], unique=False)
    op.create_table(
        "digest_schedule",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.String(length=100), server_default="", nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", name="pk_digest_schedule"),
    )
    op.create_table(
        "forecast_grades",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("actual", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "as_of", "days", name="pk_forecast_grades"),
    )
    op.create_table(
        "forecasts",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opening", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("points", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "as_of", name="pk_forecasts"),
    )
    op.create_table(
        "notice_posts",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "slack_user", "day", "key", name="pk_notice_posts"),
    )
    op.create_table(
        "notice_settings",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("quiet_from", sa.Integer(), server_default="20", nullable=False),
        sa.Column("quiet_to", sa.Integer(), server_default="8", nullable=False),
        sa.Column("daily_cap", sa.Integer(), server_default="5", nullable=False),
        sa.PrimaryKeyConstraint("business_id", "slack_user", name="pk_notice_settings"),
    )
    op.create_table(
        "notices",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("slack_user", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("facts", pg.JSONB(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("over", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("business_id", "slack_user", "day", "subject", name="pk_notices"),
    )
    op.create_index("ix_notices_subject", "notices", ["business_id", "slack_user", "subject", "day"], unique=False)
    op.create_table(
        "onboarding_steps",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "step", name="pk_onboarding_steps"),
    )
    for table in TABLES:
        wall(table)
    wall("digest_schedule", system="SELECT")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("digest_schedule")
    for table in TABLES:
        op.drop_table(table)
