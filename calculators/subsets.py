"""The cheapest placing of a few tasks, exactly: what was paid up to a slot follows from which tasks were paid by then.

Slot by slot, the states are the sets of tasks paid so far; of two ways to one set the cheaper one is kept. A state is
dropped when what it cost, with each other task on its cheapest slot still ahead, cannot beat what is known already.
"""

from collections.abc import Sequence
from heapq import nsmallest
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from calculators.tasks import Option, Task


class _State(NamedTuple):
    """`bound`: the least that a placing from here on costs. `placed`: the last task put, and the state before."""

    bound: int
    paid: int
    placed: "_Placed | None"


class _Placed(NamedTuple):
    at: int
    option: Option
    before: "_Placed | None"


_States: TypeAlias = dict[int, _State]


class _Step(NamedTuple):
    """A task's turn in a slot; `go` and `stay`: what being paid there, and not, adds to the bound."""

    at: int
    amount: int
    option: Option
    go: int
    stay: int


def sweep(tasks: Sequence[Task], room: Sequence[int], *, below: int, width: int) -> list[Option] | None:
    """One option per task at least cost, or None when nothing that costs less than `below` was found.

    Exact when `width`, the number of states kept, is at least 2 to the number of tasks; else the most promising stay.
    """
    limits = list(accumulate(reversed(room), min))[::-1]
    least = sum(task.options[0].cost for task in tasks)
    states: _States = {0: _State(least, 0, None)} if least < below else {}
    for slot, limit in enumerate(limits):
        for step in _steps(tasks, slot):
            states = _narrowed(_taken(states, step, limit, below), width)
    return _read(tasks, min(states.items(), key=_bound)[1].placed) if states else None


def _steps(tasks: Sequence[Task], slot: int) -> list[_Step]:
    """Tasks that may be paid in the slot."""
    return [
        _Step(at, task.amount, option, option.cost - now, _least(task, slot + 1) - now)
        for at, task in enumerate(tasks)
        for option in task.options
        if option.slot == slot
        for now in [_least(task, slot)]
    ]


def _least(task: Task, first: int) -> int:
    return next(option.cost for option in task.options if option.slot is None or option.slot >= first)


def _taken(states: _States, step: _Step, limit: int, below: int) -> _States:
    bit, grown = 1 << step.at, _States()
    for mask, state in states.items():
        bound, paid, placed = state
        if mask & bit:
            _keep(grown, mask, state)
            continue
        if bound + step.stay < below:
            _keep(grown, mask, _State(bound + step.stay, paid, placed))
        if bound + step.go < below and paid + step.amount <= limit:
            there = _Placed(step.at, step.option, placed)
            _keep(grown, mask | bit, _State(bound + step.go, paid + step.amount, there))
    return grown


def _keep(states: _States, mask: int, state: _State) -> None:
    known = states.get(mask)
    if known is None or state.bound < known.bound:
        states[mask] = state


def _narrowed(states: _States, width: int) -> _States:
    if len(states) <= width:
        return states
    return dict(nsmallest(width, states.items(), key=_bound))


def _bound(item: tuple[int, _State]) -> int:
    return item[1].bound


def _read(tasks: Sequence[Task], placed: _Placed | None) -> list[Option]:
    chosen = [task.options[-1] for task in tasks]
    while placed is not None:
        chosen[placed.at] = placed.option
        placed = placed.before
    return chosen
