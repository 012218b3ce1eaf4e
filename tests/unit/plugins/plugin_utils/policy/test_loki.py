# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki's answers in the form of its HTTP API documentation (query_range, resultType streams), given by a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import loki

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, closed_port, json_answer

NOW = 1_795_528_800.0
WARNING = '{"level": "Warning", "category": "Ampora.X", "message": "{Key} is deprecated", "Key": "A:B"}'


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


def options(server: LoopbackServer, **given: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("username", "password", "token", "tenant", "ca_file"), "")
    return {"url": server.url, "selector": '{namespace="ampora"}', "timeout": 5, **empty, **given}


def streams(*entries: Sequence[tuple[int, str]]) -> Answer:
    result = [{"stream": {"pod": "a"}, "values": [[str(time), text] for time, text in values]} for values in entries]
    return json_answer({"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}}})


def counted(server: LoopbackServer, **given: Any) -> dict[str, int]:
    return {name: use.count for name, use in loki.read(options(server, **given), 3600, NOW).tally.uses.items()}


def test_what_is_asked(server: LoopbackServer) -> None:
    server.answer = lambda _unused: streams([(1, WARNING), (2, "no json")], [(1, WARNING.replace("A:B", "C:D"))])
    assert counted(server, tenant="acme", token="secret") == {"A:B": 1, "C:D": 1}
    (request,) = server.requests
    assert request.path == "/loki/api/v1/query_range"
    assert request.query == {
        "query": '{namespace="ampora"} |~ "(?i)deprecated"',
        "start": "1795525200000000000",
        "end": "1795528800000000000",
        "limit": "1000",
        "direction": "forward",
    }
    assert (request.headers["Authorization"], request.headers["X-Scope-Orgid"]) == ("Bearer secret", "acme")


def test_nothing_found(server: LoopbackServer) -> None:
    server.answer = lambda _unused: streams()
    assert counted(server) == {}


def test_pages_meet_without_a_gap_and_without_twins(server: LoopbackServer) -> None:
    base = int((NOW - 3600) * loki.SECOND)
    shifted = [(base + 1000 + number // 3, WARNING.replace("A:B", f"A:B{number % 7}") + " " * number) for number in range(2500)]
    server.answer = lambda request: streams([entry for entry in shifted if entry[0] >= int(request.query["start"])][: loki.PAGE])
    assert sum(counted(server).values()) == 2500
    assert len(server.requests) == 3


def test_more_entries_of_one_moment_than_a_page_holds(server: LoopbackServer) -> None:
    base = int((NOW - 3600) * loki.SECOND)
    same = [(base + 5, WARNING + " " * number) for number in range(1500)]
    later = [(base + 9, WARNING.replace("A:B", "C:D"))]
    server.answer = lambda request: streams([entry for entry in [*same, *later] if entry[0] >= int(request.query["start"])][: loki.PAGE])
    assert counted(server) == {"A:B": 1000, "C:D": 1}


def test_a_line_without_a_time_has_that_of_its_entry(server: LoopbackServer) -> None:
    server.answer = lambda _unused: streams([(90 * loki.SECOND, WARNING)])
    assert loki.read(options(server), 3600, NOW).tally.uses["A:B"].last == 90.0


def test_half_a_character(server: LoopbackServer) -> None:
    server.answer = lambda _unused: streams([(1, WARNING + " \ud800")])
    assert counted(server) == {}


def test_pages_without_end(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loki, "MOST_PAGES", 5)

    def answer(request: Request) -> Answer:
        start = int(request.query["start"])
        return streams([(start + number, "x") for number in range(loki.PAGE)])

    server.answer = answer
    with pytest.raises(UpgradeError, match=r"has more than 5000 warnings in ampora_log_window\. Next: Set a shorter ampora_log_window"):
        counted(server)
    assert len(server.requests) == loki.MOST_PAGES


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(400, b"parse error at line 1, col 3: syntax error"), 'answers 400 to .*: "parse error at line 1, col 3: syntax error"'),
        (Answer(401, b"no org id"), 'answers 401 to .*: "no org id"'),
        (Answer(200, b"<html>"), "answers with something that is not its API"),
        (json_answer({"data": {"resultType": "matrix", "result": []}}), "answers with something that is not its API"),
        (json_answer({"data": {"resultType": "streams", "result": [{"values": [["x"]]}]}}), "answers with something that is not its API"),
        (json_answer({"data": {"resultType": "streams", "result": [{"values": [[float("inf"), "x"]]}]}}), "is not its API"),
        (Answer(200, b"[" * 200_000), "answers with something that is not its API"),
        (json_answer([]), "answers with something that is not its API"),
    ],
)
def test_refusals_and_nonsense(server: LoopbackServer, answer: Answer, words: str) -> None:
    server.answer = lambda _unused: answer
    with pytest.raises(UpgradeError, match=words) as error:
        counted(server, username="ada", password="not-shown")
    assert "not-shown" not in str(error.value)
    assert error.value.next_step.startswith("Check ampora_loki_url")


def test_nobody_there(server: LoopbackServer) -> None:
    with pytest.raises(UpgradeError, match=r"^Loki at http://127\.0\.0\.1:\d+ \(ampora_loki_url\) does not answer"):
        counted(server, url=f"http://ada:not-shown@{closed_port()}")


@pytest.mark.parametrize("selector", ["", "namespace=ampora"])
def test_no_selector(server: LoopbackServer, selector: str) -> None:
    with pytest.raises(UpgradeError, match=r"^ampora_loki_selector is .*, which is no label selector of Loki\."):
        counted(server, selector=selector)
    assert server.requests == []
