# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of every kind, as large as they get, made from journals as a run writes them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run.history import history
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report_html import render, render_history

START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
PLACE = {"namespace": "ampora", "name": "ampora-web"}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # one pixel
)
HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }} \u202e https://evil.example/" + "long" * 50


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def findings(count: int, severity: str, text: str = "The key is removed in 1.5.0 and this deployment sets it.") -> list[dict[str, Any]]:
    return [
        {
            "id": f"rule-{number}",
            "severity": severity,
            "text": text,
            "version": "1.5.0",
            "evidence": [f"1.5.0.md:{line} {text}" for line in range(number % 9)],
            "acknowledged": severity == "ack" and number % 2 == 0,
            "ack_key": f"ack-1.5.0-rule-{number}",
            "overridden": {"rule": f"rule-{number}", "reason": "incident 4711", "until": "2026-12-01"} if number % 7 == 6 else None,
        }
        for number in range(count)
    ]


def plan(found: list[dict[str, Any]], agents: int = 0) -> dict[str, Any]:
    outside = [{"id": f"id-{number}", "name": f"collector-{number:04}", "version": "1.1.0"} for number in range(agents)]
    return {
        "current": {"version": "1.4.2", "digest": f"sha256:{'a' * 64}"},
        "target": {"version": "1.5.0", "digest": f"sha256:{'b' * 64}"},
        "change": "minor",
        "decision": "go",
        "findings": found,
        "answers": {"by": {"user": "ada"}, "acks": {"ack-1.5.0-rule-0": "true"}, "overrides": []},
        "notes": [
            {"version": "1.5.0", "source": "https://doc.example/1.5.0", "adrs": [{"adr": "ADR-16", "version": "1.5.0", "text": "x"}]}
        ],
        "hops": [{"agents": {"count": 200 + agents, "outside": outside}}],
    }


def signal(name: str, verdict: str, values: list[float | None]) -> dict[str, Any]:
    begin = START.timestamp()
    return {
        "name": name,
        "verdict": verdict,
        "text": "ends at 200, 200 before",
        "kind": "recovery",
        "promql": 'sum(ampora_opamp_active_sessions{job="ampora-web"})',
        "reference": 200.0,
        "low": 190.0,
        "high": 250.0,
        "earlier_low": 180.0,
        "reference_samples": [[begin + 15 * number, 200.0] for number in range(20)],
        "rollout_samples": [[begin + 300 + 15 * number, 120.0 + 4 * number] for number in range(5)],
        "samples": [[begin + 400 + 15 * number, value] for number, value in enumerate(values)],
        "earlier_samples": [[begin + 400 - 86400 + 15 * number, 195.0] for number in range(20)],
    }


def spot(text: str = "") -> dict[str, Any]:
    pages = [
        {"name": name, "path": f"/{name}", "status": 200, "version": "1.5.0", "errors": [text] if text else []}
        for name in ("Fleet", "Home")
    ]
    return {
        "mode": "both",
        "version": "1.5.0",
        "left_out": [],
        "pages": pages,
        "pods": {
            "way": "pod address",
            "text": "3 of 3 pods, each by its pod address",
            "each": [{"pod": "web-1", "status": 200, "version": "1.5.0"}],
        },
        "api": [{"pod": "", "path": "/api/agents", "count": 200}, {"pod": "web-1", "path": "/api/agents", "error": text or "none"}],
        "settings_page": {
            "page": "/settings",
            "readable": True,
            "banners": [{"text": "OpAmp:LegacyHeartbeat", "logged": 3}],
            "only_in_logs": {"x": 1},
        },
        "problems": [text] if text else [],
    }


def steps(text: str) -> list[tuple[str, float, dict[str, Any]]]:
    """(step, seconds, result) of a whole run."""
    values: list[float | None] = [200.0, 201.0, None, 199.0, 200.0]
    signals = [signal(text or "sessions", "pass", values), signal("up", "no_traffic", [None])]
    proof = {"agrees": True, "version": "1.5.0", "digest": "sha256:b", "pods": {"web-1": "i"}, "footer": "1.5.0", "notes": "1.5.0"}
    schema = {"state": "migrated", "added": [text or "20260601_X"]}
    snapshot = {"id": "s1", "size": 5_200_000, "proof": "decoded", "location": {"claim": "c"}, "migrations": ["a", "b"], "odd": text}
    return [
        ("configuration_rollouts", 1, {"paused": {"r1": text or "policy"}}),
        ("snapshot", 60, snapshot),
        ("pin_by_digest", 1, {"digest": f"sha256:{'b' * 64}", "version": "1.5.0"}),
        ("apply", 90, {"seconds": 80, "schema": schema, "pods": {"web-1": "i", "web-2": "i"}}),
        ("watch", 300, {"verdict": "pass", "signals": signals}),
        ("spot_check", 9, spot(text)),
        ("accept", 1, {"proof": proof}),
    ]


def upgrade(text: str = "", outcome: str = "upgraded") -> Journal:
    """A whole run; with a text, that text in every place that the cluster or the notes reach."""
    found = Journal.new(
        run="20261122t2140z-ab12cd",
        deployment=PLACE,
        kind="upgrade",
        started_at=START,
        actor={"user": text or "ada", "host": "awx-1"},
        plan=plan(findings(12, "ack", text or "The release notes use the word policy."), agents=300 if text else 30),
    )
    now = 0.0
    for name, seconds, result in steps(text):
        found = found.begin(name, at(now)).end(name, at(now + seconds), result)
        now += seconds
    if outcome == "held":
        lost = {"kept_database": "old", "lost_rows": {"t": 3}}
        found = found.begin("restore", at(now)).fail("restore", at(now + 1), text or "no space left", lost)
    return found.close(at(now + 2), outcome)


def refused(count: int) -> Journal:
    found = Journal.new(
        run="20261122t2200z-ffffff",
        deployment=PLACE,
        kind="upgrade",
        started_at=START,
        actor={"user": "ada"},
        plan={**plan([*findings(count, "block"), *findings(count, "ack"), *findings(count, "info")]), "decision": "blocked"},
    )
    return found.close(START, "refused")


def pages() -> dict[str, str]:
    """A page of each kind, by name."""
    shots = {"1-dashboard": PNG, "settings": PNG}
    journals = {
        "upgraded": upgrade(),
        "held": upgrade(outcome="held"),
        "hostile": upgrade(HOSTILE, "held"),
        "refused": refused(60),
        "empty": Journal.new(run="r", deployment={}, kind="upgrade", started_at=START, actor={}, plan={}),
    }
    found = {
        name: render(build(journal, now=at(999)), shots if name in ("upgraded", "hostile") else {}) for name, journal in journals.items()
    }
    rows = history([*journals.values()], now=at(999), has_report={"20261122t2140z-ab12cd"}.__contains__)
    return {**found, "history": render_history("Runs of ampora-web", rows, len(rows)), "no history": render_history("Runs", [], 0)}
