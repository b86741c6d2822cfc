"""What every table shares: constraint names, the tenant key, aware instants."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A UTC instant; a naive datetime is refused before it can mean two things."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            msg = f"naive datetime {value.isoformat()}"
            raise ValueError(msg)
        return value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant(), UUID: Uuid()}  # noqa: RUF012 - SQLAlchemy reads a plain dict here


class Owned:
    """A row of one business: the key starts with it, so that no constraint can speak of two tenants."""

    @declared_attr
    def business_id(self) -> Mapped[UUID]:
        return mapped_column(primary_key=True, sort_order=-10)


class OwnedById(Owned):
    """An owned row with a random id of its own."""

    @declared_attr
    def id(self) -> Mapped[UUID]:
        return mapped_column(primary_key=True, default=uuid4, sort_order=-9)
