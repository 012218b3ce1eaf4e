# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.prometheus import Prometheus

from tests.unit.doubles.http_server import Answer, closed_port
from tests.unit.doubles.prometheus_server import PrometheusServer

PASSWORD = "s3cret-pass"
OPTIONS = {"username": "", "password": "", "token": "", "tenant": "", "ca_file": "", "client_cert": "", "client_key": "", "timeout": 5}


@pytest.fixture
def server() -> Iterator[PrometheusServer]:
    found = PrometheusServer()
    with found:
        yield found


def prometheus(url: str, **more: str) -> Prometheus:
    return Prometheus({**OPTIONS, "url": url, **more})


def refused(url: str, query: str = "up") -> UpgradeError:
    with pytest.raises(UpgradeError) as error:
        prometheus(url, username="ada", password=PASSWORD).value(query, 1000.0)
    assert PASSWORD not in str(error.value)
    return error.value


def test_a_value(server: PrometheusServer) -> None:
    server.constant(up=3.0, gone=None, nan=float("nan"), inf=float("inf"))
    found = prometheus(f"{server.url}/")
    assert [found.value(query, 1000.0) for query in ("up", "gone", "nan", "inf")] == [3.0, None, None, float("inf")]
    assert server.requests[0].query == {"query": "up", "time": "1000.000"}
    assert server.requests[0].path == "/api/v1/query"


def test_a_range_has_a_sample_for_every_time(server: PrometheusServer) -> None:
    server.series["x"] = [lambda at: None if at == 1030 else at / 10]
    assert prometheus(server.url).range("x", 1000, 1060, 15) == [(1000, 100.0), (1015, 101.5), (1030, None), (1045, 104.5), (1060, 106.0)]


@pytest.mark.parametrize(("start", "step"), [(1763847600.123456, 15.0), (1763847600.9996, 1.65), (1763847599.0004999, 1.0)])
def test_times_agree_with_the_servers_milliseconds(server: PrometheusServer, start: float, step: float) -> None:
    server.constant(x=1.0)
    found = prometheus(server.url).range("x", start, start + 20 * step, step)
    assert [value for _unused, value in found] == [1.0] * len(found)
    assert len(found) in (20, 21)


def test_a_range_without_any_series(server: PrometheusServer) -> None:
    server.constant(x=None)
    assert prometheus(server.url).range("x", 0, 2, 1) == [(0, None), (1, None), (2, None)]


def test_more_than_one_series(server: PrometheusServer) -> None:
    server.series["x"] = [lambda _unused: 1.0, lambda _unused: 2.0]
    assert str(refused(server.url, "x")) == (
        "The query x gives 2 series; a signal must give one. Next: Aggregate it in ampora_signals, e.g. by sum()."
    )


def test_a_query_that_is_wrong(server: PrometheusServer) -> None:
    assert str(refused(server.url, "sum(")) == "Prometheus refuses the query sum(: parse error in sum(."


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b"<html>"),
        (502, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"status": "success", "data": null}'),
        (200, b'{"status": "success", "data": {"result": null}}'),
    ],
)
def test_what_is_not_prometheus(server: PrometheusServer, status: int, body: bytes) -> None:
    server.answer = lambda _unused: Answer(status, body)
    assert str(refused(server.url)) == f"Prometheus at {server.url} answers {status} with something that is not its API."


def test_a_scalar_is_one_value(server: PrometheusServer) -> None:
    """`scalar(x)` and plain numbers give a pair in place of a list of series."""
    server.answer = lambda _unused: Answer(200, b'{"status": "success", "data": {"resultType": "scalar", "result": [1000, "3"]}}')
    assert prometheus(server.url).value("scalar(x)", 1000.0) == 3.0


def test_nobody_answers() -> None:
    url = f"http://{closed_port()}"
    assert str(refused(url)) == (
        f"Prometheus at {url} (ampora_prometheus_url) does not answer (ConnectionError)."
        " Next: Check ampora_prometheus_url and the network; without metrics nothing is changed."
    )


def test_a_password_in_the_address_is_used_and_not_shown(server: PrometheusServer) -> None:
    server.answer = lambda _unused: Answer(401, b"<html>")
    with_password = server.url.replace("//", f"//ada:{PASSWORD}@")
    with pytest.raises(UpgradeError) as error:
        prometheus(with_password).value("up", 1000.0)
    assert str(error.value) == f"Prometheus at {server.url} answers 401 with something that is not its API."
    assert server.requests[0].headers["Authorization"].startswith("Basic ")
    with pytest.raises(UpgradeError) as error:
        prometheus(f"http://ada:{PASSWORD}@{closed_port()}").value("up", 1000.0)
    assert PASSWORD not in str(error.value)


