# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP for the ports: one session with deadlines, a size limit, and errors worded once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

try:
    import requests
    import urllib3
    from urllib3.exceptions import HTTPError
except ImportError:  # named by the action base before anything else happens
    requests = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

MAX_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
BUSY = (429, 502, 503, 504)
LONGEST_WAIT = 20.0  # seconds that a Retry-After is obeyed


class Http:
    """GET and HEAD against one server.

    `what` names the server in messages ("the registry REG", "Prometheus at URL"); `next_step` is the person's.
    """

    def __init__(
        self,
        what: str,
        *,
        timeout: int,
        next_step: str,
        verify: str | bool = True,
        certificate: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        patient: bool = False,
    ) -> None:
        """`patient` asks again, with growing pauses, when nobody answers or the server is busy (429, 502 to 504)."""
        self._what = what
        self._timeout = timeout
        self._next_step = next_step
        self._session = requests.Session()
        # Given with each request: a session's own is overruled by REQUESTS_CA_BUNDLE in the environment.
        self._verify = verify
        self._session.cert = certificate  # the files of our own certificate and its key
        self._session.headers.update(headers or {})
        if patient:
            for scheme in ("http://", "https://"):
                self._session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=_patience()))

    def authenticate(self, *, username: str = "", password: str = "", token: str = "") -> None:
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        elif username:
            self._session.auth = (username, password)

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None, deadline: float | None = None
    ) -> Any:
        """The response with its body read (limited); any status. Only failing to get one is an error.

        `deadline` (by time.monotonic) ends a body that comes byte by byte too, which no time-out between two bytes does.
        """
        try:
            settings: dict[str, Any] = {"verify": self._verify, "timeout": self._timeout, "stream": True}
            response = self._session.get(url, headers=dict(headers or {}), params=params, **settings)
            body = response.raw.read(MAX_BYTES + 1, decode_content=True) if deadline is None else _read(response.raw, deadline)
        except (requests.RequestException, HTTPError, OSError) as error:  # HTTPError: a body that breaks off
            reason = type(error).__name__
            raise UpgradeError(f"{self._what} does not answer ({reason}).", next_step=self._next_step) from error
        if len(body) > MAX_BYTES:
            raise UpgradeError(f"{self._what} answered with more than {MAX_BYTES} bytes.", next_step=self._next_step)
        response._content = body  # what requests itself does once a body has been read
        return response

    def post(self, url: str, form: Mapping[str, str]) -> Any:
        """The response to a form, which goes in the body and so into no log of addresses."""
        try:
            return self._session.post(url, data=dict(form), timeout=self._timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise UpgradeError(f"{self._what} does not answer ({type(error).__name__}).", next_step=self._next_step) from error


def _patience() -> Any:
    """Retries of requests that change nothing; a server that asks for longer than LONGEST_WAIT is not waited for."""

    class Patience(urllib3.Retry):
        def get_retry_after(self, response: Any) -> float | None:
            after = super().get_retry_after(response)
            return None if after is None else min(after, LONGEST_WAIT)

        def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
            return bool(status_code in BUSY and super().is_retry(method, status_code, has_retry_after))

    return Patience(
        total=4,
        connect=2,
        read=2,
        redirect=5,
        status=3,
        status_forcelist=BUSY,
        backoff_factor=0.5,
        raise_on_status=False,
        respect_retry_after_header=True,
    )


def _read(raw: Any, deadline: float) -> bytes:
    """The body, as it comes; urllib3 before 2 can only read whole chunks."""
    read = getattr(raw, "read1", raw.read)
    body = bytearray()
    while len(body) <= MAX_BYTES and (chunk := read(CHUNK_BYTES, decode_content=True)):
        body += chunk
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(body)
