"""Five first steps, read from facts and kept once true: a tray item that was touched stays touched."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.accounts import AccountService
from domains.businesses import get_business, get_workspace
from domains.connections import find_connection
from domains.item_states import ItemStateRow
from domains.policy import get_policy, list_versions_since
from domains.sync_history import Kind, RunState, SyncRunRow
from kit.clock import Clock, next_local
from kit.db import TenantSession
from kit.models import Base, Owned
from orchestrators.results.onboarding import OnboardingResult, Step, StepLine

EVER = datetime(2000, 1, 1, tzinfo=UTC)


class OnboardingStepRow(Owned, Base):
    __tablename__ = "onboarding_steps"

    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class OnboardingService:
    session: TenantSession
    clock: Clock

    async def get_onboarding(self) -> OnboardingResult:
        """Reads only: a step that became true since the last `note_steps` is shown as done, too."""
        workspace = await get_workspace(self.session)
        facts = await self._facts()
        done = facts | await self._kept()
        if Step.BOOKS_CONNECTED not in facts:  # the one step that can be undone: whoever comes back begins with it
            done.pop(Step.BOOKS_CONNECTED, None)
        steps = tuple(StepLine(step, done.get(step)) for step in Step)
        return OnboardingResult(
            business_name=(await get_business(self.session)).name,
            installer=workspace.installed_by,
            steps=steps,
            next_step=next((line.step for line in steps if line.done_at is None), None),
            digest_hour=await self._digest_hour(),
            spoken_for=tuple(one.full_name for one in await AccountService(self.session).list_spoken_for()),
        )

    async def note_steps(self) -> frozenset[Step]:
        """Keep what became true; returns the steps that were not known yet."""
        facts, kept = await self._facts(), await self._kept()
        for step, at in facts.items():
            row = {"business_id": self.session.business_id, "step": step, "done_at": at}
            await self.session.execute(insert(OnboardingStepRow).values(**row).on_conflict_do_nothing())
        return frozenset(facts.keys() - kept.keys())

    async def _kept(self) -> dict[Step, datetime]:
        rows = await self.session.execute(select(OnboardingStepRow.step, OnboardingStepRow.done_at))
        return {Step(step): at for step, at in rows}

    async def _facts(self) -> dict[Step, datetime]:
        workspace, connection = await get_workspace(self.session), await find_connection(self.session)
        known = {
            Step.WORKSPACE_BOUND: workspace.installed_at,
            Step.BOOKS_CONNECTED: connection.connected_at if connection and connection.live else None,
            Step.FIRST_SYNC: await self._first_sync(),
            Step.DIGEST_CONFIGURED: await self._digest_configured(),
            Step.FIRST_TRAY_ITEM: await self._first_touch(),
        }
        return {step: at for step, at in known.items() if at is not None}

    async def _first_sync(self) -> datetime | None:
        whole = (SyncRunRow.kind == Kind.FULL, SyncRunRow.state == RunState.SUCCEEDED)
        statement = select(func.min(SyncRunRow.finished_at)).where(*whole)
        return (await self.session.execute(statement)).scalar_one()

    async def _digest_configured(self) -> datetime | None:
        versions = await list_versions_since(self.session, EVER)
        return next((one.changed_at for one in versions if one.policy.digest.channel), None)

    async def _first_touch(self) -> datetime | None:
        statement = select(func.min(ItemStateRow.changed_at)).where(ItemStateRow.changed_by != "runway")
        return (await self.session.execute(statement)).scalar_one()

    async def _digest_hour(self) -> datetime | None:
        digest = (await get_policy(self.session)).policy.digest
        if not digest.enabled:
            return None
        return next_local(self.clock.now(), ZoneInfo(digest.zone), weekday=digest.weekday, hour=digest.hour)