def test_a_token(server: PrometheusServer) -> None:
    server.constant(up=1.0)
    prometheus(server.url, token="t").value("up", 1.0)
    assert server.requests[0].headers["Authorization"] == "Bearer t"


def test_a_look_counts_the_series(server: PrometheusServer) -> None:
    server.constant(up=3.0, gone=None)
    server.series["many"] = [lambda _at: 1.0, lambda _at: 2.0]
    assert [prometheus(server.url).look(query, 1000.0) for query in ("up", "gone", "many")] == [(1, 3.0), (0, None), (2, 1.0)]


def test_the_age_is_that_of_the_newest_sample_of_any_selector(server: PrometheusServer) -> None:
    server.series |= {'max(timestamp(a{x="1"}))': [lambda at: at - 40], "max(timestamp(b{}))": [lambda at: at - 15]}
    server.constant(**{"max(timestamp(c{}))": None})
    found = prometheus(server.url)
    assert found.age('sum(rate(a{x="1"}[1m])) / sum(b{}) + sum(a{x="1"})', 1000.0) == 15.0
    assert (found.age("sum(c{})", 1000.0), found.age("sum(up)", 1000.0)) == (None, None)


def test_the_alerts_are_their_labels(server: PrometheusServer) -> None:
    server.firing = lambda at: [{"alertname": "Down", "at": f"{at:g}"}]
    assert prometheus(server.url).alerts('ALERTS{namespace="a"}', 7.0) == [{"alertname": "Down", "at": "7"}]
    server.firing = lambda _at: [{"alertname": str(number)} for number in range(2001)]
    with pytest.raises(UpgradeError, match="gives 2001 alerts, and 2000 are read at most. Next: Narrow ampora_watch_alerts"):
        prometheus(server.url).alerts("ALERTS", 7.0)


def test_a_tenant(server: PrometheusServer) -> None:
    server.constant(up=1.0)
    prometheus(server.url, tenant="acme|prod").value("up", 1.0)
    prometheus(server.url).value("up", 1.0)
    assert [request.headers.get("X-Scope-Orgid") for request in server.requests] == ["acme|prod", None]


def test_without_an_address_there_is_nobody_to_ask() -> None:
    with pytest.raises(UpgradeError, match="There is no Prometheus to ask"):
        prometheus("")


@pytest.mark.parametrize("given", [{"client_cert": "/nowhere/cert.pem"}, {"client_key": "/nowhere/key.pem"}])
def test_a_certificate_and_its_key_are_both_files(given: dict[str, str]) -> None:
    with pytest.raises(UpgradeError, match=r"ampora_prometheus_client_cert is (/nowhere/cert.pem|empty): there is no such file"):
        prometheus("https://127.0.0.1:9", **given)


@pytest.mark.parametrize(
    "result",
    [
        '{"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "1"]]}]}',
        '{"resultType": "vector", "result": [{"metric": {}, "histogram": [1, {"count": "3"}]}]}',
        '{"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}',
        '{"resultType": "vector", "result": [{"metric": {}, "value": [1, "many"]}]}',
        '{"resultType": "vector", "result": ["odd"]}',
    ],
)
def test_a_query_that_gives_no_value(server: PrometheusServer, result: str) -> None:
    server.answer = lambda _unused: Answer(200, f'{{"status": "success", "data": {result}}}'.encode())
    assert str(refused(server.url, "up[5m]")) == (
        "The query up[5m] does not give a value but something else. Next: Correct it in ampora_signals."
    )


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, server: PrometheusServer) -> None:
    server.constant(up=1.0)
    times = iter([0.0, 100.0])
    monkeypatch.setattr("ansible_collections.ampora.upgrades.plugins.plugin_utils.web.time.monotonic", lambda: next(times, 100.0))
    assert "does not answer (TimeoutError)" in str(refused(server.url))


def test_an_answer_of_a_hundred_thousand_series_is_an_error_and_not_a_value(server: PrometheusServer) -> None:
    server.series["x"] = [lambda _at: 1.0] * 100_000
    assert "gives 100000 series; a signal must give one" in str(refused(server.url, "x"))
