# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a real receiver on loopback, by Apprise itself."""

from __future__ import annotations

import json
import logging
import threading

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import Notice
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import notifier
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.notifier import DEADLINE_SECONDS, deliver

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, closed_port

MESSAGE = Notice("hold", "warning", "upgrade of ampora/ampora-web: held", "run r1\nby ada")
SECRET = "hunter2"


class Receiver(LoopbackServer):
    """Takes every message, unless told to refuse or to wait."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(self.take)
        self.status = status
        self.wait = threading.Event()
        self.wait.set()

    def take(self, request: Request) -> Answer:
        assert request.body
        self.wait.wait(30)
        return Answer(self.status)


def address(host: str) -> str:
    return f"json://ada:{SECRET}@{host}/hooks/{SECRET}"


def test_every_address_is_told() -> None:
    with Receiver() as one, Receiver() as two:
        assert deliver([address(one.host), address(two.host)], MESSAGE) == []
    for receiver in (one, two):
        (request,) = receiver.requests
        assert (request.method, request.path) == ("POST", f"/hooks/{SECRET}")
        told = json.loads(request.body)
        assert (told["title"], told["message"], told["type"]) == (MESSAGE.title, MESSAGE.body, "warning")


def test_what_does_not_take_it_is_named_by_its_number_and_service(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Receiver(status=500) as refusing, Receiver() as taking:
        urls = [address(refusing.host), f"nonsense://{SECRET}", SECRET, address(closed_port()), address(taking.host)]
        problems = deliver(urls, MESSAGE)
        assert len(taking.requests) == 1
    assert problems == [
        "address 2 of ampora_notify is not one that Apprise knows",
        "address 3 of ampora_notify is not one that Apprise knows",
        "address 1 of ampora_notify (JSON) did not take the message",
        "address 4 of ampora_notify (JSON) did not take the message",
    ]
    assert SECRET not in caplog.text


def test_who_hangs_does_not_keep_the_run() -> None:
    assert DEADLINE_SECONDS <= 10
    hanging = Receiver()
    hanging.wait.clear()
    with hanging, Receiver() as taking:
        problems = deliver([address(hanging.host), address(taking.host)], MESSAGE, deadline=1.0)
        hanging.wait.set()
        assert len(taking.requests) == 1
    assert problems == ["address 1 of ampora_notify (JSON) did not take the message"]


def test_a_service_that_fails_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object, **_more: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("apprise.Apprise.notify", fail)
    assert deliver([address("127.0.0.1:9")], MESSAGE) == ["address 1 of ampora_notify (JSON) did not take the message"]


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "apprise", None)
    (problem,) = deliver([address("127.0.0.1:9")], MESSAGE)
    assert "pip install apprise" in problem
    assert SECRET not in problem
