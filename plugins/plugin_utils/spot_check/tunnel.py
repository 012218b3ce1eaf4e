# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to a pod's port through the API server, for a controller that no pod address can be reached from.

A listener on a loopback port of its own; each connection to it becomes one port-forward. It lives in this process and
so cannot outlive the run.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

CHUNK = 64 * 1024

Connect = Callable[[], Any]


@contextlib.contextmanager
def tunnel(connect: Connect) -> Iterator[int]:
    """The loopback port; `connect` gives a socket to the other end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, connect), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread; closing alone would not


def _serve(listener: socket.socket, connect: Connect) -> None:
    while True:
        try:
            near = listener.accept()[0]
        except OSError:
            return
        try:
            far = connect()
        except Exception:  # whatever it is, this connection ends, and the browser says so
            near.close()
            continue
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
