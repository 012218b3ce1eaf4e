# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Prometheus port: instant and range queries of one value each, and the alerts that fire.

A signal's query must give exactly one series; more than one is an error of the query and not of the deployment.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

# A metric with its labels; the age of what a query sees is asked of these, since a computed value has no age.
_SELECTOR = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\{[^{}]*\}")
MOST_ALERTS = 2000
Sample = tuple[float, float | None]


class Prometheus:
    """One Prometheus-compatible query API."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        url = str(options["url"])
        if not url:
            raise UpgradeError(
                "There is no Prometheus to ask (ampora_prometheus_url is empty).",
                next_step="Set ampora_prometheus_url, or do without what needs it.",
            )
        self._base = url.rstrip("/") + "/api/v1"
        self._timeout = int(options["timeout"])
        self._url = re.sub(r"//[^/@]*@", "//", url)  # a password in the address is not for messages
        self._http = Http(
            f"Prometheus at {self._url} (ampora_prometheus_url)",
            timeout=self._timeout,
            next_step="Check ampora_prometheus_url and the network; without metrics nothing is changed.",
            verify=options["ca_file"] or True,
            certificate=_certificate(options["client_cert"], options["client_key"]),
            # Mimir, Thanos and Cortex keep the series of many tenants apart by this header.
            headers={"X-Scope-OrgID": options["tenant"]} if options["tenant"] else {},
        )
        self._http.authenticate(username=options["username"], password=options["password"], token=options["token"])

    def value(self, promql: str, at: float) -> float | None:
        """The query's one value at a time (unix seconds); None when there is no series or it is NaN."""
        series = self._query("query", {"query": promql, "time": f"{at:.3f}"}, promql)
        return _value(series[0], promql) if series else None

    def look(self, promql: str, at: float) -> tuple[int, float | None]:
        """How many series the query gives at a time, and the first one's value."""
        series = self._ask("query", {"query": promql, "time": f"{at:.3f}"}, promql)
        return len(series), _value(series[0], promql) if series else None

    def age(self, promql: str, at: float) -> float | None:
        """Seconds since the newest sample that the query's selectors see; None when there is none, or no selector is recognised."""
        asked = [self.value(f"max(timestamp({selector}))", at) for selector in sorted(set(_SELECTOR.findall(promql)))]
        known = [found for found in asked if found is not None]
        return at - max(known) if known else None

    def range(self, promql: str, start: float, end: float, step: float) -> list[Sample]:
        """The query's value every `step` seconds; a time without a value is there with None."""
        series = self._query("query_range", {"query": promql, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}, promql)
        known = {round(float(at), 3): _number(value) for at, value in (series[0].get("values", []) if series else [])}
        count = int((end - start) / step) + 1
        times = [round(start + index * step, 3) for index in range(count)]
        return [(at, known.get(at)) for at in times]

    def alerts(self, selector: str, at: float) -> list[dict[str, str]]:
        """The labels of every series that a selector of ALERTS gives at a time."""
        series = self._ask("query", {"query": selector, "time": f"{at:.3f}"}, selector)
        if len(series) > MOST_ALERTS:
            raise UpgradeError(
                f"The query {selector} gives {len(series)} alerts, and {MOST_ALERTS} are read at most.",
                next_step="Narrow ampora_watch_alerts to the deployment's own namespace.",
            )
        return [dict(one.get("metric") or {}) for one in series]

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
        response = self._http.get(f"{self._base}/{path}", params=params, deadline=time.monotonic() + self._timeout)
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


def _certificate(certificate: str, key: str) -> tuple[str, str] | None:
    """The files of our own certificate; named here, since a library would only name one of them, late."""
    if not (certificate or key):
        return None
    files = {"ampora_prometheus_client_cert": certificate, "ampora_prometheus_client_key": key}
    for name, path in files.items():
        if not Path(path).is_file():
            raise UpgradeError(
                f"{name} is {path or 'empty'}: there is no such file.", next_step="Name both the certificate's file and its key's."
            )
    return certificate, key


def _value(series: Mapping[str, Any], promql: str) -> float | None:
    try:
        return _number(series["value"][1])
    except (KeyError, IndexError, TypeError, ValueError) as error:  # a range of values, a histogram
        raise UpgradeError(
            f"The query {promql} does not give a value but something else.", next_step="Correct it in ampora_signals."
        ) from error


def _number(text: str) -> float | None:
    value = float(text)
    return None if math.isnan(value) else value
