# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells Prometheus which pods live.

Debian's Prometheus is built without Kubernetes discovery, so it asks this process over HTTP (`http_sd_configs`).
Run as `python -m tests.sandbox.discovery`.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kubernetes import client, config

from tests.sandbox import paths
from tests.sandbox.settings import SETTINGS

_ANNOTATION = "prometheus.io/"


def targets(pods: list[Any]) -> list[dict[str, object]]:
    """Live annotated pods in the form of http_sd; the job is what the pod's label says it is."""
    return [
        {
            "targets": [f"{pod.status.pod_ip}:{pod.metadata.annotations.get(_ANNOTATION + 'port', '8080')}"],
            "labels": {
                "job": (pod.metadata.labels or {}).get("app.kubernetes.io/name", "unlabelled"),
                "pod": pod.metadata.name,
                "namespace": pod.metadata.namespace,
                "__metrics_path__": pod.metadata.annotations.get(_ANNOTATION + "path", "/metrics"),
            },
        }
        for pod in pods
        if (pod.metadata.annotations or {}).get(_ANNOTATION + "scrape") == "true"
        and pod.status.phase == "Running"
        and pod.status.pod_ip
        and pod.metadata.deletion_timestamp is None
    ]


class _Handler(BaseHTTPRequestHandler):
    core: Any

    def do_GET(self) -> None:
        try:
            body = json.dumps(targets(self.core.list_pod_for_all_namespaces(_request_timeout=5).items)).encode()
            status = 200
        except Exception as error:  # whatever the API server's absence looks like: Prometheus keeps its last list on a 503
            body, status = str(error).encode(), 503
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """One request in two seconds is not worth a log line."""


def main() -> None:
    config.load_kube_config(str(paths.KUBECONFIG))  # type: ignore[no-untyped-call]
    _Handler.core = client.CoreV1Api()
    ThreadingHTTPServer(("127.0.0.1", SETTINGS.ports.discovery), _Handler).serve_forever()


if __name__ == "__main__":
    main()
