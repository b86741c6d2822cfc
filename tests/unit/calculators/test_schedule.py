"""Placing amounts on days at least cost, held against trying everything."""

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.schedule import EXACT_UP_TO, SEARCHED_UP_TO, place
from calculators.subsets import sweep
from calculators.tasks import Option, Task


def cost(chosen: list[Option]) -> int:
    return sum(option.cost for option in chosen)


def is_kept(tasks: list[Task], chosen: tuple[Option, ...], room: list[int]) -> bool:
    paid = [
        sum(
            task.amount
            for task, option in zip(tasks, chosen, strict=True)
            if option.slot is not None and option.slot <= slot
        )
        for slot in range(len(room))
    ]
    return all(spent <= limit for spent, limit in zip(paid, room, strict=True))


def brute_force(tasks: list[Task], room: list[int]) -> int:
    everything = product(*(task.options for task in tasks))
    return min(cost(list(chosen)) for chosen in everything if is_kept(tasks, chosen, room))


@st.composite
def cases(draw: st.DrawFn, most: int = 6) -> tuple[list[Task], list[int]]:
    slots = draw(st.integers(1, 4))
    steps = draw(st.lists(st.integers(0, 120), min_size=slots, max_size=slots))
    room = [sum(steps[: slot + 1]) for slot in range(slots)]
    tasks = []
    for _ in range(draw(st.integers(1, most))):
        amount, weight = draw(st.integers(1, 100)), draw(st.integers(1, 3))
        first = draw(st.integers(0, slots - 1))
        options = [Option(slot, amount * weight * (slot - first)) for slot in range(first, slots)]
        tasks.append(Task(amount, (*options, Option(None, amount * weight * 10))))
    return tasks, room


@settings(max_examples=1000, deadline=None)
@given(cases())
def test_small_cases_cost_no_more_than_the_best_of_all(case: tuple[list[Task], list[int]]) -> None:
    tasks, room = case
    placed = place(tasks, room)
    assert is_kept(tasks, tuple(placed), room)
    assert cost(placed) == brute_force(tasks, room)


def random_case(seed: int, count: int, slots: int) -> tuple[list[Task], list[int]]:
    """Amounts of very different sizes, and room for three quarters of them in the end."""
    rng = Random(seed)
    tasks = []
    for _ in range(count):
        amount, weight, first = int(10 ** rng.uniform(1, 4)), rng.randint(1, 3), rng.randrange(slots)
        options = [Option(slot, amount * weight * (slot - first)) for slot in range(first, slots)]
        tasks.append(Task(amount, (*options, Option(None, amount * weight * 20))))
    everything = sum(task.amount for task in tasks)
    return tasks, sorted(int(everything * 0.75 * rng.random()) for _ in range(slots))


@pytest.mark.parametrize("seed", range(4))
def test_eight_tasks_on_four_days_cost_as_much_as_the_best_of_all(seed: int) -> None:
    tasks, room = random_case(seed, 8, 4)
    assert cost(place(tasks, room)) == brute_force(tasks, room)


@pytest.mark.parametrize("seed", range(3))
def test_more_tasks_than_are_searched_in_full_stay_within_one_percent_of_the_best(seed: int) -> None:
    tasks, room = random_case(seed, EXACT_UP_TO + 1, 6)
    placed = place(tasks, room)
    assert is_kept(tasks, tuple(placed), room)
    better = sweep(tasks, room, below=cost(placed), width=2 ** len(tasks))
    assert better is None or cost(placed) <= cost(better) * 1.01


@pytest.mark.parametrize("count", [3, 40])
def test_the_same_tasks_are_always_placed_the_same_way(count: int) -> None:
    tasks, room = random_case(1, count, 8)
    assert place(tasks, room) == place(tasks, room)


def test_with_room_for_all_each_gets_its_cheapest_day() -> None:
    tasks = [Task(10, (Option(1, 0), Option(2, 5), Option(None, 99)))] * 3
    assert place(tasks, [0, 30, 30]) == [Option(1, 0)] * 3


def test_a_task_that_fits_nowhere_is_refused_and_does_not_stop_the_others() -> None:
    tasks = [Task(50, (Option(0, 0), Option(None, 9))), Task(10, (Option(0, 0), Option(None, 1)))]
    assert place(tasks, [20]) == [Option(None, 9), Option(0, 0)]


@pytest.mark.parametrize("count", [60, SEARCHED_UP_TO + 50])
def test_many_tasks_are_placed_within_the_room(count: int) -> None:
    tasks = [
        Task(7 + n % 13, (Option(n % 5, 0), Option(n % 5 + 1, 7 + n % 13), Option(None, 900 + n))) for n in range(count)
    ]
    room = [50, 120, 200, 260, 330, 400]
    placed = place(tasks, room)
    assert is_kept(tasks, tuple(placed), room)


def test_nothing_to_place_is_nothing_placed() -> None:
    assert place([], []) == []
