# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import time
from collections.abc import Iterator

import pytest
import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import API as API_SPEC
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils import web
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

from tests.unit.doubles.http_server import Answer, LoopbackServer, closed_port

PASSWORD = "s3cret-pass"
API = dict(ArgumentSpecValidator({"api": API_SPEC}).validate({"api": {}}).validated_parameters["api"])


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as found:
        yield found


def client() -> Http:
    return Http("The thing", timeout=5, next_step="Check the thing.")


def failure(url: str) -> str:
    found = client()
    found.authenticate(username="ada", password=PASSWORD)
    with pytest.raises(UpgradeError) as error:
        found.get(url)
    assert PASSWORD not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("status", [200, 401, 404, 500])
def test_any_status_is_an_answer(server: LoopbackServer, status: int) -> None:
    server.answer = lambda _unused: Answer(status, b'{"a": 1}', {"X-Thing": "yes"})
    response = client().get(f"{server.url}/a", headers={"Accept": "x/y"}, params={"q": "a b"})
    assert (response.status_code, response.content, response.json(), response.headers["X-Thing"]) == (
        status,
        b'{"a": 1}',
        {"a": 1},
        "yes",
    )
    assert (server.requests[0].path, server.requests[0].query, server.requests[0].headers["Accept"]) == ("/a", {"q": "a b"}, "x/y")


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"username": "ada", "password": PASSWORD}, "Basic YWRhOnMzY3JldC1wYXNz"),
        ({"token": "t"}, "Bearer t"),
        ({"username": "ada", "password": PASSWORD, "token": "t"}, "Bearer t"),
        ({}, None),
    ],
)
def test_credentials(server: LoopbackServer, credentials: dict[str, str], header: str | None) -> None:
    found = client()
    found.authenticate(**credentials)
    found.get(server.url)
    assert server.requests[0].headers.get("Authorization") == header


def test_nobody_listens() -> None:
    assert failure(f"http://{closed_port()}/") == "The thing does not answer (ConnectionError). Next: Check the thing."


@pytest.mark.parametrize(("url", "reason"), [("", "MissingSchema"), ("https:///v2", "InvalidURL"), ("ftp://x/", "InvalidSchema")])
def test_an_address_that_is_none(url: str, reason: str) -> None:
    assert failure(url) == f"The thing does not answer ({reason}). Next: Check the thing."


def test_a_connection_that_ends_in_the_middle_of_the_body(server: LoopbackServer) -> None:
    server.answer = lambda _unused: Answer(200, b"half", promised=100)
    assert failure(server.url) == "The thing does not answer (ProtocolError). Next: Check the thing."


def test_a_body_that_is_not_what_its_encoding_says(server: LoopbackServer) -> None:
    server.answer = lambda _unused: Answer(200, b"this is no gzip", {"Content-Encoding": "gzip"})
    assert failure(server.url) == "The thing does not answer (DecodeError). Next: Check the thing."


@pytest.mark.parametrize(("size", "fits"), [(64, True), (65, False)])
def test_the_size_is_limited(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, size: int, fits: bool) -> None:
    monkeypatch.setattr(web, "MAX_BYTES", 64)
    server.answer = lambda _unused: Answer(200, b"x" * size)
    if fits:
        assert len(client().get(server.url).content) == size
    else:
        assert failure(server.url) == "The thing answered with more than 64 bytes. Next: Check the thing."


def in_time(server: LoopbackServer, seconds: float = 5) -> bytes | str:
    try:
        return bytes(client().get(server.url, deadline=time.monotonic() + seconds).content)
    except UpgradeError as error:
        return error.message


def test_a_deadline_for_the_whole_body(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer = lambda _unused: Answer(200, b"x" * 200_000)
    assert in_time(server) == b"x" * 200_000
    assert in_time(server, -1) == "The thing does not answer (TimeoutError)."
    server.answer = lambda _unused: Answer(200, b"half", promised=100)
    assert in_time(server) == "The thing does not answer (ProtocolError)."
    server.answer = lambda _unused: Answer(200, b"no gzip", {"Content-Encoding": "gzip"})
    assert in_time(server) == "The thing does not answer (DecodeError)."
    server.answer = lambda _unused: Answer(200, gzip.compress(b"y" * 65), {"Content-Encoding": "gzip"})
    assert in_time(server) == b"y" * 65
    monkeypatch.setattr(web, "MAX_BYTES", 64)
    assert in_time(server) == "The thing answered with more than 64 bytes."


def test_the_authority_that_was_named_is_not_overruled_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """requests itself prefers REQUESTS_CA_BUNDLE to what its session was told."""
    told: list[object] = []

    def send(_adapter: object, _request: object, **settings: object) -> None:
        told.append(settings["verify"])
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/elsewhere/all.crt")
    for verify in ("/named/own.crt", True):
        with pytest.raises(UpgradeError):
            Http("The thing", timeout=5, next_step="", verify=verify).get("https://127.0.0.1:9")
    with pytest.raises(UpgradeError):
        AmporaApi({**API, "url": "https://127.0.0.1:9", "token": "amp-pat.x", "ca_file": "/named/own.crt", "timeout": 5}).agents()
    assert told == ["/named/own.crt", "/elsewhere/all.crt", "/named/own.crt"]
