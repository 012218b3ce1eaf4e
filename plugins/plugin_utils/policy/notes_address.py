# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release notes from an HTTP(S) address: one changelog, or a Git host's list of releases.

The list is recognised by its form and not by its host: GitHub's entries have tag_name and body
(https://docs.github.com/rest/releases), GitLab's tag_name and description (https://docs.gitlab.com/api/releases/). Both come in
pages, named by a Link header with rel=next or by X-Next-Page, and both say when they limit requests.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

MAX_BYTES = 32 * 1024 * 1024  # all pages together
LARGEST_CHANGELOG = 4 * 1024 * 1024
MAX_PAGES = 100
PAGE_SIZE = 100
DEADLINE_SECONDS = 120.0  # all pages together
NEXT_STEP = "Check ampora_release_notes (a changelog's raw address, or a Git host's .../releases endpoint) and ampora_release_notes_token."
_VERSION = re.compile(r"(?:^|[/@_-])v?([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}[0-9A-Za-z.+-]{0,100})$")
_LONGEST_TAG = 200
_HTML = re.compile(r"\s*<(?:!doctype|html)", re.IGNORECASE)


def is_address(location: str) -> bool:
    return location.lower().startswith(("http://", "https://"))


def read_address(location: str, *, token: str, ca_file: str, timeout: int) -> list[ReleaseNote]:
    """All notes at the address."""
    return _Address(location, token, ca_file, timeout).read()


class _Address:
    """One reading of one address; every message names it without a password or a query."""

    def __init__(self, location: str, token: str, ca_file: str, timeout: int) -> None:
        try:
            parts = urlsplit(location)
        except ValueError as error:
            raise UpgradeError(f"ampora_release_notes is an address that cannot be read: {error}.", next_step=NEXT_STEP) from error
        self._location = location
        self._host = parts.hostname or ""
        self._what = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path} (ampora_release_notes)"
        if ca_file and not Path(ca_file).expanduser().is_file():
            raise UpgradeError(
                f"The CA file {ca_file} for {self._what} is not there.", next_step="Name a file with certificates in PEM form."
            )
        verify = str(Path(ca_file).expanduser()) if ca_file else True
        self._http = Http(self._what, timeout=timeout, next_step=NEXT_STEP, verify=verify)
        self._http.authenticate(token=token)
        self._deadline = time.monotonic() + DEADLINE_SECONDS
        self._bytes = 0

    def read(self) -> list[ReleaseNote]:
        url: str = _with_page_size(self._location)
        notes: list[ReleaseNote] = []
        seen: set[str] = set()
        while url:
            seen.add(url)
            response = self._get(url)
            releases = self._releases(response)
            if releases is None:
                return self._changelog(response.content)
            notes += [note for release in releases for note in self._note(release)]
            url = self._next(url, response)
            if url and (url in seen or len(seen) >= MAX_PAGES):
                raise self._error(f"names more than {MAX_PAGES} pages, or one page twice")
        return notes

    def _changelog(self, content: bytes) -> list[ReleaseNote]:
        if len(content) > LARGEST_CHANGELOG:
            raise self._error(f"answered with a changelog of more than {LARGEST_CHANGELOG} bytes")
        return split(content.decode("utf-8", errors="replace"), urlsplit(self._location).path.rsplit("/", 1)[-1] or self._host)

    def _error(self, words: str) -> UpgradeError:
        return UpgradeError(f"{self._what} {words}.", next_step=NEXT_STEP)

    def _get(self, url: str) -> Any:
        if time.monotonic() > self._deadline:
            raise self._error(f"takes longer than {DEADLINE_SECONDS:.0f} s for all its pages")
        response = self._http.get(url, deadline=self._deadline)
        self._bytes += len(response.content)
        if self._bytes > MAX_BYTES:
            raise self._error(f"answered with more than {MAX_BYTES} bytes")
        if urlsplit(url).scheme == "https" and urlsplit(response.url).scheme != "https":
            raise self._error("leads from https to http")
        until = _limited_until(response)
        if until:
            raise UpgradeError(
                f"{self._what} limits requests (HTTP {response.status_code}) until {until}.",
                next_step="Try again then, or give ampora_release_notes_token, for which the limit is higher.",
            )
        if response.status_code in {401, 403, 404}:
            raise self._error(f"answers with HTTP {response.status_code}: there is no such address, or the token may not read it")
        if response.status_code != 200:
            raise self._error(f"answers with HTTP {response.status_code}")
        return response

    def _releases(self, response: Any) -> list[Any] | None:
        """The releases of this page, or None when it is a changelog."""
        text = response.content.decode("utf-8", errors="replace")
        if _HTML.match(text):
            raise self._error("answers with a web page (to sign in, mostly) and not with notes")
        says_json = "json" in response.headers.get("Content-Type", "").lower()
        try:
            answer = json.loads(text) if says_json or text.lstrip().startswith(("[", "{")) else None
        except (ValueError, RecursionError) as error:
            if says_json:
                raise self._error("answers with JSON that cannot be read") from error
            return None  # a changelog may begin with a link
        if answer is None and not says_json:
            return None
        if not isinstance(answer, list):
            raise self._error("answers with JSON that is no list of releases")
        return answer

    def _note(self, release: object) -> list[ReleaseNote]:
        """The note of one entry; a draft is not published, and a tag without a version is not a release of the product."""
        if not isinstance(release, Mapping) or not isinstance(release.get("tag_name"), str):
            raise self._error(f"has an entry without a tag_name: {quote(release)}")
        tag = release["tag_name"]
        text = release.get("body") if "body" in release else release.get("description")
        if text is not None and not isinstance(text, str):
            raise self._error(f"has no text in the entry {quote(tag)}")
        match = _VERSION.search(tag) if len(tag) <= _LONGEST_TAG else None
        if release.get("draft") is True or match is None:
            return []
        return [ReleaseNote(match[1], text or "", f"{self._host}, release {tag}")]

    def _next(self, url: str, response: Any) -> str:
        """The next page's address, empty after the last; never another server's, since the token goes along."""
        number: str = response.headers.get("X-Next-Page", "").strip()
        if number.isascii() and number.isdigit():
            return _with_query(url, "page", number)
        link: str = response.links.get("next", {}).get("url", "")
        if not link:
            return ""
        try:
            found = urljoin(url, link)
            same = urlsplit(found)[:2] == urlsplit(url)[:2]
        except ValueError:
            same = False
        if not same:
            raise self._error(f"names a next page on another server, {quote(link)}")
        return found


def _with_page_size(location: str) -> str:
    path = urlsplit(location).path.rstrip("/")
    return _with_query(location, "per_page", str(PAGE_SIZE)) if path.endswith("/releases") and "per_page=" not in location else location


def _with_query(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = [(key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))


def _limited_until(response: Any) -> str:
    """The time at which a limited server wants to be asked again; empty when it does not limit.

    Retry-After is a number of seconds or a date (RFC 9110, 10.2.3); the reset headers are seconds since 1970.
    """
    headers = response.headers
    spent = headers.get("X-RateLimit-Remaining", headers.get("RateLimit-Remaining", "")).strip() == "0"
    after = headers.get("Retry-After", "").strip()
    if response.status_code != 429 and not (response.status_code == 403 and (spent or after)):
        return ""
    reset = headers.get("X-RateLimit-Reset", headers.get("RateLimit-Reset", "")).strip()
    try:
        if after:
            moment = datetime.fromtimestamp(time.time() + int(after), UTC) if after.isdigit() else parsedate_to_datetime(after)
        else:
            moment = datetime.fromtimestamp(int(reset), UTC)
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "a time that it does not say"
