"""Placing amounts on days under a growing limit at least cost: the arithmetic inside the pay-date planner.

All money paid up to a slot must stay within that slot's room. The problem is a knapsack in disguise (NP-hard): up to 12
tasks the answer is exact. More are placed in good orders, improved by moving one out of the way of another, then by
placing a few at a time anew, exactly, with all others where they are.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Final

from calculators.subsets import sweep
from calculators.tasks import Option, Task, total

EXACT_UP_TO: Final = 12
SEARCHED_UP_TO: Final = 150  # beyond, single moves leave nothing worth the wait
STATES: Final = 150_000  # of a sweep in all, where it cannot be exact: a tenth of a second
EVICTIONS: Final = 8
ROUNDS: Final = 4
AT_A_TIME: Final = 7
REARRANGEMENTS: Final = 90


def place(tasks: Sequence[Task], room: Sequence[int]) -> list[Option]:
    """One option per task, so that for each slot the amounts up to it do not exceed its `room` (never negative)."""
    board = _Board(tasks, room)
    board.settle(min((board.filled(order) for order in _orders(tasks)), key=total))
    if not board.regretted():
        return board.chosen
    _improve(board)
    if len(tasks) > SEARCHED_UP_TO:
        return board.chosen
    width = 2**EXACT_UP_TO
    if len(tasks) > EXACT_UP_TO:
        _rearrange(board)
        width = max(1, STATES // (len(tasks) * len(room)))
    return sweep(tasks, room, below=total(board.chosen), width=width) or board.chosen


class _Board:
    """Where each task is, and the room that leaves in each slot."""

    def __init__(self, tasks: Sequence[Task], room: Sequence[int]) -> None:
        self.tasks = tasks
        self.chosen: list[Option] = []
        self.left = list(room)
        self._room = room
        self.by_amount = sorted(range(len(tasks)), key=lambda at: tasks[at].amount)
        self._amounts = [tasks[at].amount for at in self.by_amount]

    def regretted(self) -> list[int]:
        """Tasks that cost more than they would alone."""
        return [at for at, task in enumerate(self.tasks) if self.chosen[at].cost > task.options[0].cost]

    def fits(self, at: int, option: Option) -> bool:
        return option.slot is None or self.tasks[at].amount <= min(self.left[option.slot :])

    def big_enough(self, at: int, option: Option) -> list[int]:
        """Tasks by rising amount whose leaving could make `option` possible."""
        missing = self.tasks[at].amount - min(self.left[option.slot :])
        return self.by_amount[bisect_left(self._amounts, missing) :]

    def put(self, at: int, option: Option) -> None:
        self._change(option.slot, -self.tasks[at].amount)

    def take(self, at: int, option: Option) -> None:
        self._change(option.slot, self.tasks[at].amount)

    def _change(self, first: int | None, amount: int) -> None:
        if first is not None:
            for slot in range(first, len(self.left)):
                self.left[slot] += amount

    def cheapest(self, at: int) -> Option:
        return next(option for option in self.tasks[at].options if self.fits(at, option))

    def filled(self, order: Iterable[int]) -> list[Option]:
        """Each task in `order` on its cheapest option that still fits."""
        self.left[:] = self._room
        chosen: dict[int, Option] = {}
        for at in order:
            chosen[at] = self.cheapest(at)
            self.put(at, chosen[at])
        return [chosen[at] for at in range(len(self.tasks))]

    def settle(self, chosen: Sequence[Option]) -> None:
        self.left[:] = self._room
        self.chosen = list(chosen)
        for at, option in enumerate(chosen):
            self.put(at, option)


def _orders(tasks: Sequence[Task]) -> Iterator[list[int]]:
    """Dearest to refuse per unit of money first; dearest as a whole first; smallest first."""
    numbers = range(len(tasks))
    refusal = [task.options[-1].cost - task.options[0].cost for task in tasks]
    yield sorted(numbers, key=lambda at: (Fraction(-refusal[at], max(1, tasks[at].amount)), tasks[at].amount))
    yield sorted(numbers, key=lambda at: -refusal[at])
    yield sorted(numbers, key=lambda at: tasks[at].amount)


def _improve(board: _Board) -> None:
    """Moves tasks to cheaper options, pushing at most one other out of the way at a time, while that pays."""
    rounds = 0
    while rounds < ROUNDS and [at for at in board.regretted() if _improve_one(board, at)]:
        rounds += 1


def _improve_one(board: _Board, at: int) -> bool:
    current = board.chosen[at]
    board.take(at, current)
    for option in board.tasks[at].options:
        gain = current.cost - option.cost
        if gain > 0 and (board.fits(at, option) or _make_room(board, at, option, gain)):
            board.chosen[at] = option
            break
    board.put(at, board.chosen[at])
    return board.chosen[at] is not current


def _make_room(board: _Board, at: int, option: Option, gain: int) -> bool:
    """Moves one other task for less than `gain`; tells whether one of the smallest that would do was found."""
    others = (other for other in board.big_enough(at, option) if other != at and board.chosen[other].slot is not None)
    return any(_move_away(board, other, (at, option), gain) for other in islice(others, EVICTIONS))


def _move_away(board: _Board, other: int, comer: tuple[int, Option], gain: int) -> bool:
    held = board.chosen[other]
    board.take(other, held)
    if board.fits(*comer):
        board.put(*comer)
        board.chosen[other] = board.cheapest(other)
        board.take(*comer)
        if board.chosen[other].cost - held.cost >= gain:
            board.chosen[other] = held
    board.put(other, board.chosen[other])
    return board.chosen[other] is not held


def _rearrange(board: _Board) -> None:
    """Places a few tasks at a time anew, one that is regretted among them; the seed makes every plan repeatable."""
    chance = Random(0)
    for number in range(REARRANGEMENTS):
        first = chance.choice(board.regretted() or board.by_amount)
        pool = _alike(board, first) if number % 3 else [at for at in range(len(board.tasks)) if at != first]
        _place_anew(board, [first, *chance.sample(pool, min(AT_A_TIME - 1, len(pool)))])


def _alike(board: _Board, at: int) -> list[int]:
    """Tasks of about the same amount, most often the ones whose place it could have."""
    rank = board.by_amount.index(at)
    near = board.by_amount[max(0, rank - 2 * AT_A_TIME) : rank + 2 * AT_A_TIME + 1]
    return [other for other in near if other != at]


def _place_anew(board: _Board, group: Sequence[int]) -> None:
    for at in group:
        board.take(at, board.chosen[at])
    cost = total(board.chosen[at] for at in group)
    better = sweep([board.tasks[at] for at in group], board.left, below=cost, width=2**AT_A_TIME)
    for at, option in zip(group, better or [board.chosen[at] for at in group], strict=True):
        board.chosen[at] = option
        board.put(at, option)
