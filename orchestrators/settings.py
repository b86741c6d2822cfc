"""What a business chose for itself: policy, delegates, roles, digest. Every change is versioned and announced."""

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domains.accounts import Account, AccountService
from domains.audit import Entry, record
from domains.businesses import get_business
from domains.people import Act, Caller, Person, Role, any_of, find_person, list_people, list_roles, require, set_roles
from domains.policy import (
    Delegation,
    DigestSettings,
    Policy,
    PolicyVersion,
    Writeback,
    get_policy,
    save_policy,
    without_delegate,
)
from kit.clock import local_today
from kit.errors import NotAllowed
from kit.money import Money
from kit.outbox import enqueue
from orchestrators.base import BaseDataOrchestrator
from orchestrators.effects import HOME, WELCOME, redraw
from orchestrators.jobs import AnnouncePolicy
from orchestrators.notices import alert
from orchestrators.outgoing import ReviewAlerts, TellApprovers
from orchestrators.refusals import BadField
from orchestrators.results.notices import AlertKind, AlertLine
from orchestrators.results.settings import BankLine, PersonLine, SettingsAct, SettingsView


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """What a form asks to change; None leaves a field as it is. Amounts are in the home currency."""

    floor_cash: Decimal | None = None
    floor_days: int | None = None
    second_approver_over: Decimal | None = None
    pay_days: tuple[int, ...] | None = None
    bill_writeback: Writeback | None = None
    defaulted_due_over: Decimal | None = None
    significant_invoice: Decimal | None = None
    stale_after_days: int | None = None
    restricted_accounts: tuple[str, ...] | None = None
    digest: DigestSettings | None = None


