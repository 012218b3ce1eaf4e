# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.lease import (
    RUN_ANNOTATION,
    expires_at,
    fencing_token,
    release,
    renew,
    try_acquire,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)


def acquire(lease: dict[str, Any] | None, holder: str, after: float = 0, run: str = "r1") -> tuple[dict[str, Any] | None, str]:
    return try_acquire(lease, holder=holder, run=run, now=NOW + timedelta(seconds=after), duration=60)


def held_by(holder: str) -> dict[str, Any]:
    lease, unused = acquire(None, holder)
    assert lease is not None
    lease["metadata"] |= {"name": "upgrade-ampora-web", "resourceVersion": "41"}
    return lease


def test_the_first_lease() -> None:
    assert acquire(None, "a") == (
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"annotations": {RUN_ANNOTATION: "r1"}},
            "spec": {
                "holderIdentity": "a",
                "leaseDurationSeconds": 60,
                "acquireTime": "2026-11-22T21:40:00.000000Z",
                "renewTime": "2026-11-22T21:40:00.000000Z",
                "leaseTransitions": 0,
            },
        },
        "",
    )


@pytest.mark.parametrize(("after", "taken"), [(0, False), (59.999999, False), (60, True), (3600, True)])
def test_another_takes_over_only_when_the_term_is_over(after: float, taken: bool) -> None:
    lease, reason = acquire(held_by("a"), "b", after)
    assert (lease is not None) is taken
    if lease is None:
        assert reason == "a (run r1) holds the lease until 2026-11-22T21:41:00Z"
    else:
        assert (lease["spec"]["holderIdentity"], fencing_token(lease), reason) == ("b", 1, "")
        assert lease["metadata"]["resourceVersion"] == "41"


@pytest.mark.parametrize("after", [0, 30, 3600])
def test_the_same_holder_goes_on_without_a_transition(after: float) -> None:
    lease, unused = acquire(held_by("a"), "a", after, run="r2")
    assert lease is not None
    assert fencing_token(lease) == 0
    assert lease["spec"]["acquireTime"] == "2026-11-22T21:40:00.000000Z"
    assert lease["metadata"]["annotations"] == {RUN_ANNOTATION: "r2"}
    assert expires_at(lease) == NOW + timedelta(seconds=after + 60)


def test_a_released_lease_is_free_at_once_and_its_token_is_not_used_again() -> None:
    released = release(held_by("a"), holder="a", now=NOW)
    assert (released["spec"]["holderIdentity"], fencing_token(released), released["metadata"]["resourceVersion"]) == ("", 0, "41")
    for holder in ("a", "b"):
        lease, unused = acquire(released, holder)
        assert lease is not None
        assert fencing_token(lease) == 1


@pytest.mark.parametrize("broken", [{"renewTime": None}, {"renewTime": "soon"}, {"leaseDurationSeconds": None}])
def test_a_lease_that_names_no_end_is_not_taken(broken: dict[str, Any]) -> None:
    lease = held_by("a")
    lease["spec"] |= broken
    assert acquire(lease, "b", 10**6) == (None, "a holds the lease, which does not say until when; delete the Lease if nobody works here")


def test_renewing_moves_the_end_and_nothing_else() -> None:
    before = held_by("a")
    after = renew(before, holder="a", now=NOW + timedelta(seconds=20))
    assert expires_at(after) == NOW + timedelta(seconds=80)
    assert after | {"spec": after["spec"] | {"renewTime": before["spec"]["renewTime"]}} == before


@pytest.mark.parametrize("lease", [held_by("b"), {"spec": {"holderIdentity": ""}}, {}])
def test_a_lost_lease_is_neither_renewed_nor_released(lease: dict[str, Any]) -> None:
    for act in (renew, release):
        with pytest.raises(UpgradeError, match="The lease of a is lost: (b|nobody) holds it."):
            act(lease, holder="a", now=NOW)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 90), st.booleans())))
def test_there_is_one_holder_and_its_token_never_comes_again(moves: list[tuple[str, int, bool]]) -> None:
    lease: dict[str, Any] | None = None
    clock, end, holder = 0, 0, ""
    tokens: list[tuple[int, str]] = []
    for name, pause, gives_back in moves:
        clock += pause
        before = copy.deepcopy(lease)
        taken, reason = acquire(lease, name, clock)
        assert lease == before, "the object that was read must stay as it is"
        assert (taken is not None) is (holder in ("", name) or clock >= end)
        assert (reason == "") is (taken is not None)
        if taken is None:
            continue
        if holder != name or not tokens:
            tokens.append((fencing_token(taken), name))
        assert tokens[-1] == (fencing_token(taken), name)
        lease, holder, end = taken, name, clock + 60
        if gives_back:
            lease, holder = release(taken, holder=name, now=NOW + timedelta(seconds=clock)), ""
    assert [token for token, unused in tokens] == list(range(len(tokens)))
