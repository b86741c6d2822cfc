"""Whose yes is enough: owners, delegates within their limits, and when two people must speak."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from domains.bills import Bill
from domains.decisions import Decision, Voice, list_voices_since
from domains.people import Act, Caller, Role, any_of, list_people, list_roles, refusal
from domains.policy import Delegation, Policy, list_versions_since
from kit.db import TenantSession
from kit.errors import NotAllowed
from orchestrators.desk import Desk

COOLING = timedelta(hours=24)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who may say yes today: owners without a limit, delegates with theirs. Ids, the longest-standing first."""

    owners: tuple[str, ...]
    delegates: Mapping[str, Delegation]

    def may_approve(self, slack_user: str) -> bool:
        return slack_user in self.owners or slack_user in self.delegates

    def covers(self, slack_user: str, amount: Decimal | None) -> bool:
        """Whether this person alone may approve the amount; one that cannot be told in home currency needs an owner."""
        if slack_user in self.owners:
            return True
        delegation = self.delegates.get(slack_user)
        return delegation is not None and amount is not None and amount <= delegation.limit

    def eyes(self, said: Iterable[Voice]) -> frozenset[str]:
        """The independent people who looked (docs/adr/0012-deciding.md).

        Where there are several owners, a delegate looks with the eyes of the owner who lent the limit, also after it
        was taken back, and whoever spoke in their own name and has no right any more did not look. A single owner has
        nobody else to ask, so there each person counts.
        """
        if len(self.owners) < 2:
            return frozenset(one.by for one in said)
        counted = [one for one in said if one.on_behalf_of or self.may_approve(one.by)]
        return frozenset(one.on_behalf_of or self._stands_for(one.by) for one in counted)

    def _stands_for(self, slack_user: str) -> str:
        delegation = self.delegates.get(slack_user) if len(self.owners) > 1 else None
        return delegation.granted_by if delegation else slack_user

    def may_add(self, slack_user: str, said: Collection[Voice], amount: Decimal | None) -> bool:
        """Owners may always speak themselves; a delegate only where that is not their owner's yes once more."""
        spoke = any(one.by == slack_user for one in said)
        return not spoke and (slack_user in self.owners or self.brings(slack_user, said, amount))

    def brings(self, slack_user: str, said: Collection[Voice], amount: Decimal | None) -> bool:
        """Whether this person's yes has something that those said lack: other eyes, or the right."""
        if any(one.by == slack_user for one in said) or not self.may_approve(slack_user):
            return False
        lacking = not any(self.covers(one.by, amount) for one in said)
        return self._stands_for(slack_user) not in self.eyes(said) or (lacking and self.covers(slack_user, amount))

    def who_covers(self, amount: Decimal | None) -> tuple[str, ...]:
        return tuple(one for one in (*self.owners, *self.delegates) if self.covers(one, amount))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`needs` says in words what is still asked; None when enough was said."""

    enough: bool
    needs: str | None
    waiting_for: tuple[str, ...]


async def load_electorate(session: TenantSession, policy: Policy, today: date) -> Electorate:
    people = [person for person in await list_people(session) if person.refused_as is None]
    owners = tuple(person.slack_user for person in people if Role.OWNER in person.roles)
    advisors = [person.slack_user for person in people if Role.ADVISOR in person.roles]
    found = {user: policy.find_delegation(user, today) for user in advisors if user not in owners}
    return Electorate(owners, {user: one for user, one in found.items() if one is not None})


async def require_approver(session: TenantSession, caller: Caller, electorate: Electorate, to: str) -> None:
    """Raises `NotAllowed`: an advisor needs a delegation that holds today. `to`: what was asked, "approve bills"."""
    if not Caller(caller.slack_user, await list_roles(session, caller.slack_user)).may(Act.APPROVE):
        raise NotAllowed(refusal(to, (*electorate.owners, *electorate.delegates)))
    if not electorate.may_approve(caller.slack_user):
        names = any_of(electorate.owners) or "An owner"
        raise NotAllowed(f"You have no approval limit today, so you can’t {to}. You can propose them; {names} can.")


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one person's click: the electorate, and the amount above which two must speak."""

    electorate: Electorate
    pair_over: Decimal
    version: int


async def load_rules(session: TenantSession, desk: Desk, caller: Caller) -> Rules:
    """Where there are several owners, whoever loosened the limit is held to the stricter one for a day."""
    electorate = await load_electorate(session, desk.rules, desk.today)
    pair_over = desk.rules.second_approver_over
    if len(electorate.owners) > 1:
        versions = await list_versions_since(session, desk.health.now - COOLING)
        mine = [old.policy for old, new in pairwise(versions) if new.changed_by == caller.slack_user]
        pair_over = min([pair_over, *(policy.second_approver_over for policy in mine)])
    return Rules(electorate, pair_over, desk.policy.version)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of approvers: an amount (None: it has no rate), and who has used up their say for today."""

    amount: Decimal | None
    split_by: str | None = None


def judge_voices(said: Collection[Voice], question: Question, rules: Rules) -> Verdict:
    """Above the limit two pairs of eyes; at least one of them must be allowed the amount alone."""
    electorate, amount = rules.electorate, question.amount
    spent = question.split_by if question.split_by in electorate.delegates else None
    covered = any(electorate.covers(one.by, amount) for one in said if one.by != spent)
    pair = amount is None or amount > rules.pair_over or (question.split_by is not None and spent is None)
    if covered and len(electorate.eyes(said)) >= (2 if pair else 1):
        return Verdict(enough=True, needs=None, waiting_for=())
    can = (*electorate.owners, *electorate.delegates) if covered else electorate.who_covers(amount)
    needs = "a second approver" if covered else "an approver whose limit covers it"
    able = tuple(one for one in can if electorate.brings(one, said, amount))
    return Verdict(enough=False, needs=needs, waiting_for=able)


def is_split(slack_user: str, bill: Bill, amount: Decimal | None, earlier: Iterable[Decision], rules: Rules) -> bool:
    """Whether today's sums reach past what this person may approve alone: per vendor, and for a delegate per day."""
    others = [one for one in earlier if one.bill_id != bill.id]
    if not others:
        return False
    total = (amount or ZERO) + _sum(others)
    same_vendor = (amount or ZERO) + _sum(one for one in others if one.vendor_id == bill.vendor_id)
    delegation = rules.electorate.delegates.get(slack_user)
    if delegation is not None and (same_vendor > delegation.limit or total > delegation.per_day):
        return True
    return same_vendor > rules.pair_over


async def list_todays_voices(session: TenantSession, desk: Desk, slack_user: str) -> list[Decision]:
    """What this person said yes to since local midnight. Read behind the chain's lock: two devices split no sum."""
    midnight = datetime.combine(desk.today, time.min, ZoneInfo(desk.health.zone))
    return await list_voices_since(session, slack_user, midnight)


def _sum(decisions: Iterable[Decision]) -> Decimal:
    return sum((one.home_amount or ZERO for one in decisions), ZERO)
