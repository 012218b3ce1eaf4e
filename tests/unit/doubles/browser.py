# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser in memory: pages by address, each with its status, its footer and what its console says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error


@dataclass
class Shown:
    """What one address shows; `error` is playwright's own, in place of a page."""

    status: int = 200
    version: str | None = "v1.5.0"
    console: list[tuple[str, str]] = field(default_factory=list)
    error: str = ""


@dataclass
class Message:
    type: str
    text: str


class FakeBrowser:
    """In the place of sync_playwright; `acts` is what was done, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Shown] = {}
        self.acts: list[str] = []
        self.launched: dict[str, Any] = {}
        self.launch_error = ""
        self.login_error = ""
        self.url = "about:blank"
        self._here = Shown()
        self._listeners: dict[str, Callable[[Any], None]] = {}

    @contextmanager
    def __call__(self) -> Iterator[FakeBrowser]:
        yield self

    @property
    def chromium(self) -> FakeBrowser:
        return self

    def launch(self, **options: Any) -> FakeBrowser:
        self.launched = options
        if self.launch_error:
            raise Error(self.launch_error)
        return self

    def new_page(self, **options: Any) -> FakeBrowser:
        self.launched |= options
        return self

    def close(self) -> None:
        self.acts.append("close")

    def set_default_timeout(self, milliseconds: int) -> None:
        self.launched["default"] = milliseconds

    def on(self, event: str, listener: Callable[[Any], None]) -> None:
        self._listeners[event] = listener

    def goto(self, url: str, **_unused: Any) -> Any:
        self.acts.append(f"open {url}")
        self._here = self.pages.get(url, Shown())
        if self._here.error:
            raise Error(self._here.error)
        for kind, text in self._here.console:
            self._listeners["pageerror" if kind == "pageerror" else "console"](text if kind == "pageerror" else Message(kind, text))
        self.url = url
        return self._here if self._here.status else None

    def click(self, selector: str) -> None:
        self.acts.append(f"click {selector}")

    def fill(self, selector: str, text: str) -> None:
        self.acts.append(f"fill {selector} {text}")

    def wait_for_url(self, pattern: str) -> None:
        if self.login_error:
            self.url = "https://id.example/login?session=secret"
            raise Error(self.login_error)
        self.acts.append(f"wait for {pattern}")

    def locator(self, selector: str) -> FakeBrowser:
        self.acts.append(f"look at {selector}")
        return self

    def count(self) -> int:
        return int(self._here.version is not None)

    @property
    def first(self) -> FakeBrowser:
        return self

    def inner_text(self) -> str:
        return f"  {self._here.version}\n"

    def screenshot(self, *, path: str) -> None:
        Path(path).write_bytes(b"png")
