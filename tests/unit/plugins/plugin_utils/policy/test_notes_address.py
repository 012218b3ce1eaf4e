# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release notes over HTTP: a changelog, GitHub's and GitLab's releases, pages, limits, and what may go wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import notes_address
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.notes_source import read_notes
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, json_answer

TOKEN = "s3cret-token"
GITHUB = "/repos/o/r/releases"
GITLAB = "/api/v4/projects/7/releases"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as found:
        yield found


def read(server: LoopbackServer, path: str = GITHUB) -> list[tuple[str, str, str]]:
    return [(note.version, note.text, note.source) for note in read_notes(f"{server.url}{path}", token=TOKEN, timeout=5)]


def refused(server: LoopbackServer, path: str = GITHUB) -> str:
    with pytest.raises(UpgradeError) as caught:
        read(server, path)
    assert TOKEN not in str(caught.value)
    message = caught.value.message
    place = f"{server.url}{path.partition('?')[0]} (ampora_release_notes) "
    assert message.startswith(place), message
    return message.removeprefix(place)


def github(tag: str, body: object = "text", **more: object) -> dict[str, Any]:
    return {"tag_name": tag, "body": body, "draft": False, "prerelease": False, **more}


def test_a_changelog(server: LoopbackServer) -> None:
    server.answer = lambda _unused: Answer(200, b"# Changes\n\n## 1.5.0\n\nfive \xff\n\n## 1.4.3\n\nfour\n", {"Content-Type": "text/plain"})
    found = read(server, "/o/r/CHANGELOG.md?ref=main")
    assert [(version, source) for version, unused, source in found] == [("1.5.0", "CHANGELOG.md"), ("1.4.3", "CHANGELOG.md")]
    assert found[0][1] == "## 1.5.0\n\nfive \N{REPLACEMENT CHARACTER}\n"
    assert server.requests[0].query == {"ref": "main"}
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_changelog_that_begins_like_json(server: LoopbackServer) -> None:
    server.answer = lambda _unused: Answer(200, b"[Changes](x)\n\n## 1.5.0\n\nfive\n")
    assert [found[0] for found in read(server, "/")] == ["1.5.0"]
    assert read(server, "/")[0][2] == "127.0.0.1"
    server.answer = lambda _unused: Answer(200, b"[" * 100_000)
    assert read(server, "/") == []


def test_without_a_token_none_is_sent(server: LoopbackServer) -> None:
    server.answer = lambda _unused: json_answer([])
    assert read_notes(f"{server.url}{GITHUB}") == []
    assert "Authorization" not in server.requests[0].headers


def test_github(server: LoopbackServer) -> None:
    releases = [
        github("v1.6.0-rc.1", "six", prerelease=True),
        github("1.5.0", "five"),
        github("v1.4.3", None),
        github("v1.4.4", "not yet", draft=True),
        github("nightly"),
        github("ampora-web/v1.4.2+build.7", "two"),
        github("x" * 300 + "-1.0.0"),
    ]
    server.answer = lambda _unused: json_answer(releases)
    assert read(server) == [
        ("1.6.0-rc.1", "six", "127.0.0.1, release v1.6.0-rc.1"),
        ("1.5.0", "five", "127.0.0.1, release 1.5.0"),
        ("1.4.3", "", "127.0.0.1, release v1.4.3"),
        ("1.4.2+build.7", "two", "127.0.0.1, release ampora-web/v1.4.2+build.7"),
    ]
    assert server.requests[0].query == {"per_page": "100"}


