# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenarios check in common; each function asserts."""

from __future__ import annotations

import time

import yaml

from tests.support.playbook import Result
from tests.support.sandbox import Sandbox
from tests.support.secrets_scan import Needles, secrets_of

AGENTS = 200
RECONNECT_SECONDS = 60
COMMENTS = ("# Acme's production. Owner: the platform team (room 2.14, #ampora-ops).", "# Changed by the upgrade and by nobody else.")


def check_green(result: Result) -> None:
    assert result.status == 0, result.output
    assert result.recap["failed"] == 0, result.output
    assert "[WARNING]: Task result" not in result.output, result.output  # ansible-core would take a value of ours for its own


def check_runs(sandbox: Sandbox, version: str) -> None:
    """Deployment, pods and overlay agree on the version's digest; the overlay keeps its comments and has no tag beside the digest."""
    digest = sandbox.digest(version)
    assert sandbox.image().endswith(f"@{digest}")
    assert sandbox.pod_images() == {digest}
    text = sandbox.kustomization()
    entry = yaml.safe_load(text)["images"][0]
    assert entry["digest"] == digest
    assert "newTag" not in entry
    assert all(comment in text for comment in COMMENTS)


def check_sessions(sandbox: Sandbox) -> None:
    """Every agent is back; those that met no server wait longer between tries, so the last may come late."""
    deadline = time.monotonic() + RECONNECT_SECONDS
    while (connected := sandbox.agents()["connected"]) != AGENTS and time.monotonic() < deadline:
        time.sleep(0.5)
    assert connected == AGENTS


def check_report(sandbox: Sandbox, outcome: str) -> None:
    """The report says how it ended, in all of its forms, and holds no secret."""
    report = sandbox.report()
    assert report["outcome"] == outcome, report
    latest = sandbox.reports / "latest"
    html = (latest / "report.html").read_text(encoding="utf-8")
    assert report["run"] in html
    check_no_secret((latest / "report.json").read_text(encoding="utf-8") + html, sandbox)


def check_no_secret(text: str, sandbox: Sandbox) -> None:
    assert Needles(secrets_of(sandbox)).within(text.encode()) == set()


def check_refused(result: Result, *words: str) -> None:
    """Not green, and every word of the message is there."""
    assert result.status != 0, result.output
    for word in words:
        assert word in result.flat, f"{word!r} is missing in:\n{result.output}"
