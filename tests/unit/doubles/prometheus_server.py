# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Prometheus on loopback: series by query, each a constant, a list by time, or an error."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, json_answer

Series = Callable[[float], "float | None"]


class PrometheusServer(LoopbackServer):
    """`series` maps a query to one series or more; a query that is not in it is a parse error."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.series: dict[str, list[Series]] = {}
        self.firing: Callable[[float], list[dict[str, str]]] = lambda _at: []  # the labels of the alerts at a time

    def constant(self, **values: float | None) -> None:
        """One series for each query, with the same value at all times; None for none at all."""
        self.series.update({query: [_always(value)] for query, value in values.items()})

    def _answer(self, request: Request) -> Answer:
        query = request.query.get("query", "")
        if query.startswith("ALERTS"):
            at = float(request.query["time"])
            return json_answer(_data("vector", [{"metric": labels, "value": [at, "1"]} for labels in self.firing(at)]))
        if query not in self.series:
            return json_answer({"status": "error", "errorType": "bad_data", "error": f"parse error in {query}"}, 400)
        if request.path == "/api/v1/query":
            at = float(request.query["time"])
            found = [(at, value) for one in self.series[query] if (value := one(at)) is not None]
            return json_answer(_data("vector", [{"metric": {}, "value": [at, str(value)]} for at, value in found]))
        start, end, step = (float(request.query[name]) for name in ("start", "end", "step"))
        # Prometheus keeps times as whole milliseconds and leaves out the times without a value.
        times = [round(start + index * step, 3) for index in range(int((end - start) / step + 1e-6) + 1)]
        matrix = [[[at, str(value)] for at in times if (value := one(at)) is not None] for one in self.series[query]]
        return json_answer(_data("matrix", [{"metric": {}, "values": values} for values in matrix if values]))


def _always(value: float | None) -> Series:
    return lambda _unused: value


def _data(kind: str, result: object) -> dict[str, object]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}
