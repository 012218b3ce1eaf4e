# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Prometheus of a test's own: on a free port, over a page of metrics that the test writes, with a past when one is given."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
import yaml

from tests.unit.doubles.http_server import Answer, LoopbackServer, closed_port

SCRAPE_SECONDS = 1
START_SECONDS = 30


class Page(LoopbackServer):
    """What is scraped; an empty text is a target that fails."""

    def __init__(self) -> None:
        super().__init__(self._page)
        self.text = ""

    def _page(self, _request: object) -> Answer:
        return Answer(200, self.text.encode(), {"Content-Type": "text/plain"}) if self.text else Answer(500)


class OwnPrometheus:
    """Use it as a context; `secured` are the lines of its web configuration."""

    def __init__(self, folder: Path, targets: Sequence[str] = (), rules: Sequence[Mapping[str, Any]] = (), secured: Any = None) -> None:
        self.address = closed_port()
        self.url = f"{'https' if secured else 'http'}://{self.address}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        jobs = [{"job_name": "ampora-web", "static_configs": [{"targets": [target], "labels": {"pod": target}} for target in targets]}]
        interval = f"{SCRAPE_SECONDS}s"
        settings = {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval}
        self._write("prometheus.yml", {"global": settings, "scrape_configs": jobs, "rule_files": ["rules.yml"]})
        self._write("rules.yml", {"groups": [{"name": "test", "rules": list(rules)}]})
        self._write("web.yml", secured or {})

    def _write(self, name: str, content: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")

    def remember(self, series: Mapping[str, Callable[[float], float]], start: float, end: float, step: float) -> None:
        """Give it a past, before it is started."""
        times = [start + step * number for number in range(int((end - start) / step) + 1)]
        lines = []
        for name, value in series.items():
            lines += [f"# TYPE {name.split('{', 1)[0]} gauge", *(f"{name} {value(at)} {at:.3f}" for at in times)]
        (self._folder / "past.txt").write_text("\n".join([*lines, "# EOF", ""]), encoding="utf-8")
        argv = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "past.txt", "data"]
        subprocess.run(argv, cwd=self._folder, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def __enter__(self) -> OwnPrometheus:
        argv = [
            "prometheus",
            "--config.file=prometheus.yml",
            "--web.config.file=web.yml",
            f"--web.listen-address={self.address}",
            "--storage.tsdb.path=data",
            "--log.level=error",
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(argv, cwd=self._folder, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < deadline, (self._folder / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        return self

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/-/ready", timeout=2).ok
        except requests.exceptions.SSLError:
            return True  # it listens, and wants what only the test has
        except requests.RequestException:
            return False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
