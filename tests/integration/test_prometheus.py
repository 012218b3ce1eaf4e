# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watch against a real Prometheus: what a target that goes, a process that begins anew and odd values look like from there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.prometheus import Prometheus
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watching import Watching
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from tests.sandbox.certificates import Authority
from tests.support.prometheus import OwnPrometheus, Page
from tests.unit.doubles.kubernetes import Kubernetes
from tests.unit.doubles.scene import deployment

OPTIONS: dict[str, Any] = dict.fromkeys(("username", "password", "token", "tenant", "ca_file", "client_cert", "client_key"), "")
DAY = 86_400.0
PATIENCE = 20.0
# "test", as Prometheus's own guide has it.
BCRYPT = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"
HUGE = 20_000


def port(prometheus: OwnPrometheus, **options: str) -> Prometheus:
    return Prometheus({**OPTIONS, "timeout": 10, "url": prometheus.url, **options})


def until(value: Callable[[], Any], expected: Any) -> float:
    """Seconds until a query gives what is expected."""
    started = time.monotonic()
    while (found := value()) != expected:
        assert time.monotonic() - started < PATIENCE, f"{found} and not {expected}"
        time.sleep(0.1)
    return time.monotonic() - started


@pytest.fixture
def pages() -> Iterator[tuple[Page, Page]]:
    first, second = Page(), Page()
    with first, second:
        yield first, second


def test_targets_that_go_and_processes_that_begin_anew(pages: tuple[Page, Page], tmp_path: Path) -> None:
    old, new = pages
    old.text, new.text = "sessions 200\nlost_total 500\n", "sessions 1\nlost_total 3\n"
    with OwnPrometheus(tmp_path, [old.host, new.host]) as prometheus:
        asked = port(prometheus)

        def now(promql: str) -> float | None:
            return asked.value(promql, time.time())

        until(lambda: now("sum(sessions)"), 201.0)
        until(lambda: now("sum(up)"), 2.0)
        # A failed scrape ends the series of that target at once, and `up` of it stays, at 0.
        old.text = ""
        gone = until(lambda: now("sum(sessions)"), 1.0)
        assert now("sum(up)") == 1.0
        print(f"\na target that fails is out of the sum after {gone:.1f} s")
        # A new process counts from the start again: what PromQL makes of it is an increase and no fall.
        old.text = "sessions 200\nlost_total 2\n"
        until(lambda: now("sum(sessions)"), 201.0)
        grown = now("sum(increase(lost_total[15s]))")
        assert grown is not None and 0 <= grown < 10
        # Of no series there is no value, and none is not zero.
        assert now('sum(sessions{pod="nowhere"})') is None
        assert asked.range('sum(sessions{pod="nowhere"})', time.time() - 3, time.time(), 1)[0][1] is None


def test_odd_values_and_too_many_series(pages: tuple[Page, Page], tmp_path: Path) -> None:
    page = pages[0]
    series = "".join(f'many{{path="/some/path/{number}",le="{number}"}} 1\n' for number in range(HUGE))
    page.text = f'nan NaN\ninf +Inf\nminus -Inf\ntwo{{a="1"}} 1\ntwo{{a="2"}} 1\n{series}'
    with OwnPrometheus(tmp_path, [page.host]) as prometheus:
        asked = port(prometheus)

        def now(promql: str) -> float | None:
            return asked.value(promql, time.time())

        until(lambda: now("sum(up)"), 1.0)
        until(lambda: now("inf"), float("inf"))
        assert (now("nan"), now("minus"), now("sum(many)"), now("1 + 1")) == (None, -float("inf"), float(HUGE), 2.0)
        for promql, words in (
            ("two", "gives 2 series; a signal must give one"),
            ("many", f"gives {HUGE} series; a signal must give one"),
            ("up[5s]", "does not give a value but something else"),
            ("sum(up", "refuses the query"),
            ("sum(sum(up)", "refuses the query"),
        ):
            with pytest.raises(UpgradeError, match=words.replace("(", r"\(")):
                now(promql)
        assert asked.look("two", time.time())[0] == 2
        with pytest.raises(UpgradeError, match="gives 20000 alerts, and 2000 are read at most"):
            asked.alerts("many", time.time())


