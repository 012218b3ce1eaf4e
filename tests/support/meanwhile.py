# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something that happens while a playbook runs, as soon as the run has come to a step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from tests.support.sandbox import Sandbox

POLL = 0.3


class Meanwhile:
    """Calls `act` once the newest run has a step in a state; an error in it is raised when the block ends."""

    def __init__(self, sandbox: Sandbox, step: str, state: str, act: Callable[[], None]) -> None:
        self._sandbox, self._step, self._state, self._act = sandbox, step, state, act
        self._known = {run["run"] for run in sandbox.runs()}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None
        self.happened = False

    def __enter__(self) -> Meanwhile:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._over.wait(POLL):
                if self._reached():
                    self._act()
                    self.happened = True
                    return
        except Exception as error:  # kept for the thread that waits
            self._error = error

    def _reached(self) -> bool:
        steps = [step for run in self._sandbox.runs() if run["run"] not in self._known for step in run["steps"]]
        return any(step["name"] == self._step and step["state"] == self._state for step in steps)


class AtMoment(Meanwhile):
    """Calls `act` once `moment` is true; the block fails when that never came."""

    def __init__(self, sandbox: Sandbox, moment: Callable[[], bool], act: Callable[[], None]) -> None:
        super().__init__(sandbox, "", "", act)
        self._moment = moment

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        super().__exit__(kind, error, trace)
        assert kind is not None or self.happened, "the moment never came"

    def _reached(self) -> bool:
        return self._moment()
