# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Prometheus port: instant and range queries of one value each.

A signal's query must give exactly one series; more than one is an error of the query and not of the deployment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

# A metric with its labels; the age of what a query sees is asked of these, since a computed value has no age.
_SELECTOR = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\{[^{}]*\}")
Sample = tuple[float, float | None]


class Prometheus:
    """One Prometheus-compatible query API."""

    def __init__(self, *, url: str, username: str, password: str, token: str, ca_file: str, timeout: int) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._url = re.sub(r"//[^/@]*@", "//", url)  # a password in the address is not for messages
        self._http = Http(
            f"Prometheus at {self._url} (ampora_prometheus_url)",
            timeout=timeout,
            next_step="Check ampora_prometheus_url and the network; without metrics nothing is changed.",
            verify=ca_file or True,
        )
        self._http.authenticate(username=username, password=password, token=token)

    def value(self, promql: str, at: float) -> float | None:
        """The query's one value at a time (unix seconds); None when there is no series or it is NaN."""
        series = self._query("query", {"query": promql, "time": f"{at:.3f}"}, promql)
        return _number(series[0]["value"][1]) if series else None

    def look(self, promql: str, at: float) -> tuple[int, float | None]:
        """How many series the query gives at a time, and the first one's value."""
        series = self._ask("query", {"query": promql, "time": f"{at:.3f}"}, promql)
        return len(series), _number(series[0]["value"][1]) if series else None

    def age(self, promql: str, at: float) -> float | None:
        """Seconds since the newest sample that the query's selectors see; None when there is none, or no selector is recognised."""
        asked = [self.value(f"max(timestamp({selector}))", at) for selector in sorted(set(_SELECTOR.findall(promql)))]
        known = [found for found in asked if found is not None]
        return at - max(known) if known else None

    def range(self, promql: str, start: float, end: float, step: float) -> list[Sample]:
        """The query's value every `step` seconds; a time without a value is there with None."""
        series = self._query("query_range", {"query": promql, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}, promql)
        known = {round(float(at), 3): _number(value) for at, value in (series[0]["values"] if series else [])}
        count = int((end - start) / step) + 1
        times = [round(start + index * step, 3) for index in range(count)]
        return [(at, known.get(at)) for at in times]

    def _query(self, path: str, params: Mapping[str, str], promql: str) -> list[dict[str, Any]]:
        """The one series of a signal."""
        result = self._ask(path, params, promql)
        if len(result) > 1:
            raise UpgradeError(
                f"The query {promql} gives {len(result)} series; a signal must give one.",
                next_step="Aggregate it in ampora_signals, e.g. by sum().",
            )
        return result

    def _ask(self, path: str, params: Mapping[str, str], promql: str) -> list[dict[str, Any]]:
        response = self._http.get(f"{self._base}/{path}", params=params)
        try:
            answer = response.json()
            status, data = answer["status"], answer.get("data", {})
            scalar = data.get("resultType") == "scalar"  # one value, and not a list of series
            result = [{"value": data["result"]}] if scalar else list(data.get("result", []))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UpgradeError(f"Prometheus at {self._url} answers {response.status_code} with something that is not its API.") from error
        if status != "success":
            raise UpgradeError(f"Prometheus refuses the query {promql}: {str(answer.get('error', ''))[:300]}.")
        return result


def _number(text: str) -> float | None:
    value = float(text)
    return None if math.isnan(value) else value