@dataclass(frozen=True, slots=True)
class SettingsOrchestrator(BaseDataOrchestrator):
    async def get_settings(self, caller: Caller) -> SettingsView:
        """Everybody who may see the books sees the rules; owners and admins get `EDIT`, owners `GRANT` too."""
        await self.verify()
        await require(self.session, caller, Act.SEE, "see the settings")
        return await self._view(caller, await get_policy(self.session))

    async def change_policy(self, caller: Caller, version: int, change: PolicyChange, *, source: str) -> SettingsView:
        """Raises `BadField` for what cannot be, `Outdated` when `version` is not in force any more.

        A form sent back as it was changes nothing: no version, no audit row, nobody is told.
        """
        await self.verify()
        await require(self.session, caller, Act.MANAGE, "change the settings")
        check(change)
        current = await get_policy(self.session)
        if change.restricted_accounts is not None:
            await self._check_accounts(change.restricted_accounts, current.policy.restricted_accounts or ())
        wanted = {one.name: getattr(change, one.name) for one in fields(change)}
        given = {name: value for name, value in wanted.items() if value is not None}
        return await self._save(caller, version, replace(current.policy, **given), source)

    async def _check_accounts(self, apart: tuple[str, ...], before: tuple[str, ...]) -> None:
        """What was set apart before may have been closed since: it is listed no more, and stays apart."""
        free = {one.id for one in await AccountService(self.session).list_bank_accounts() if not one.held_for_others}
        if not set(apart) <= free | set(before):
            raise BadField("accounts", "Choose from the bank accounts in the books.")
        if free and not free - set(apart):
            raise BadField("accounts", "At least one account must count as cash.")

    async def set_delegation(
        self, caller: Caller, version: int, delegation: Delegation, *, source: str
    ) -> SettingsView:
        """An owner lends an advisor the right to approve. One delegation per advisor: the newest counts."""
        await self._require_owner(caller)
        person = await find_person(self.session, delegation.slack_user)
        if person is None or Role.ADVISOR not in person.roles or person.refused_as is not None:
            raise BadField(
                "slack_user", f"<@{delegation.slack_user}> is not an advisor here. Give them that role first."
            )
        zone = ZoneInfo((await get_business(self.session)).zone)
        _check_delegation(delegation, local_today(self.clock, zone))
        current = (await get_policy(self.session)).policy
        others = without_delegate(current, delegation.slack_user)
        granted = replace(delegation, granted_by=caller.slack_user)
        policy = replace(others, delegations=(*others.delegations, granted))
        saved = await self._save(caller, version, policy, source)
        limit = Money(granted.limit, saved.currency)
        line = AlertLine(AlertKind.LIMIT_CHANGED, _limit(saved), party=caller.slack_user, amount=limit, on=granted.ends)
        await self._tell(caller, granted.slack_user, line)
        await self._ask_anew(_limit(saved))
        return saved

    async def end_delegation(self, caller: Caller, version: int, slack_user: str, *, source: str) -> SettingsView:
        await self._require_owner(caller)
        current = (await get_policy(self.session)).policy
        saved = await self._save(caller, version, without_delegate(current, slack_user), source)
        if saved.policy != current:
            line = AlertLine(AlertKind.LIMIT_CHANGED, _limit(saved), party=caller.slack_user)
            await self._tell(caller, slack_user, line)
            await self._ask_anew(_limit(saved))
        return saved

    async def set_roles(self, caller: Caller, slack_user: str, roles: frozenset[Role], *, source: str) -> SettingsView:
        """Owners are made and unmade by owners, once there is one; the last owner and the last manager stay."""
        await self.verify()
        await require(self.session, caller, Act.MANAGE, "change roles")
        people = await list_people(self.session)
        person = next((one for one in people if one.slack_user == slack_user), None)
        if person is None or person.refused_as is not None:
            raise BadField("slack_user", f"<@{slack_user}> cannot have a role here.")
        wanted = roles or frozenset({Role.MEMBER})
        await self._check_owners(caller, people, person, wanted)
        if wanted != person.roles:
            await self._give(caller, person, wanted, source)
        return await self._view(caller, await get_policy(self.session))

    async def _give(self, caller: Caller, person: Person, wanted: frozenset[Role], source: str) -> None:
        await set_roles(self.session, person.slack_user, wanted, by=caller.slack_user)
        entry = Entry(
            actor=caller.slack_user,
            action="roles.changed",
            object_type="person",
            object_id=person.slack_user,
            before={"roles": sorted(person.roles)},
            after={"roles": sorted(wanted)},
            source=source,
        )
        seq = await record(self.session, entry, clock=self.clock)
        words = " and ".join(role for role in Role if role in wanted)
        line = AlertLine(AlertKind.ROLE_CHANGED, f"roles:{seq}", party=caller.slack_user, detail=words)
        await self._tell(caller, person.slack_user, line)
        await self._ask_anew(f"roles:{seq}")

    async def _ask_anew(self, cause: str) -> None:
        """Who may say yes is another question now: what waits is brought to them, what alarmed is looked at again."""
        await enqueue(self.session, TellApprovers(), key=f"approvers:{cause}")
        await enqueue(self.session, ReviewAlerts(), key=f"review:{cause}")

    async def _tell(self, caller: Caller, slack_user: str, line: AlertLine) -> None:
        """Whom it concerns, unless they did it themselves."""
        if slack_user != caller.slack_user:
            await alert(self.session, self.clock, [slack_user], line)

    async def _check_owners(
        self, caller: Caller, people: list[Person], person: Person, wanted: frozenset[Role]
    ) -> None:
        owners = {one.slack_user for one in people if Role.OWNER in one.roles}
        changes_owner = (Role.OWNER in wanted) != (person.slack_user in owners)
        if changes_owner and owners and caller.slack_user not in owners:
            raise NotAllowed(f"Only an owner can make or unmake owners: {_named(owners)}.")
        if changes_owner and owners == {person.slack_user}:
            raise BadField("roles", "This is the last owner. Make somebody else an owner first.")
        managers = {one.slack_user for one in people if one.roles & {Role.OWNER, Role.ADMIN}}
        if managers == {person.slack_user} and not wanted & {Role.OWNER, Role.ADMIN}:
            raise BadField("roles", "Nobody would be left to manage Runway. Make somebody else an admin first.")

    async def _require_owner(self, caller: Caller) -> None:
        await self.verify()
        if Role.OWNER not in await list_roles(self.session, caller.slack_user):
            owners = {one.slack_user for one in await list_people(self.session) if Role.OWNER in one.roles}
            raise NotAllowed(f"Only an owner can lend the right to approve: {_named(owners)}.")

    async def _save(self, caller: Caller, seen: int, policy: Policy, source: str) -> SettingsView:
        current = await get_policy(self.session)
        if current.version == seen and current.policy == policy:
            return await self._view(caller, current)
        saved = await save_policy(
            self.session, policy, seen=seen, by=caller.slack_user, source=source, clock=self.clock
        )
        await enqueue(self.session, AnnouncePolicy(version=saved.version), key=f"policy:{saved.version}")
        await redraw(self.session, [HOME, WELCOME], cause=f"policy:{saved.version}")
        return await self._view(caller, saved)

    async def _view(self, caller: Caller, current: PolicyVersion) -> SettingsView:
        business = await get_business(self.session)
        today = local_today(self.clock, ZoneInfo(business.zone))
        people = [one for one in await list_people(self.session) if one.refused_as is None]
        banks = await AccountService(self.session).list_bank_accounts()
        edit = (SettingsAct.EDIT,) if caller.may(Act.MANAGE) else ()
        grant = (SettingsAct.GRANT,) if Role.OWNER in caller.roles else ()
        return SettingsView(
            business_name=business.name,
            zone=business.zone,
            currency=business.currency,
            policy=current.policy,
            version=current.version,
            changed_by=current.changed_by,
            changed_at=current.changed_at,
            people=tuple(_person(one, current.policy, business.currency, today) for one in people),
            banks=tuple(_bank(one, business.currency) for one in banks),
            acts=edit + grant,
        )


