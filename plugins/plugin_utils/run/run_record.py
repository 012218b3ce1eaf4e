# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run record in the cluster: the lease that says who works, and the journal that says what was done.

Every step reads it from the cluster and writes it before and after its work. No fact travels in variables, so a role
works alone, in a fresh pod of a workflow, and after a crash. The lease's holder is the ansible-playbook process: all
actions of one run are children of it and so agree on the name without passing it on.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import STEPS, Journal, run_id
from ansible_collections.ampora.upgrades.plugins.module_utils.run.lease import fencing_token, release, renew, try_acquire
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, ConflictError, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import was_stopped

LEASE_SECONDS = 60
RENEW_SECONDS = 15
MANAGED_BY = "ampora.upgrades"
RUN_LABEL = "upgrades.ampora.io/run"
DEPLOYMENT_LABEL = "upgrades.ampora.io/deployment"
KIND_LABEL = "upgrades.ampora.io/record"
# Going back ends whatever is open: what it goes back from, or a way back that did not work out.
GOING_BACK = ("rollback", "swap_back")


def now() -> datetime:
    return datetime.now(UTC)


def holder() -> str:
    """This ansible-playbook process, as a name that no other process has (pid and its start time)."""
    parent = os.getppid()
    try:
        started = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        started = "0"
    return f"{socket.gethostname()}/{parent}-{started}"


def labels(cluster: Cluster, kind: str, run: str) -> dict[str, str]:
    """The labels of every object that a run makes."""
    return {
        "app.kubernetes.io/managed-by": MANAGED_BY,
        DEPLOYMENT_LABEL: cluster.deployment_name,
        KIND_LABEL: kind,
        RUN_LABEL: run,
    }


