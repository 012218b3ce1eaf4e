# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pages showed, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

MOST_ERRORS = 20  # of one page; a broken one may repeat itself without end
_LONGEST = 300
# The footer's form is not documented: a v before it, words around it and a build after it are all the same version.
_VERSION = re.compile(r"(?<![\w.])v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)(?![\d])")
_TURNED_AWAY = re.compile(r"/(?:account/)?(?:log-?in|sign-?in|access-?denied|error)\b", re.IGNORECASE)
_QUERY = re.compile(r"(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>)]*")


@dataclass
class PageReport:
    """What one page showed; `landed` is where the browser was led instead, `pod` whose page it is (empty: the Service's)."""

    name: str
    path: str
    status: int = 0
    version: str = ""
    landed: str = ""
    errors: list[str] = field(default_factory=list)
    failed_requests: list[str] = field(default_factory=list)
    screenshot: str = ""
    pod: str = ""
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


def problems(reports: Sequence[PageReport], wanted: str) -> list[str]:
    """What is wrong with the pages, in words; `wanted` is the version that every footer must show.

    Pages that show the same wrong version are one problem: it is mostly that of all pages and of all pods.
    """
    shown: dict[str, list[PageReport]] = {}
    for report in reports:
        if _is_there(report) and shown_version(report.version) != shown_version(wanted):
            shown.setdefault(report.version[:80], []).append(report)
    wrong = [f"{_named(group)} the version {version or 'nowhere'}, not {wanted}" for version, group in shown.items()]
    return [*(problem for report in reports for problem in _of_page(report)), *wrong]


def _is_there(report: PageReport) -> bool:
    return report.status == 200 and not report.landed


def _of_page(report: PageReport) -> list[str]:
    errors = [f"{_name(report)}: {error}" for error in [*report.errors, *report.failed_requests]]
    if report.landed:
        return [f"{_name(report)} ({report.path}) leads to {report.landed}", *errors]
    # A page that could not be opened says why by itself.
    if _is_there(report) or (errors and not report.status):
        return errors
    return [f"{_name(report)} ({report.path}) answers {report.status}", *errors]


def _name(report: PageReport) -> str:
    return f"{report.name} of the pod {report.pod}" if report.pod else report.name


def _named(reports: Sequence[PageReport]) -> str:
    """ "Dashboard and Fleet show", "the pods a and b show"."""
    pages = [report.name for report in reports if not report.pod]
    pods = [report.pod for report in reports if report.pod]
    of_pods = f"the pod{'s' if len(pods) > 1 else ''} {_listed(pods)}" if pods else ""
    return f"{_listed([*pages, of_pods] if of_pods else pages)} {'show' if len(reports) > 1 else 'shows'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def shown_version(text: str) -> str:
    """The version in a text such as "v1.5.0", "Ampora 1.5.0+build.7"; the text itself when it has none."""
    found = _VERSION.search(text)
    return found[1] if found else text.strip()


def without_query(text: str) -> str:
    """One printable line of what a browser says; a query may hold codes and tokens, so it goes."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _QUERY.sub(r"\1", line)[:_LONGEST]


def wanted_words(texts: Iterable[str], ignored: Sequence[str]) -> list[str]:
    """What counts of a page's errors: each once, and none that a person has said to expect (regular expressions)."""
    patterns = [re.compile(pattern) for pattern in ignored]
    kept = [text for text in dict.fromkeys(texts) if not any(pattern.search(text) for pattern in patterns)]
    more = len(kept) - MOST_ERRORS
    return [*kept[:MOST_ERRORS], f"and {more} more errors"] if more > 0 else kept


def led_astray(asked: str, shown: str) -> str:
    """Where the browser is (without the query), when that is not the application or its page for those who may not see the other."""
    wanted, found = urlsplit(asked), urlsplit(shown)
    elsewhere = (wanted.scheme, wanted.netloc) != (found.scheme, found.netloc)
    turned_away = _TURNED_AWAY.search(found.path) and not _TURNED_AWAY.search(wanted.path)
    return f"{found.scheme}://{found.netloc}{found.path}" if elsewhere or turned_away else ""
