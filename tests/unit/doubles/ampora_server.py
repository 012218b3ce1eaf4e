# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's REST API on loopback: agents and configuration rollouts in pages, behind a token."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, json_answer

TOKEN = "amp-pat.MFRGGZDFMZTWQ2LK.1a2b3c4d"
MOVES = {"pause": ("InProgress", "Paused"), "resume": ("Paused", "InProgress")}


def agents(count: int, version: str = "1.4.0") -> list[dict[str, Any]]:
    return [
        {
            "id": f"id-{number:04}",
            "name": f"collector-{number:04}",
            "version": version,
            "lastSeenUtc": "2026-11-22T21:39:00.1234567Z",
            "connected": True,
        }
        for number in range(count)
    ]


class AmporaServer(LoopbackServer):
    """`rollouts` maps an id to its state; `before` answers a request in the place of the API when it gives something."""

    def __init__(self, count: int = 0, **rollouts: str) -> None:
        super().__init__(self._answer)
        self.agents = agents(count)
        self.rollouts = dict(rollouts)
        self.largest = 500
        self.before: Callable[[Request], Answer | None] = lambda _unused: None

    def moves(self) -> list[str]:
        """The commands that it got: "r1 pause"."""
        return [" ".join(request.path.split("/")[-2:]) for request in self.requests if request.method == "POST"]

    def states(self) -> Iterable[str]:
        return [self.rollouts[name] for name in sorted(self.rollouts)]

    def options(self, **more: Any) -> dict[str, Any]:
        return {"url": self.url, "token": TOKEN, **more}

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return json_answer({"title": "Unauthorized", "status": 401, "detail": "a valid bearer token is needed"}, 401)
        if (answer := self.before(request)) is not None:
            return answer
        if request.method == "POST":
            return self._move(*request.path.split("/")[-2:])
        if request.path == "/api/agents":
            return self._list(request, self.agents)
        if request.path == "/api/rollouts":
            return self._list(request, [{"id": name, "name": f"wave {name}", "state": state} for name, state in self.rollouts.items()])
        return json_answer({"status": 404, "detail": "no such endpoint"}, 404)

    def _list(self, request: Request, items: list[dict[str, Any]]) -> Answer:
        size = min(int(request.query.get("pageSize", 50)), self.largest)
        number = int(request.query.get("page", 1))
        page = items[(number - 1) * size : number * size]
        return json_answer({"items": page, "page": number, "pageSize": size, "total": len(items)})

    def _move(self, name: str, command: str) -> Answer:
        if name not in self.rollouts:
            return json_answer({"status": 404, "detail": "no such rollout"}, 404)
        before, after = MOVES[command]
        if self.rollouts[name] != before:
            return json_answer({"status": 409, "detail": f"the rollout is {self.rollouts[name]}"}, 409)
        self.rollouts[name] = after
        return json_answer({"id": name, "state": after})