class Step:
    """A step that has begun: what it adds to its result is journaled when it ends."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.run = journal.run
        self.result: dict[str, Any] = {}


class RunRecord:
    """The lease and the journals of one deployment."""

    def __init__(self, cluster: Cluster, actor: Mapping[str, Any]) -> None:
        self._cluster = cluster
        self._lease_name = f"upgrade-{cluster.deployment_name}"
        self._holder = holder()
        self._actor = {**actor, "process": self._holder}
        self._token = -1

    # --- reading

    def journals(self) -> list[Journal]:
        """All recorded runs of this deployment, the newest first."""
        selector = {DEPLOYMENT_LABEL: self._cluster.deployment_name, KIND_LABEL: "journal"}
        found = [Journal.from_json(item["data"]["journal.json"]) for item in self._cluster.find_all("ConfigMap", labels=selector)]
        return sorted(found, key=lambda journal: journal.started_at, reverse=True)

    def open_journal(self) -> Journal | None:
        """The run that has not ended, if there is one."""
        return next((journal for journal in self.journals() if journal.ended_at is None), None)

    def find(self, run: str, kinds: tuple[str, ...]) -> Journal:
        """The run by its id, or the latest of these kinds."""
        for journal in self.journals():
            if (run and journal.run == run) or (not run and journal.kind in kinds):
                return journal
        raise UpgradeError(
            f"There is no run {run} of {self._cluster.deployment_name}."
            if run
            else f"No upgrade of {self._cluster.deployment_name} is recorded.",
            next_step="List the runs: kubectl get configmaps -l upgrades.ampora.io/record=journal.",
        )

    def foreign_holder(self) -> str:
        """Who else holds the lease now, in words; empty when nobody does."""
        lease = self._cluster.get("Lease", self._lease_name)
        body, reason = try_acquire(lease, holder=self._holder, run="", now=now(), duration=LEASE_SECONDS)
        return "" if body is not None else reason

    # --- writing

    def open(self, kind: str, plan: Mapping[str, Any]) -> tuple[Journal, bool]:
        """Take the lease and begin a run, or go on with the open one of the same kind; (journal, begun)."""
        found = self.open_journal()
        if found is not None and kind not in {found.kind, *GOING_BACK}:
            raise UpgradeError(
                f"The {found.kind} {found.run} of {self._cluster.deployment_name} has not ended.",
                next_step="Run its own command again to go on with it, or rollback.yml to go back.",
            )
        if found is not None and found.kind == kind and (kind not in GOING_BACK or found.plan.get("of") == plan.get("of")):
            self._acquire(found.run)
            resumed = replace(found, actor=self._actor)
            self._write(resumed, create=False)
            return resumed, False
        journal = Journal.new(
            run=run_id(now(), secrets.token_hex(3)),
            deployment={"namespace": self._cluster.namespace, "name": self._cluster.deployment_name},
            kind=kind,
            started_at=now(),
            actor=self._actor,
            plan=dict(plan),
        )
        self._acquire(journal.run)
        if found is not None:
            self._write(found.close(now(), "held"), create=False)
        self._write(journal, create=True)
        return journal, True

    def close(self, outcome: str) -> Journal | None:
        """End the open run and give the lease back; None when none was open."""
        journal = self.open_journal()
        if journal is not None:
            self._acquire(journal.run)
            journal = journal.close(now(), outcome)
            self._write(journal, create=False)
        self._release()
        return journal

    def hold(self, next_command: str = "") -> None:
        """Give the lease back and leave the run open: the same command goes on with it, `next_command` goes back."""
        journal = self.mine()
        if next_command and journal is not None and journal.ended_at is None:
            self._acquire(journal.run)
            self._write(replace(journal, plan={**journal.plan, "next_command": next_command}), create=False)
        self._release()

    def mine(self) -> Journal | None:
        """The newest run that this ansible-playbook process has begun or gone on with."""
        return next((journal for journal in self.journals() if journal.actor.get("process") == self._holder), None)

    def alone(self) -> list[Journal]:
        """The steps that this ansible-playbook process has run alone, each a run of its own, the newest first."""
        return [journal for journal in self.journals() if journal.actor.get("process") == self._holder and journal.kind in STEPS]

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Journal a step before and after its work, holding and renewing the lease meanwhile.

        Outside of a run the step is a run of its own, which ends with it; one that was killed is gone on with.
        """
        journal = self.open_journal()
        alone = journal is None or journal.kind in STEPS
        if journal is None or alone:
            journal = self.open(name, {})[0]
        else:
            self._acquire(journal.run)
        step = Step(journal.begin(name, now()))
        self._write(step.journal, create=False)
        outcome, leaves = "failed", alone
        try:
            with self._renewing():
                yield step
            step.journal = step.journal.end(name, now(), step.result)
            outcome = "ended"
        except UpgradeError as error:
            step.journal = step.journal.fail(name, now(), str(error), step.result)
            leaves = alone or was_stopped(error)  # then nobody of this run is left to give the lease back
            raise
        except BaseException as error:
            step.journal = step.journal.fail(name, now(), f"{type(error).__name__}: {error}", step.result)
            raise
        finally:
            self._check_fence()
            self._write(step.journal.close(now(), outcome) if alone else step.journal, create=False)
            if leaves:
                self._release()

    def _write(self, journal: Journal, *, create: bool) -> None:
        body: Object = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"upgrade-run-{journal.run}", "labels": labels(self._cluster, "journal", journal.run)},
            "data": {"journal.json": journal.to_json()},
        }
        if create:
            self._cluster.create("ConfigMap", body)
        else:
            self._cluster.replace("ConfigMap", body)

    def _acquire(self, run: str) -> None:
        lease = self._cluster.get("Lease", self._lease_name)
        body, reason = try_acquire(lease, holder=self._holder, run=run, now=now(), duration=LEASE_SECONDS)
        if body is None:
            raise UpgradeError(
                f"Another run works on {self._cluster.deployment_name}: {reason}.",
                next_step="Wait for it to end; a holder that died is taken over when its lease has expired.",
            )
        body.setdefault("metadata", {})["name"] = self._lease_name
        body["metadata"].setdefault("labels", labels(self._cluster, "lease", run))
        try:
            written = self._cluster.create("Lease", body) if lease is None else self._cluster.replace("Lease", body)
        except ConflictError as error:
            raise UpgradeError("Another run took the lease just now.", next_step="Wait for it to end, then run this again.") from error
        self._token = fencing_token(written)

    def _release(self) -> None:
        lease = self._cluster.get("Lease", self._lease_name)
        if lease is not None and lease.get("spec", {}).get("holderIdentity") == self._holder:
            self._cluster.replace("Lease", release(lease, holder=self._holder, now=now()))

    def _check_fence(self) -> None:
        """Stop before writing when the lease has gone to somebody else meanwhile."""
        lease = self._cluster.get("Lease", self._lease_name)
        if lease is None or fencing_token(lease) != self._token or lease.get("spec", {}).get("holderIdentity") != self._holder:
            raise UpgradeError(
                "The lease has gone to another run while this one was at work.", next_step="Look at that run's journal first."
            )

    @contextlib.contextmanager
    def _renewing(self) -> Iterator[None]:
        """Renew the lease from a thread of this action, so that no helper process can outlive the run."""
        stop = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _renew_until(self, stop: threading.Event) -> None:
        while not stop.wait(RENEW_SECONDS):
            # A failed renewal is no failure yet: the lease lasts four of them, and the fence is checked before writing.
            with contextlib.suppress(UpgradeError):
                lease = self._cluster.get("Lease", self._lease_name)
                if lease is not None and lease.get("spec", {}).get("holderIdentity") == self._holder:
                    self._cluster.replace("Lease", renew(lease, holder=self._holder, now=now()))
