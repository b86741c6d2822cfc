"""Ends the processes of a supervisor that was killed before it could: even kill -9 leaves nothing behind."""

import signal
import subprocess
from collections.abc import Iterable
from types import TracebackType
from typing import Self

# The pipe closes with its supervisor, however that one went. Each line replaces the list of pids before it.
SCRIPT = 'while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -"$0" $pids'


class Guard:
    """A tiny process that waits for us to be gone. On leaving it is dismissed and does nothing."""

    def __init__(self, how: signal.Signals) -> None:
        self._how = how

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - a constant script
            ["/bin/sh", "-c", SCRIPT, str(int(self._how))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch(self, pids: Iterable[int]) -> None:
        """From now on it is these that would be ended."""
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(f"{' '.join(map(str, pids))}\n".encode())
            pipe.flush()
        except BrokenPipeError:
            return  # somebody killed the guard: its charges live on without it
