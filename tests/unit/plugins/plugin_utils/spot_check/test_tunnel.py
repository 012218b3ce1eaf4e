# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.tunnel import tunnel


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(1024):
            self.request.sendall(data.upper())


@pytest.fixture
def echo() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def ask(port: int, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as near:
        near.sendall(text)
        return near.recv(1024)


def test_each_connection_has_its_own_way(echo: int) -> None:
    opened = []

    def connect() -> socket.socket:
        opened.append(1)
        return socket.create_connection(("127.0.0.1", echo), 5)

    with tunnel(connect) as port:
        assert [ask(port, text) for text in (b"one", b"two")] == [b"ONE", b"TWO"]
        assert len(opened) == 2
    with pytest.raises(OSError):
        ask(port, b"after")


def test_a_way_that_cannot_be_opened_ends_its_connection_and_no_other(echo: int) -> None:
    answers = iter([OSError("the pod is gone"), None])

    def connect() -> socket.socket:
        if error := next(answers):
            raise error
        return socket.create_connection(("127.0.0.1", echo), 5)

    with tunnel(connect) as port:
        with pytest.raises(OSError):
            assert ask(port, b"one") == b"", "closed without an answer"
            raise ConnectionResetError
        assert ask(port, b"two") == b"TWO"
