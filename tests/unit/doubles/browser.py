# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The browser port in memory: pages by address, and what was done in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pages import PageReport
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.browser import LoginError

from tests.unit.doubles.failure import throw

FINE = PageReport("", "", 200, "v1.5.0")


class FakeBrowser:
    """In the place of the class: calling it opens it. `pages` has what an address shows; any other shows that all is well."""

    def __init__(self) -> None:
        self.pages: dict[str, PageReport] = {}
        self.banners: list[str] = []
        self.login_error: LoginError | None = None
        self.acts: list[str] = []
        self.options: dict[str, Any] = {}
        self.url = ""

    def __call__(self, **options: Any) -> FakeBrowser:
        self.options, self.url = options, options["url"]
        return self

    @contextmanager
    def session(self) -> Iterator[FakeBrowser]:
        try:
            yield self
        finally:
            self.acts.append("close")

    def log_in(self, login: Mapping[str, Any]) -> None:
        self.acts.append(f"log in as {login['username']} with {login['password']}")
        if self.login_error:
            throw(self.login_error)

    def look(self, name: str, path: str, *, screenshot: str = "") -> PageReport:
        self.acts.append(f"look {self.url}{path}")
        shown = self.pages.get(self.url + path, FINE)
        return replace(shown, name=name, path=path, screenshot=f"screenshots/{screenshot}.png" if screenshot else "")

    def look_at(self, base: str, pod: str, name: str, path: str) -> PageReport:
        self.acts.append(f"look {base}{path}")
        return replace(self.pages.get(base + path, FINE), name=name, path=path, pod=pod)

    def texts(self, selector: str) -> list[str]:
        self.acts.append(f"read {selector}")
        return self.banners
