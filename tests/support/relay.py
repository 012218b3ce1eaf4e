# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to a server that can be cut in the middle of everything."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator


class Relay:
    """A TCP relay on loopback that can be cut: connections break, and new ones are refused, until it is mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._cut = threading.Event()
        self.refused = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_for(self, seconds: float) -> None:
        self._cut.set()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        time.sleep(seconds)  # the length of the outage, which is what is tested
        self._cut.clear()

    @contextlib.contextmanager
    def running(self) -> Iterator[Relay]:
        try:
            yield self
        finally:
            self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                if self._cut.is_set():
                    self.refused += 1
                    client.close()
                    continue
                server = socket.create_connection(self._target, timeout=5)
                server.settimeout(None)
                for ends in ((client, server), (server, client)):
                    self._open.add(ends[0])
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self._open.discard(source)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
