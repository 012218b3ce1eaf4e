# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import API
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.agents import Agent
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import Rollout
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import agents_api
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi

from tests.unit.doubles.ampora_server import TOKEN, AmporaServer, agents
from tests.unit.doubles.clock import START, Clock
from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, closed_port, json_answer


@pytest.fixture
def server() -> Iterator[AmporaServer]:
    found = AmporaServer()
    with found:
        yield found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(agents_api, "time", found)
    return found


def options(**given: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator({"api": API}).validate({"api": given})
    assert checked.error_messages == []
    return dict(checked.validated_parameters["api"])


def api(server: LoopbackServer, **more: Any) -> AmporaApi:
    return AmporaApi(options(**{"url": server.url, "token": TOKEN, **more}))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(UpgradeError) as error:
        call()
    assert TOKEN not in f"{error.value} {error.value.evidence} {error.value.__cause__}"
    return str(error.value)


def answer_all(server: AmporaServer, *answers: Answer) -> None:
    """These answers in turn, the last one again and again."""
    left = list(answers)
    server.before = lambda _unused: left.pop(0) if len(left) > 1 else left[0]


# --- what it reads


def test_agents(server: AmporaServer) -> None:
    server.agents = [*agents(1), {"id": 7, "lastSeenUtc": None}]
    seen = datetime(2026, 11, 22, 21, 39, 0, 123456, UTC)
    assert api(server, url=f"{server.url}/").agents() == [Agent("id-0000", "collector-0000", "1.4.0", seen, True), Agent("7")]
    assert server.paths() == ["GET /api/agents"]
    assert server.requests[0].query == {"page": "1", "pageSize": "200"}


def test_rollouts(server: AmporaServer) -> None:
    server.rollouts = {"r1": "InProgress", "r2": "Paused"}
    assert api(server).rollouts() == [Rollout("r1", "wave r1", "InProgress"), Rollout("r2", "wave r2", "Paused")]


def test_other_names_and_paths(server: AmporaServer) -> None:
    item = {"uid": "a", "about": {"label": "x", "service": {"version": 1.5}}, "status": "Online", "seen": 1763847540}
    server.before = lambda request: json_answer({"data": [item], "count": 1}) if request.path == "/v2/fleet" else None
    found = api(
        server,
        agents_path="/v2/fleet",
        items_field="data",
        total_field="count",
        fields={"id": "uid", "name": "about.label", "version": "about.service.version", "connected": "status", "last_seen": "seen"},
    ).agents()
    assert found == [Agent("a", "x", "1.5", datetime(2025, 11, 22, 21, 39, tzinfo=UTC), True)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-11-22T21:39:00Z", datetime(2026, 11, 22, 21, 39, tzinfo=UTC)),
        (1763847540000, datetime(2025, 11, 22, 21, 39, tzinfo=UTC)),
        (1e300, None),
        (-1e17, None),
        (True, None),
        ("yesterday", None),
        ("2026-11-22T21:39:00", None),
        ({}, None),
    ],
)
def test_when_an_agent_was_seen(server: AmporaServer, told: object, expected: datetime | None) -> None:
    server.agents = [{"id": "a", "lastSeenUtc": told}]
    assert [agent.last_seen for agent in api(server).agents()] == [expected]


@pytest.mark.parametrize(("told", "expected"), [(False, False), ("Disconnected", False), ("Connected", True), (None, None)])
def test_whether_an_agent_is_connected(server: AmporaServer, told: object, expected: bool | None) -> None:
    server.agents = [{"id": "a", "connected": told}]
    assert [agent.connected for agent in api(server).agents()] == [expected]


def test_a_compressed_answer(server: AmporaServer) -> None:
    body = gzip.compress(json.dumps({"items": agents(300), "total": 300}).encode())
    answer_all(server, Answer(200, body, {"Content-Encoding": "gzip"}))
    assert len(api(server).agents()) == 300


# --- pages


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30])
@pytest.mark.parametrize("largest", [500, 7])  # a server may give less than it was asked for
def test_every_page_is_read(server: AmporaServer, count: int, largest: int) -> None:
    server.agents, server.largest = agents(count), largest
    assert [agent.id for agent in api(server, page_size=10).agents()] == [f"id-{number:04}" for number in range(count)]


def without_total(request: Request, items: list[dict[str, Any]], *, size: int = 4, last: Answer | None = None) -> Answer:
    """A bare list, whose pages are cut by the server."""
    start = (int(request.query["page"]) - 1) * size
    return json_answer(items[start : start + size]) if start < len(items) or last is None else last


@pytest.mark.parametrize("last", [None, Answer(404)])
@pytest.mark.parametrize("count", [1, 4, 6])
def test_a_bare_list_is_read_until_nothing_is_new(server: AmporaServer, count: int, last: Answer | None) -> None:
    server.before = lambda request: without_total(request, agents(count), last=last)
    assert len(api(server).agents()) == count


