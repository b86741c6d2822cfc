"""Alembic's entry: migrates the connection it is handed by `migrations.run`."""

from importlib import import_module
from pkgutil import walk_packages

from alembic import context
from sqlalchemy import Connection

import domains
import orchestrators
from kit import inbox, outbox
from kit.models import Base

# A table that no import reaches would look like one to drop.
for package in (domains, orchestrators):
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        user_module_prefix="sa.",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


assert {inbox.InboxRow.__tablename__, outbox.OutboxRow.__tablename__} <= Base.metadata.tables.keys()
run(context.config.attributes["connection"])
