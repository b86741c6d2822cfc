"""Placing amounts on days under a growing limit at least cost: the arithmetic inside the pay-date planner.

All money paid up to a slot must stay within that slot's room. The problem is a knapsack in disguise (NP-hard), so small
cases are searched exhaustively with bounds, and large ones start from good orders of placing and are improved by moving
one bill out of the way of another.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Final

NODES: Final = 30_000
EXACT_UP_TO: Final = 12
EVICTIONS: Final = 8
ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Option:
    """Paying in `slot` (None: not at all within sight) costs `cost`, in any one unit."""

    slot: int | None
    cost: int


@dataclass(frozen=True, slots=True)
class Task:
    """`options` by rising cost, ending with one whose slot is None: an answer always exists."""

    amount: int
    options: tuple[Option, ...]


def place(tasks: Sequence[Task], room: Sequence[int]) -> list[Option]:
    """One option per task, so that for each slot the amounts up to it do not exceed its `room` (never negative)."""
    board = _Board(tasks, room)
    best = min((board.filled(order) for order in _orders(tasks)), key=_total)
    _improve(board, best)
    return _search(board, best) if len(tasks) <= EXACT_UP_TO else best


def _total(chosen: Iterable[Option]) -> int:
    return sum(option.cost for option in chosen)


class _Board:
    """The room left in each slot while options are tried."""

    def __init__(self, tasks: Sequence[Task], room: Sequence[int]) -> None:
        self.tasks = tasks
        self.by_amount = sorted(range(len(tasks)), key=lambda at: tasks[at].amount)
        self._amounts = [tasks[at].amount for at in self.by_amount]
        self._room = room
        self._left = list(room)

    def fits(self, at: int, option: Option) -> bool:
        return option.slot is None or self.tasks[at].amount <= min(self._left[option.slot :])

    def big_enough(self, at: int, option: Option) -> list[int]:
        """Tasks by rising amount whose leaving could make `option` possible."""
        missing = self.tasks[at].amount - min(self._left[option.slot :])
        return self.by_amount[bisect_left(self._amounts, missing) :]

    def put(self, at: int, option: Option) -> None:
        self._change(option.slot, -self.tasks[at].amount)

    def take(self, at: int, option: Option) -> None:
        self._change(option.slot, self.tasks[at].amount)

    def _change(self, first: int | None, amount: int) -> None:
        if first is not None:
            for slot in range(first, len(self._left)):
                self._left[slot] += amount

    def cheapest(self, at: int) -> Option:
        return next(option for option in self.tasks[at].options if self.fits(at, option))

    def clear(self) -> None:
        self._left[:] = self._room

    def filled(self, order: Iterable[int]) -> list[Option]:
        """Each task in `order` on its cheapest option that still fits."""
        self.clear()
        chosen: dict[int, Option] = {}
        for at in order:
            chosen[at] = self.cheapest(at)
            self.put(at, chosen[at])
        return [chosen[at] for at in range(len(self.tasks))]


def _orders(tasks: Sequence[Task]) -> Iterator[list[int]]:
    """Dearest to refuse per unit of money first; dearest as a whole first; smallest first."""
    numbers = range(len(tasks))
    refusal = [task.options[-1].cost - task.options[0].cost for task in tasks]
    yield sorted(numbers, key=lambda at: (Fraction(-refusal[at], max(1, tasks[at].amount)), tasks[at].amount))
    yield sorted(numbers, key=lambda at: -refusal[at])
    yield sorted(numbers, key=lambda at: tasks[at].amount)


def _improve(board: _Board, chosen: list[Option]) -> None:
    """Moves tasks to cheaper options, pushing at most one other out of the way at a time, while that pays."""
    board.clear()
    for at, option in enumerate(chosen):
        board.put(at, option)
    rounds = 0
    while rounds < ROUNDS and [at for at in range(len(chosen)) if _improve_one(board, chosen, at)]:
        rounds += 1


def _improve_one(board: _Board, chosen: list[Option], at: int) -> bool:
    current = chosen[at]
    board.take(at, current)
    for option in board.tasks[at].options:
        gain = current.cost - option.cost
        if gain > 0 and (board.fits(at, option) or _make_room(board, chosen, at, option, gain)):
            chosen[at] = option
            break
    board.put(at, chosen[at])
    return chosen[at] is not current


def _make_room(board: _Board, chosen: list[Option], at: int, option: Option, gain: int) -> bool:
    """Moves one other task for less than `gain`; tells whether one of the smallest that would do was found."""
    others = (other for other in board.big_enough(at, option) if other != at and chosen[other].slot is not None)
    return any(_move_away(board, chosen, other, (at, option), gain) for other in islice(others, EVICTIONS))


def _move_away(board: _Board, chosen: list[Option], other: int, comer: tuple[int, Option], gain: int) -> bool:
    held = chosen[other]
    board.take(other, held)
    if board.fits(*comer):
        board.put(*comer)
        chosen[other] = board.cheapest(other)
        board.take(*comer)
        if chosen[other].cost - held.cost >= gain:
            chosen[other] = held
    board.put(other, chosen[other])
    return chosen[other] is not held


def _search(board: _Board, incumbent: list[Option]) -> list[Option]:
    """Depth first over all options, dearest task first, for a bounded number of tries.

    Cut where the rest, each alone on its cheapest option that still fits, could not beat the best.
    """
    order = sorted(range(len(board.tasks)), key=lambda at: -board.tasks[at].options[-1].cost)
    best, best_cost = list(incumbent), _total(incumbent)
    board.clear()
    chosen: list[Option] = []
    nodes = 0

    def descend(spent: int) -> None:
        nonlocal best, best_cost, nodes
        depth = len(chosen)
        if spent + sum(board.cheapest(at).cost for at in order[depth:]) >= best_cost:
            return
        if depth == len(order):
            placed = dict(zip(order, chosen, strict=True))
            best, best_cost = [placed[at] for at in range(len(order))], spent
            return
        for option in board.tasks[order[depth]].options:
            nodes += 1
            if nodes <= NODES and board.fits(order[depth], option):
                chosen.append(option)
                board.put(order[depth], option)
                descend(spent + option.cost)
                board.take(order[depth], chosen.pop())

    descend(0)
    return best
