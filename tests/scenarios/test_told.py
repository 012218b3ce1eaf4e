# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade of which people are told, and whose version soaks before it is accepted."""

from __future__ import annotations

from datetime import datetime

from tests.scenarios.checks import check_green, check_report
from tests.support.sandbox import Sandbox
from tests.unit.doubles.http_server import Answer, LoopbackServer

SECRET = "correct-horse-battery"
SOAK = 25


def test_told_and_soaked(sandbox: Sandbox) -> None:
    with LoopbackServer(lambda _request: Answer()) as receiver, LoopbackServer(lambda _request: Answer(500)) as refusing:
        addresses = [f"json://ops:{SECRET}@{host}/{SECRET}" for host in (receiver.host, refusing.host)]
        result = sandbox.upgrade("1.4.3", "-vvv", ampora_acks={}, ampora_soak=SOAK, ampora_notify=addresses)
    check_green(result)
    check_report(sandbox, "upgraded")
    titles = [(request.json["type"], request.json["title"]) for request in receiver.requests]
    assert titles == [
        ("info", "upgrade of ampora/ampora-web 1.4.2 -> 1.4.3: begins"),
        ("success", "upgrade of ampora/ampora-web 1.4.2 -> 1.4.3: verdict pass"),
        ("success", "upgrade of ampora/ampora-web 1.4.2 -> 1.4.3: accepted"),
    ]
    assert "not told: address 2 of ampora_notify (JSON) did not take the message" in result.output
    shown = [line for line in result.output.splitlines() if SECRET in line]
    assert shown == []
    latest = sandbox.reports / "latest"
    assert all(SECRET not in (latest / name).read_text(encoding="utf-8") for name in ("report.json", "report.html", "plan.json"))
    assert SECRET not in str(sandbox.runs())
    (soak,) = [step for step in sandbox.report()["steps"] if step["name"] == "soak"]
    assert soak["state"] == "ended"
    assert soak["seconds"] >= SOAK
    assert (datetime.fromisoformat(soak["result"]["end"]) - datetime.fromisoformat(soak["result"]["start"])).total_seconds() == SOAK
    assert "soaking, " in result.output