def _limit(saved: SettingsView) -> str:
    """Every change of a limit is news, also one back to what it was last week."""
    return f"limit:{saved.version}"


def check(change: PolicyChange) -> None:
    """Raises `BadField` for the first field that cannot be."""
    for name in ("floor_cash", "second_approver_over", "defaulted_due_over", "significant_invoice"):
        amount = getattr(change, name)
        if amount is not None and not 0 <= amount < Decimal(10) ** 12:
            raise BadField(name, "Write an amount of 0 or more, such as 10,000.")
    _check_range("floor_days", change.floor_days, 0, 90)
    _check_range("stale_after_days", change.stale_after_days, 1, 30)
    if change.pay_days is not None and not (change.pay_days and set(change.pay_days) <= set(range(1, 8))):
        raise BadField("pay_days", "Choose at least one weekday on which you pay.")
    if change.digest is not None:
        _check_digest(change.digest)


def _check_digest(digest: DigestSettings) -> None:
    _check_range("weekday", digest.weekday, 1, 7)
    _check_range("hour", digest.hour, 0, 23)
    try:
        ZoneInfo(digest.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadField("zone", "Choose a time zone from the list, such as America/New_York.") from error


def _check_range(name: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise BadField(name, f"Write a number from {low} to {high}.")


def _check_delegation(delegation: Delegation, today: date) -> None:
    if delegation.limit <= 0:
        raise BadField("limit", "Write an amount above 0.")
    if delegation.daily_limit is not None and delegation.daily_limit < delegation.limit:
        raise BadField("daily_limit", "The limit of a day cannot be below that of one bill.")
    if delegation.ends < delegation.starts:
        raise BadField("ends", "The last day cannot be before the first.")
    if delegation.ends < today:
        raise BadField("ends", "That day has passed. Choose today or later.")


def _bank(account: Account, home: str) -> BankLine:
    return BankLine(
        account_id=account.id,
        name=account.full_name,
        balance=Money(account.balance, account.currency or home),
        set_apart=account.set_apart,
        held_for_others=account.held_for_others,
        asked=account.may_be_spoken_for,
    )


def _person(person: Person, policy: Policy, currency: str, today: date) -> PersonLine:
    mine = (one for one in policy.delegations if one.slack_user == person.slack_user and one.ends >= today)
    lent = next(mine, None) if Role.ADVISOR in person.roles else None
    return PersonLine(
        slack_user=person.slack_user,
        name=person.name,
        roles=person.roles,
        limit=Money(lent.limit, currency) if lent else None,
        limit_from=lent.starts if lent else None,
        limit_to=lent.ends if lent else None,
    )


def _named(people: set[str]) -> str:
    return any_of(sorted(people)) or "nobody yet"