def test_a_bare_list_that_knows_no_pages(server: AmporaServer) -> None:
    answer_all(server, json_answer(agents(3)))
    assert len(api(server).agents()) == 3
    assert len(server.requests) == 2


@pytest.mark.parametrize("form", ["header", "field", "relative"])
def test_links_to_the_next_page(server: AmporaServer, form: str) -> None:
    following = f"{'' if form == 'relative' else server.url}/api/agents?cursor=2"
    header = {"Link": f'<{following}>; rel="next"'} if form == "header" else {}
    first = {"items": agents(2), **({} if header else {"next": following})}

    def answer(request: Request) -> Answer:
        return json_answer({"items": agents(4)[2:]}) if "cursor" in request.query else json_answer(first, headers=header)

    server.before = answer
    assert len(api(server).agents()) == 4
    assert [request.query for request in server.requests] == [{"page": "1", "pageSize": "200"}, {"cursor": "2"}]


@pytest.mark.parametrize(
    "link", ["http://127.0.0.2/api", "//127.0.0.2/api", "https://{host}/api", "http://{host}@127.0.0.2/", "file:///etc"]
)
def test_no_link_leads_to_another_place(server: AmporaServer, link: str) -> None:
    answer_all(server, json_answer({"items": agents(2), "next": link.format(host=server.host)}))
    text = refused(lambda: api(server).agents())
    assert f"The Ampora API at {server.url} (ampora_api_url) gives a next page at another place: " in text
    assert text.endswith("The token is not sent there. Next: Set ampora_api_url to the address that the server itself uses.")
    assert len(server.requests) == 1


def test_more_pages_than_allowed(server: AmporaServer) -> None:
    server.agents = agents(31)
    assert refused(lambda: api(server, page_size=10, pages=3).agents()) == (
        f"The Ampora API at {server.url} (ampora_api_url) has more than 3 pages at /api/agents."
        " Next: Raise pages or page_size in ampora_api_options."
    )
    assert len(server.requests) == 3
    server.agents = agents(30)
    assert len(api(server, page_size=10, pages=3).agents()) == 30


@pytest.mark.parametrize("page", [agents(2), []])
def test_half_a_list_judges_nothing(server: AmporaServer, page: list[dict[str, Any]]) -> None:
    answer_all(server, json_answer({"items": agents(2), "total": 5}), json_answer({"items": page, "total": 5}))
    assert refused(lambda: api(server).agents()) == (
        f"The Ampora API at {server.url} (ampora_api_url) gave 2 items of 5 at /api/agents, and then no new one."
        " Next: Correct page_parameter and size_parameter in ampora_api_options."
    )


def test_an_agent_that_moves_to_the_next_page_counts_once(server: AmporaServer) -> None:
    answer_all(server, json_answer({"items": agents(2), "total": 3}), json_answer({"items": agents(3)[1:], "total": 3}))
    assert [agent.id for agent in api(server).agents()] == ["id-0000", "id-0001", "id-0002"]


@pytest.mark.parametrize("body", [b"<html>login</html>", b"{}", b"7", b'{"items": [1]}', b'{"items": {}}', b"[" * 100000, b"\xff"])
def test_what_is_not_a_list(server: AmporaServer, body: bytes) -> None:
    answer_all(server, Answer(200, body))
    assert refused(lambda: api(server).agents()) == (
        f"The Ampora API at {server.url} (ampora_api_url) answers GET /api/agents with something that is not a list of objects."
        " Next: Correct ampora_api_url, or items_field in ampora_api_options."
    )


@pytest.mark.parametrize("given", [None, "", "..", ".", "x" * 201, True, {}, "a\nb"])
def test_an_id_that_cannot_be_used(server: AmporaServer, given: object) -> None:
    server.agents = [{"id": given}]
    assert "gives an item without an id that can be used: id is " in refused(lambda: api(server).agents())


# --- commands


def test_pause_and_resume(server: AmporaServer) -> None:
    server.rollouts = {"r1": "InProgress"}
    ampora = api(server)
    assert [ampora.move("r1", "pause"), ampora.move("r1", "pause"), ampora.move("r1", "resume"), ampora.move("r2", "pause")] == [
        True,
        False,
        True,
        False,
    ]
    assert server.paths()[0] == "POST /api/rollouts/r1/pause"


def test_an_id_is_one_part_of_the_path(server: AmporaServer) -> None:
    api(server).move("peer:us/../7?x#y", "pause")
    assert server.paths() == ["POST /api/rollouts/peer%3Aus%2F..%2F7%3Fx%23y/pause"]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_is_one(server: AmporaServer, status: int) -> None:
    answer_all(server, Answer(status))
    assert api(server).move("r1", "pause")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            json_answer({}, 403),
            "refuses POST /api/rollouts/r1/pause to this token (ampora_api_token). Next: The token needs the role Viewer to read and"
            " Operator to pause and resume, and these endpoints in its list.",
        ),
        (json_answer({}, 401), "does not take the token (ampora_api_token). Next: Issue a new token; it may have expired."),
        (json_answer({"detail": f"bad {TOKEN}\x1b"}, 400), 'answers POST /api/rollouts/r1/pause with 400: "bad ***?".'),
        (json_answer({"detail": 7}, 500), "answers POST /api/rollouts/r1/pause with 500."),
        (Answer(500, b"<html>"), "answers POST /api/rollouts/r1/pause with 500."),
        (Answer(302, b"", {"Location": "/login"}), "answers POST /api/rollouts/r1/pause with 302."),
    ],
)
def test_a_command_that_is_refused(server: AmporaServer, answer: Answer, text: str) -> None:
    answer_all(server, answer)
    assert refused(lambda: api(server).move("r1", "pause")).startswith(f"The Ampora API at {server.url} (ampora_api_url) {text}")
    assert len(server.requests) == 1


