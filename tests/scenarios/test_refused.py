# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals and bad input: the exact words, a status that is not 0, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.checks import check_refused
from tests.support.sandbox import Sandbox, without_run_records

# One clean deployment serves all of these: none of them may change it.
pytestmark = pytest.mark.ci


@pytest.fixture(scope="module")
def clean(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def unchanged(clean: Sandbox) -> Iterator[Sandbox]:
    before = clean.state()
    yield clean
    assert clean.state() == before


def test_refused(unchanged: Sandbox) -> None:
    """A skipped MINOR, a MAJOR, a downgrade, a version that nobody released."""
    check_refused(unchanged.upgrade("1.6.0"), "[skipped-minor]", "1.5.1")
    check_refused(unchanged.upgrade("2.0.0"), "[major-not-from-last-minor]", "1.6.0")
    check_refused(unchanged.upgrade("1.4.1"), "[downgrade]", "downgrade.yml")
    check_refused(unchanged.upgrade("1.5.7"), "[unknown-version]", "1.5.7")
    assert unchanged.report()["outcome"] == "refused"
    check_refused(unchanged.play("upgrade", ampora_target_version="1.5.0"), "[word-", "ampora_acks")


def test_target_not_semver(unchanged: Sandbox) -> None:
    check_refused(
        unchanged.play("upgrade", ampora_target_version="1.5.0.1"), "ampora_target_version", "1.5.0.1", "Semantic Versioning 2.0.0"
    )


def test_no_such_tag(unchanged: Sandbox) -> None:
    check_refused(unchanged.play("upgrade", ampora_target_version="1.4.9"), "has no ampora/ampora-web with the tag 1.4.9")


def test_registry_down(unchanged: Sandbox) -> None:
    kustomization = unchanged.overlay / "kustomization.yaml"
    text = kustomization.read_text(encoding="utf-8")
    kustomization.write_text(text.replace(unchanged.env["AMPORA_SANDBOX_REGISTRY"], "127.0.0.1:9"), encoding="utf-8")
    try:
        result = unchanged.play("upgrade", ampora_target_version="1.4.3")
    finally:
        kustomization.write_text(text, encoding="utf-8")
    check_refused(result, "The registry 127.0.0.1:9 does not answer")


def test_no_kubeconfig(unchanged: Sandbox, tmp_path: Path) -> None:
    missing = tmp_path / "kubeconfig"
    result = unchanged.play("upgrade", ampora_target_version="1.4.3", ampora_kubeconfig=str(missing))
    check_refused(result, f"ampora_kubeconfig is {missing}: there is no such file.")


def test_wrong_namespace(unchanged: Sandbox) -> None:
    result = unchanged.play("upgrade", ampora_target_version="1.4.3", ampora_namespace="nowhere")
    check_refused(result, "There is no Deployment ampora-web in the namespace nowhere.", "ampora_namespace")


def test_wrong_database_password(unchanged: Sandbox) -> None:
    wrong = "Host=pg.ampora-db.svc.cluster.local;Database=ampora;Username=ampora;Password=not-this-one;SSL Mode=Require"
    result = unchanged.play("upgrade", ampora_target_version="1.4.3", ampora_database_connection_string=wrong)
    check_refused(result, "cannot be used", 'password authentication failed for user "ampora"')
    assert "not-this-one" not in result.output


def test_prometheus_unreachable(unchanged: Sandbox) -> None:
    result = unchanged.play("upgrade", ampora_target_version="1.4.3", ampora_prometheus_url="http://127.0.0.1:9")
    check_refused(result, "Prometheus at http://127.0.0.1:9 (ampora_prometheus_url) does not answer")


def test_overlay_without_image(unchanged: Sandbox) -> None:
    result = unchanged.play("upgrade", ampora_target_version="1.4.3", ampora_image_name="another-web")
    check_refused(result, "[overlay-without-image]", "another-web (ampora_image_name)")


def test_all_at_once(unchanged: Sandbox) -> None:
    """Several wrong inputs are one refusal with all of them."""
    result = unchanged.play(
        "upgrade",
        ampora_target_version="1.4.3",
        ampora_prometheus_url="http://127.0.0.1:9",
        ampora_snapshot_claim="nowhere",
        ampora_image_name="x",
    )
    check_refused(result, "[prometheus]", "[snapshot-claim-missing]", "[overlay-without-image]")


def test_volume_full(clean: Sandbox) -> None:
    """The dump may not fit, which the plan asks about; that it does not is refused before it is written."""
    before = without_run_records(clean.state())
    small: dict[str, Any] = {"ampora_target_version": "1.4.3", "ampora_snapshot_claim": "ampora-snapshots-small"}
    check_refused(clean.play("upgrade", **small), "[disk-room]", 'ampora_acks: {ack-1.4.3-disk-room: "true"}')
    result = clean.play("upgrade", **small, ampora_acks={"ack-1.4.3-disk-room": "true"})
    check_refused(result, "The snapshot on the claim ampora-snapshots-small failed", "The snapshot needs about", "Nothing was changed")
    assert without_run_records(clean.state()) == before
    assert clean.report()["outcome"] == "held"
