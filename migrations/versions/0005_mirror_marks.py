"""Marks of the mirror: what was made of its rows holds for as long as they stay the same."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import wall

revision = "0005_mirror_marks"
down_revision = "0004_digest"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "mirror_marks",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "entity", name="pk_mirror_marks"),
    )
    wall("mirror_marks")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("mirror_marks")