def test_gitlab(server: LoopbackServer) -> None:
    def answer(request: Request) -> Answer:
        page = int(request.query.get("page", "1"))
        following = str(page + 1) if page < 3 else ""
        link = {"Link": f'<http://gitlab.elsewhere/x?page={page + 1}>; rel="next"'} if following else {}
        entry = {"tag_name": f"v1.{page}.0", "description": f"text {page}", "upcoming_release": False}
        return json_answer([entry], headers={"X-Next-Page": following, **link})

    server.answer = answer
    assert [found[:2] for found in read(server, GITLAB + "?order_by=released_at")] == [
        (f"1.{page}.0", f"text {page}") for page in (1, 2, 3)
    ]
    assert server.requests[2].query == {"order_by": "released_at", "per_page": "100", "page": "3"}


def test_pages_by_links(server: LoopbackServer) -> None:
    def answer(request: Request) -> Answer:
        links = {"1": f"<{server.url}{GITHUB}?page=2>", "2": f"<{GITHUB}?page=3>"}
        page = request.query.get("page", "1")
        headers = {"Link": f'{links[page]}; rel="next", <{server.url}/>; rel="first"'} if page in links else {}
        return json_answer([github(f"1.{page}.0")], headers=headers)

    server.answer = answer
    assert [found[0] for found in read(server)] == ["1.1.0", "1.2.0", "1.3.0"]
    assert all(request.headers["Authorization"] == f"Bearer {TOKEN}" for request in server.requests)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", "https://evil.example/x", "//evil.example/x", "http://[x"])
def test_the_token_goes_to_no_other_server(server: LoopbackServer, address: str) -> None:
    server.answer = lambda _unused: json_answer([], headers={"Link": f'<{address}>; rel="next"'})
    assert refused(server) == f'names a next page on another server, "{address}".'
    assert len(server.requests) == 1


def test_pages_without_an_end(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_address, "MAX_PAGES", 3)
    server.answer = lambda request: json_answer([], headers={"X-Next-Page": str(int(request.query.get("page", "1")) + 1)})
    assert refused(server) == "names more than 3 pages, or one page twice."
    assert len(server.requests) == 3
    server.answer = lambda _unused: json_answer([], headers={"X-Next-Page": "1"})
    assert refused(server) == "names more than 3 pages, or one page twice."
    assert len(server.requests) == 5
    server.answer = lambda request: json_answer([], headers={"X-Next-Page": {"": "2", "2": "3"}.get(request.query.get("page", ""), "")})
    assert read(server) == []


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (429, {"Retry-After": "Sun, 22 Nov 2026 21:40:00 GMT"}, "limits requests (HTTP 429) until 2026-11-22T21:40:00Z."),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795383600"}, "limits requests (HTTP 403) until 2026-11-22T21:40:00Z."),
        (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "1795383600"}, "limits requests (HTTP 429) until 2026-11-22T21:40:00Z."),
        (429, {"X-RateLimit-Reset": "9" * 30}, "limits requests (HTTP 429) until a time that it does not say."),
        (429, {"Retry-After": "soon"}, "limits requests (HTTP 429) until a time that it does not say."),
        (429, {}, "limits requests (HTTP 429) until a time that it does not say."),
        (403, {"X-RateLimit-Remaining": "12"}, "answers with HTTP 403: there is no such address, or the token may not read it."),
        (401, {}, "answers with HTTP 401: there is no such address, or the token may not read it."),
        (404, {}, "answers with HTTP 404: there is no such address, or the token may not read it."),
        (500, {}, "answers with HTTP 500."),
    ],
)
def test_refusals(server: LoopbackServer, status: int, headers: dict[str, str], words: str) -> None:
    server.answer = lambda _unused: json_answer({"message": "no"}, status, headers)
    assert refused(server) == words


def test_a_limit_of_some_seconds(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1795383540.0)
    server.answer = lambda _unused: json_answer([], 403, {"Retry-After": "60"})
    assert refused(server) == "limits requests (HTTP 403) until 2026-11-22T21:40:00Z."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "Not Found"}, "answers with JSON that is no list of releases."),
        (None, "answers with JSON that is no list of releases."),
        (["x"], 'has an entry without a tag_name: "x".'),
        ([{"body": "x"}], "has an entry without a tag_name: "),
        ([{"tag_name": 5}], "has an entry without a tag_name: "),
        ([github("1.5.0", 5)], 'has no text in the entry "1.5.0".'),
    ],
)
def test_json_that_is_no_list_of_releases(server: LoopbackServer, body: object, words: str) -> None:
    server.answer = lambda _unused: json_answer(body)
    assert refused(server).startswith(words)


