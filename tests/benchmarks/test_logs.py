# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of a large log for deprecation warnings, beside counting its lines: memory stays flat, whatever the size.

AMPORA_BENCH_LOG_MIB says how large; 1024 is a gigabyte.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import Tally
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster

MIB = int(os.environ.get("AMPORA_BENCH_LOG_MIB", "256"))
MOST_GROWTH = 16  # MiB
# Another process, so that its memory is not in the figures: 999 ordinary lines and one warning, again and again.
SERVER = """
import http.server, json, sys
plain = json.dumps({"timestamp": "2026-11-24T10:00:00.000Z", "level": "Information", "category": "Ampora.Fleet", "message": "frame " * 20})
warning = json.dumps({"timestamp": "2026-11-24T10:00:00.000Z", "level": "Warning", "category": "Ampora.X", "message": "{Key} is deprecated",
    "Key": "A:B"})
block = ((plain + "\\n") * 999 + warning + "\\n").encode()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        for _number in range(int(sys.argv[1]) * 1024 * 1024 // len(block)):
            self.wfile.write(block)
    def log_message(self, *_unused):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@contextmanager
def log_of(mib: int, folder: Path) -> Iterator[Cluster]:
    with subprocess.Popen([sys.executable, "-c", SERVER, str(mib)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        cluster = {"name": "c", "cluster": {"server": address}}
        kubeconfig = {"clusters": [cluster], "contexts": [{"name": "c", "context": {"cluster": "c", "user": ""}}], "current-context": "c"}
        path = folder / "kubeconfig"
        path.write_text(json.dumps(kubeconfig), encoding="utf-8")
        yield Cluster(namespace="ampora", deployment="ampora-web", container="ampora-web", kubeconfig=str(path))
        server.terminate()


def test_a_large_log(tmp_path: Path) -> None:
    with log_of(MIB, tmp_path) as cluster:
        started = time.monotonic()
        lines = sum(1 for _line in cluster.log_lines("p", "ampora-web", since_seconds=60))
        counting = time.monotonic() - started
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        tally = Tally()
        started = time.monotonic()
        tally.add_all(cluster.log_lines("p", "ampora-web", since_seconds=60))
        searching = time.monotonic() - started
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    assert tally.uses["A:B"].count == lines // 1000
    print(
        f"\nlog of {MIB} MiB: searched in {searching:.1f} s, its lines counted in {counting:.1f} s, ratio {searching / counting:.2f};"
        f" the process grew by {growth:.0f} MiB"
    )
    assert growth <= MOST_GROWTH
