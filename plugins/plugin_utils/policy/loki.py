# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deprecation warnings in Loki, by its HTTP API (query_range), page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import LogFacts, Tally
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

PAGE = 1000  # entries; Loki's own limit is 5000
MOST_PAGES = 500
SECOND = 1_000_000_000  # Loki counts in nanoseconds
NEXT_STEP = "Check ampora_loki_url, ampora_loki_selector, the credentials and the network, or set ampora_log_window to 0."


def read(options: Mapping[str, Any], window: int, now: float) -> LogFacts:
    """What the selected streams wrote in the last `window` seconds."""
    tally = Tally()
    for moment, line in _Search(options).lines(int((now - window) * SECOND), int(now * SECOND)):
        tally.add(line, moment / SECOND)
    return LogFacts(tally, window)


class _Search:
    def __init__(self, options: Mapping[str, Any]) -> None:
        if not str(options["selector"]).strip().startswith("{"):
            raise UpgradeError(
                f"ampora_loki_selector is {quote(options['selector'])}, which is no label selector of Loki.",
                next_step='Set it to the streams of the application, e.g. {namespace="ampora", container="ampora-web"}.',
            )
        self._query = f'{options["selector"]} |~ "(?i)deprecated"'
        self._base = re.sub(r"//[^/@]*@", "//", str(options["url"]).rstrip("/"))  # a password in the address is not for messages
        self._address = str(options["url"]).rstrip("/") + "/loki/api/v1/query_range"
        self._headers = {"X-Scope-OrgID": options["tenant"]} if options["tenant"] else {}
        self._http = Http(
            f"Loki at {self._base} (ampora_loki_url)", timeout=options["timeout"], next_step=NEXT_STEP, verify=options["ca_file"] or True
        )
        self._http.authenticate(username=options["username"], password=options["password"], token=options["token"])

    def lines(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Every entry once, with its time: a page begins with the time at which the one before it ended, whose entries it gives again."""
        known: set[tuple[int, str]] = set()
        for _number in range(MOST_PAGES):
            entries = self._page(start, end)
            fresh = [entry for entry in entries if entry not in known]
            for moment, text in fresh:
                yield moment, text.encode(errors="replace")  # JSON can spell halves of characters
            if len(entries) < PAGE:
                return
            last = max(time for time, _text in entries)
            if not fresh:  # more entries of one moment than a page holds: what is left of it is passed over
                last += 1
            start, known = last, {entry for entry in entries if entry[0] == last}
        raise UpgradeError(
            f"Loki at {self._base} has more than {PAGE * MOST_PAGES} warnings in ampora_log_window.",
            next_step="Set a shorter ampora_log_window.",
        )

    def _page(self, start: int, end: int) -> list[tuple[int, str]]:
        params = {"query": self._query, "start": str(start), "end": str(end), "limit": str(PAGE), "direction": "forward"}
        response = self._http.get(self._address, params=params, headers=self._headers)
        if response.status_code != 200:
            said = quote(" ".join(response.text[:1000].split()), 300)
            raise UpgradeError(f"Loki at {self._base} answers {response.status_code} to {self._query}: {said}.", next_step=NEXT_STEP)
        try:
            data = response.json()["data"]
            if data["resultType"] != "streams":
                raise TypeError(data["resultType"])
            return [(int(entry[0]), str(entry[1])) for stream in data["result"] for entry in stream["values"]]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError) as error:
            raise UpgradeError(f"Loki at {self._base} answers with something that is not its API.", next_step=NEXT_STEP) from error
