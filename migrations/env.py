"""Alembic's entry: migrates the connection it is handed by `migrations.run`."""

from alembic import context
from sqlalchemy import Connection

from kit.models import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