def test_a_redirect_takes_the_token_nowhere(server: AmporaServer) -> None:
    with AmporaServer() as other:
        answer_all(server, Answer(307, b"", {"Location": f"{other.url}/api/agents"}))
        assert "with 307. Next: Check ampora_api_url and the paths" in refused(lambda: api(server).agents())
        assert other.requests == []


# --- the token and the address


def test_a_token_that_is_not_taken(server: AmporaServer) -> None:
    assert "does not take the token" in refused(lambda: api(server, token="amp-pat.OTHER.1").agents())


def test_the_last_newline_of_a_file(server: AmporaServer) -> None:
    assert api(server, token=f"{TOKEN}\n").agents() == []


def test_no_other_credentials_of_this_machine(server: AmporaServer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    assert api(server).agents() == []


@pytest.mark.parametrize("token", [f"{TOKEN}\nX-Header: 1", f"{TOKEN} x", f"{TOKEN}é"])
def test_a_token_that_none_is(server: AmporaServer, token: str) -> None:
    assert refused(lambda: api(server, token=token)).startswith("ampora_api_token has characters that no token has. Next: ")


@pytest.mark.parametrize("url", ["", "ampora.example", "file:///etc/passwd", "http://", "http://ada:amp-secret@ampora.example"])
def test_an_address_that_none_is(url: str) -> None:
    text = refused(lambda: AmporaApi(options(url=url, token=TOKEN)))
    assert text.startswith("ampora_api_url is ")
    assert "secret" not in text


@pytest.mark.parametrize("name", ["page_size", "pages", "timeout"])
def test_numbers_below_one(name: str) -> None:
    text = refused(lambda: AmporaApi(options(url="http://ampora.example", token=TOKEN, **{name: 0})))
    assert text == f"ampora_api_options has {name} below 1. Next: Set 1 or more."


# --- patience


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("", 1.0),
        ("7", 7.0),
        ("0", 0.0),
        ("86400", 30.0),
        ("9" * 400, 30.0),
        ("-5", 1.0),
        ("soon", 1.0),
        (format_datetime(START.replace(second=12), usegmt=True), 12.0),
        (format_datetime(START.replace(year=2025), usegmt=True), 0.0),
    ],
)
def test_a_server_that_is_busy_is_asked_again(server: AmporaServer, clock: Clock, status: int, asked: str, seconds: float) -> None:
    answer_all(server, Answer(status, b"", {"Retry-After": asked} if asked else {}), json_answer({"items": [], "total": 0}))
    assert api(server).agents() == []
    assert clock.seconds == seconds
    assert len(server.requests) == 2


def test_patience_ends(server: AmporaServer, clock: Clock) -> None:
    answer_all(server, json_answer({"detail": "too many"}, 429))
    assert 'answers GET /api/agents with 429: "too many".' in refused(lambda: api(server).agents())
    assert (len(server.requests), clock.seconds) == (4, 7.0)


def test_nobody_answers() -> None:
    url = f"http://{closed_port()}"
    assert refused(lambda: AmporaApi(options(url=url, token=TOKEN)).agents()) == (
        f"The Ampora API at {url} (ampora_api_url) does not answer (ConnectionError)."
        " Next: Check ampora_api_url, ampora_api_ca_file and the network."
    )


def test_an_answer_that_breaks_off(server: AmporaServer) -> None:
    answer_all(server, Answer(200, b'{"items"', promised=500))
    assert "does not answer (" in refused(lambda: api(server).agents())


def test_an_answer_that_is_too_large(server: AmporaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents_api, "MAX_BYTES", 1000)
    server.agents = agents(50)
    assert refused(lambda: api(server).agents()) == (
        f"The Ampora API at {server.url} (ampora_api_url) answered with more than 1000 bytes. Next: Lower page_size in ampora_api_options."
    )


def test_an_answer_that_does_not_end(server: AmporaServer, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock takes six seconds: a server that drips is as slow."""

    def later() -> float:
        clock.sleep(6)
        return clock.seconds

    monkeypatch.setattr(clock, "monotonic", later)
    monkeypatch.setattr(agents_api, "CHUNK", 64)
    server.agents = agents(50)
    assert "has not ended its answer within 10 s. Next: Check ampora_api_url" in refused(lambda: api(server).agents())