def test_the_alerts_that_fire(pages: tuple[Page, Page], tmp_path: Path) -> None:
    page = pages[0]
    page.text = "sessions 200\n"
    rule = {"alert": "Few", "expr": "sum by (pod) (sessions) < 100", "labels": {"namespace": "ampora", "severity": "critical"}}
    with OwnPrometheus(tmp_path, [page.host], [rule]) as prometheus:
        asked = port(prometheus)
        firing = 'ALERTS{alertstate="firing",namespace="ampora"}'
        until(lambda: asked.value("sum(up)", time.time()), 1.0)
        quiet = time.time()
        assert asked.alerts(firing, quiet) == []
        page.text = "sessions 20\n"
        seconds = until(lambda: [one["alertname"] for one in asked.alerts(firing, time.time())], ["Few"])
        print(f"\nan alert is seen {seconds:.1f} s after its cause")
        assert asked.alerts(firing, quiet) == [], "what fired then is still known"
        page.text = "sessions 200\n"
        until(lambda: asked.alerts(firing, time.time()), [])


def test_a_day_earlier(tmp_path: Path) -> None:
    """A past of two days: every evening a quarter of the agents leaves, and today another ten more."""
    evening = time.time() - 3 * 3600
    end = evening + 600

    def course(lost: float) -> Callable[[float], float]:
        return lambda at: 200.0 if (at - evening) % DAY > 43_200 or (at - evening) % DAY == 0 else 150.0 - (lost if at > evening else 0.0)

    series = {"usual": course(0.0), "worse": course(50.0), "steady": lambda at: 200.0 if at <= evening else 150.0}
    prometheus = OwnPrometheus(tmp_path)
    prometheus.remember(series, evening - DAY - 900, end, 15)
    times = {"settle": 60, "duration": 300, "interval": 15, "reference": 300, "alerts": "", "restarts": 0, "compare": "day"}
    with prometheus:
        verdicts = {}
        for name in series:
            signals = [Signal(name, f"sum({name})", "recovery", 0.95, 1.25)]
            cluster: Kubernetes = deployment()
            for compare in ("before", "day"):
                args = {**times, "compare": compare, "prometheus": {**OPTIONS, "timeout": 10, "url": prometheus.url}}
                result = Watching(cluster, signals, args).window((evening, end))
                verdicts[name, compare] = result["verdict"]
    assert verdicts == {
        ("usual", "before"): "fail",
        ("usual", "day"): "inconclusive",
        ("worse", "before"): "fail",
        ("worse", "day"): "fail",
        ("steady", "before"): "fail",
        ("steady", "day"): "fail",
    }


def test_who_may_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with a certificate of its own authority that asks for a client's, and for a user."""
    monkeypatch.setenv(
        "REQUESTS_CA_BUNDLE", DEFAULT_CA_BUNDLE_PATH
    )  # an environment that trusts others does not overrule ampora_prometheus_ca_file
    authority = Authority(tmp_path / "pki", "test authority")
    certificate, key = authority.issue("server", common_name="prometheus", alternatives=["127.0.0.1"])
    client, client_key = authority.issue("client", common_name="ampora")
    tls = {"cert_file": str(certificate), "key_file": str(key), "client_auth_type": "RequireAndVerifyClientCert"}
    secured = {"tls_server_config": {**tls, "client_ca_file": str(authority.certificate_file)}, "basic_auth_users": {"ada": BCRYPT}}
    files = {"ca_file": str(authority.certificate_file), "client_cert": str(client), "client_key": str(client_key)}
    with OwnPrometheus(tmp_path / "own", secured=secured) as prometheus:
        assert port(prometheus, **files, username="ada", password="test").value("1", time.time()) == 1.0
        refused = {
            "does not answer (SSLError)": {"username": "ada", "password": "test"},
            "does not answer": {**files, "client_cert": "", "client_key": "", "username": "ada", "password": "test"},
            "answers 401": {**files, "username": "ada", "password": "not-this-one"},
        }
        for words, options in refused.items():
            with pytest.raises(UpgradeError) as error:
                port(prometheus, **options).value("1", time.time())
            assert words in str(error.value)
            assert "not-this-one" not in str(error.value)
