# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened: the record of one run, written to the cluster before and after every step.

A record never changes: each call gives a new one. The journal says what a run meant to do and did; what is true now
is asked of the cluster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, cast

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import text as time_text

FORMAT = 1
STEPS = (
    "lock",
    "preflight",
    "configuration_rollouts",
    "snapshot",
    "reference",
    "pin_by_digest",
    "migrate",
    "apply",
    "watch",
    "spot_check",
    "soak",
    "accept",
    "undo",
    "restore",
    "swap",
    "release",
)
# "ended" is for a step that ran alone: there is nothing more to say of it.
OUTCOMES = ("upgraded", "unchanged", "planned", "refused", "rolled back", "swapped back", "held", "failed", "ended")
# A ConfigMap holds 1 MiB in all; a result that is larger than this belongs into a file.
MAXIMUM_RESULT = 64 * 1024
MAXIMUM_JOURNAL = 1000 * 1000
MAXIMUM_MESSAGE = 4096

StepState = Literal["begun", "ended", "failed"]


@dataclass(frozen=True)
class StepRecord:
    """One attempt at a step."""

    name: str
    state: StepState
    began_at: datetime
    ended_at: datetime | None = None
    result: dict[str, Any] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True)
class Journal:
    """One run for one deployment."""

    run: str
    deployment: dict[str, str]  # namespace, name
    kind: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    actor: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    steps: tuple[StepRecord, ...] = ()
    format: int = FORMAT

    @classmethod
    def new(
        cls, *, run: str, deployment: Mapping[str, str], kind: str, started_at: datetime, actor: Mapping[str, Any], plan: Mapping[str, Any]
    ) -> Journal:
        """A run that begins."""
        actor, plan = _plain(actor, "the actor"), _plain(plan, "the plan", MAXIMUM_JOURNAL)
        return cls(run, dict(deployment), kind, started_at, actor=actor, plan=plan)

    def begin(self, name: str, now: datetime) -> Journal:
        """A step begins; an earlier attempt at it stays in the record, ended or not."""
        if name not in STEPS:
            raise UpgradeError(f"{name} is not a step; the steps are {', '.join(STEPS)}.")
        self._check_open()
        return replace(self, steps=(*self.steps, StepRecord(name, "begun", now)))

    def end(self, name: str, now: datetime, result: Mapping[str, Any]) -> Journal:
        """The step that began last has ended well; its result is plain JSON, small, and without a secret."""
        return self._finish(name, state="ended", ended_at=now, result=_plain(result, f"the result of the step {name}", MAXIMUM_RESULT))

    def fail(self, name: str, now: datetime, message: str, result: Mapping[str, Any] | None = None) -> Journal:
        """The step that began last has failed; `result` is what it had found until then, left out where it cannot be kept."""
        try:
            kept = _plain(result or {}, f"the result of the step {name}")
        except UpgradeError:
            kept = {}
        return self._finish(name, state="failed", ended_at=now, message=message[:MAXIMUM_MESSAGE], result=kept)

    def close(self, now: datetime, outcome: str) -> Journal:
        """The run has ended."""
        if outcome not in OUTCOMES:
            raise UpgradeError(f"{outcome} is not an outcome; the outcomes are {', '.join(OUTCOMES)}.")
        self._check_open()
        return replace(self, ended_at=now, outcome=outcome)

    def step(self, name: str) -> StepRecord | None:
        """The latest attempt at a step."""
        return next((record for record in reversed(self.steps) if record.name == name), None)

    def to_json(self) -> str:
        """The same text for the same journal."""
        text = json.dumps(asdict(self), default=time_text, sort_keys=True, ensure_ascii=False)
        if (size := len(text.encode())) > MAXIMUM_JOURNAL:
            raise UpgradeError(
                f"The journal of the run {self.run} has {size} bytes and a ConfigMap holds {MAXIMUM_JOURNAL}.",
                next_step="End this run with rollback.yml or verify.yml and begin a new one.",
            )
        return text

    @classmethod
    def from_json(cls, text: str) -> Journal:
        """Read a journal; anything but a whole one of this format is refused."""
        try:
            read = Fields(json.loads(text), "The run's journal")
        except (ValueError, RecursionError) as error:
            raise UpgradeError("The run's journal cannot be used: it is not JSON.", next_step=_NEXT) from error
        if (found := read.scalar("format", int)) != FORMAT:
            read.wrong(f"its format is {found} and this collection reads format {FORMAT}")
        journal = cls(
            run=read_run_id(read, "run"),
            deployment=read.mapping_of("deployment", str),
            kind=read.scalar("kind", str),
            started_at=read.moment("started_at"),
            ended_at=read.optional_moment("ended_at"),
            outcome=None,
            actor=read.mapping("actor"),
            plan=read.mapping("plan"),
            steps=tuple(_step(item, index) for index, item in enumerate(read.items("steps"), 1)),
        )
        if journal.ended_at is not None:
            journal = replace(journal, outcome=read.choice("outcome", OUTCOMES))
        read.finish(_NEXT)
        return journal

    def _check_open(self) -> None:
        if self.ended_at is not None:
            raise UpgradeError(f"The run {self.run} has ended: {self.outcome}.", next_step="Begin a new run.")

    def _finish(self, name: str, **changes: Any) -> Journal:
        record = self.step(name)
        if record is None or record.state != "begun":
            raise UpgradeError(f"The step {name} of the run {self.run} has not begun, so it cannot end.")
        return replace(self, steps=tuple(replace(item, **changes) if item is record else item for item in self.steps))


_NEXT = "Look at the ConfigMap that holds it; a newer release of the collection may have written it."


RUN_ID = re.compile(r"[0-9]{8}t[0-9]{4}z-[a-z0-9]{1,16}")


def read_run_id(read: Fields, name: str) -> str:
    """A field that names a run, and with it a folder and objects: no other text gets so far as to be joined to a path."""
    found = read.scalar(name, str)
    if not RUN_ID.fullmatch(found):
        read.wrong(f"{name} is {quote(found)} and no name of a run, such as 20261122t2140z-ab12cd")
    return found


def run_id(now: datetime, token: str) -> str:
    """A name for a run that sorts by time and fits into a DNS label: 20261122t2140z-ab12cd."""
    if not re.fullmatch(r"[a-z0-9]{1,16}", token):
        raise ValueError("a run's token consists of 1 to 16 small letters and digits")
    return f"{now.astimezone(UTC):%Y%m%dt%H%Mz}-{token}"


def _step(value: object, number: int) -> StepRecord:
    read = Fields(value, f"Step {number} of the run's journal")
    record = StepRecord(
        name=read.choice("name", STEPS),
        state=cast(StepState, read.choice("state", ("begun", "ended", "failed"))),
        began_at=read.moment("began_at"),
        ended_at=read.optional_moment("ended_at"),
        result=read.mapping("result"),
        message=read.scalar("message", str),
    )
    read.finish(_NEXT)
    return record


def _plain(value: Mapping[str, Any], what: str, limit: int = MAXIMUM_RESULT) -> dict[str, Any]:
    """A copy as JSON gives it back, so that a journal read again is equal to the one written."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UpgradeError(f"The journal takes plain JSON only, and {what} is not: {error}.") from error
    if len(text) > limit:
        raise UpgradeError(f"The journal takes {limit} bytes at most for {what}, and it has {len(text)}.")
    return cast("dict[str, Any]", json.loads(text))