def test_what_is_no_notes_at_all(server: LoopbackServer) -> None:
    server.answer = lambda _unused: Answer(200, b"\n<!DOCTYPE html><title>Sign in</title>")
    assert refused(server, "/x?private_token=" + TOKEN) == "answers with a web page (to sign in, mostly) and not with notes."
    server.answer = lambda _unused: Answer(200, b"[{", {"Content-Type": "application/json"})
    assert refused(server) == "answers with JSON that cannot be read."
    server.answer = lambda _unused: Answer(200, b"null")
    assert read(server, "/") == []  # no JSON that says so, and no heading: no note


def test_sizes(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_address, "LARGEST_CHANGELOG", 20)
    server.answer = lambda _unused: Answer(200, b"x" * 21)
    assert refused(server) == "answered with a changelog of more than 20 bytes."
    monkeypatch.setattr(notes_address, "MAX_BYTES", 200)
    page = json.dumps([github("1.5.0", "x" * 20)]).encode()
    server.answer = lambda request: Answer(200, page, {"X-Next-Page": str(int(request.query.get("page", "1")) + 1)})
    assert 200 / 3 < len(page) < 200
    assert refused(server) == "answered with more than 200 bytes."


def test_time(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_address, "DEADLINE_SECONDS", 0.2)

    def answer(request: Request) -> Answer:
        time.sleep(0.25 if request.query.get("page") == "2" else 0)
        return json_answer([], headers={"X-Next-Page": "2" if "page" not in request.query else "3"})

    server.answer = answer
    assert refused(server) == "does not answer (TimeoutError)."
    assert len(server.requests) == 2
    monkeypatch.setattr(notes_address, "DEADLINE_SECONDS", -1)
    assert refused(server) == "takes longer than -1 s for all its pages."
    assert len(server.requests) == 2


def test_an_address_that_is_none() -> None:
    with pytest.raises(UpgradeError, match="ampora_release_notes is an address that cannot be read: Invalid IPv6 URL"):
        read_notes("https://[x/releases")


def test_a_password_in_the_address_is_not_shown(server: LoopbackServer) -> None:
    server.answer = lambda _unused: Answer(500)
    with pytest.raises(UpgradeError) as caught:
        read_notes(f"http://ada:{TOKEN}@{server.host}/CHANGELOG.md")
    assert caught.value.message == f"http://{server.host}/CHANGELOG.md (ampora_release_notes) answers with HTTP 500."


def test_certificates(server: LoopbackServer, tmp_path: Path) -> None:
    with pytest.raises(UpgradeError) as caught:
        read_notes("https://notes.example/x", ca_file=f"{tmp_path}/none.pem")
    assert caught.value.message == f"The CA file {tmp_path}/none.pem for https://notes.example/x (ampora_release_notes) is not there."
    (tmp_path / "ca.pem").write_text("", encoding="utf-8")
    server.answer = lambda _unused: json_answer([])
    assert read_notes(f"{server.url}{GITHUB}", ca_file=str(tmp_path / "ca.pem")) == []


def test_from_https_to_http(monkeypatch: pytest.MonkeyPatch, server: LoopbackServer) -> None:
    """No certificate is needed to see it: the client is told that the answer came from elsewhere."""

    class Followed:
        status_code, content, url = 200, b"", f"{server.url}/x"

    monkeypatch.setattr(Http, "get", lambda *_args, **_named: Followed)
    with pytest.raises(UpgradeError, match="leads from https to http"):
        read_notes("https://notes.example/x")
