# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a minute of watching and a minute of waiting for a rollout cost: requests, CPU, memory; beside a minute of kubectl's own wait.

Each runs in a process of its own, over the real parts, with every HTTP request counted where it leaves the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from tests.support.playbook import ROOT
from tests.support.sandbox import STATE, Sandbox

SECONDS = int(os.environ.get("AMPORA_BENCH_WATCH_SECONDS", "60"))
NEVER = "bench-never-ready"

PROGRAM = """
import json, resource, sys, time
import urllib3.connectionpool as pool
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ampora.upgrades.plugins.module_utils import arguments
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import wait_for_rollout
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watching import Watching

task = json.loads(sys.argv[1])
calls = {"Prometheus": 0, "Kubernetes": 0}
plain = pool.HTTPConnectionPool.urlopen

def counted(self, method, url, *args, **kwargs):
    calls["Prometheus" if "/api/v1/query" in url else "Kubernetes"] += 1
    return plain(self, method, url, *args, **kwargs)

pool.HTTPConnectionPool.urlopen = counted
cluster = Cluster(**task["cluster"])
cluster.deployment()  # what a first request costs once is no part of a minute

def usage():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

calls.update(Prometheus=0, Kubernetes=0)
before, started = usage(), time.monotonic()
if task["what"] == "watch":
    given = {"cluster": task["cluster"], "prometheus": {"url": task["prometheus"]}, "signals": task["signals"], "settle": 0}
    given |= {"duration": task["seconds"], "interval": 15, "alerts": "ALERTS"}
    args = ArgumentSpecValidator(arguments.WATCH).validate(given).validated_parameters
    signals = [Signal.from_dict(entry, replicas=3) for entry in args["signals"]]
    Watching(cluster, signals, args).live([], SafePoint(), lambda line: None)
    time.sleep(max(0, task["seconds"] - (time.monotonic() - started)))
else:
    try:
        wait_for_rollout(cluster, task["seconds"], SafePoint(), lambda line: None)
    except UpgradeError as error:
        assert "is not complete after" in error.message, error
minutes = (time.monotonic() - started) / 60
after = usage()
print(json.dumps({**{name: count / minutes for name, count in calls.items()}, "cpu": (after[0] - before[0]) / minutes, "MiB": after[1],
    "grown": after[1] - before[1]}))
"""


def measure(task: dict[str, object]) -> dict[str, float]:
    argv = [sys.executable, "-c", PROGRAM, json.dumps(task)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=SECONDS * 3)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def told(name: str, found: dict[str, float]) -> None:
    print(
        f"\n{name}, a minute: {found['Prometheus']:.0f} requests to Prometheus, {found['Kubernetes']:.0f} to Kubernetes,"
        f" {found['cpu']:.2f} s of CPU; {found['MiB']:.0f} MiB in all, {found['grown']:.1f} MiB more than at its begin"
    )


def test_a_minute_of_watching(sandbox: Sandbox) -> None:
    cluster = {"kubeconfig": sandbox.env["KUBECONFIG"], "namespace": "ampora", "deployment": "ampora-web", "container": "ampora-web"}
    task = {"what": "watch", "cluster": cluster, "prometheus": sandbox.vars["ampora_prometheus_url"], "seconds": SECONDS}
    told("watch", measure({**task, "signals": sandbox.vars["ampora_signals"]}))


@pytest.fixture
def never_ready(sandbox: Sandbox) -> str:
    """A Deployment whose one pod runs and does not get ready, in a namespace of its own."""
    image = sandbox.snapshot_image
    probe = {"tcpSocket": {"port": 9}, "initialDelaySeconds": SECONDS * 4}
    labels = {"app": NEVER}
    container = {"name": NEVER, "image": image, "command": ["sleep", "infinity"], "readinessProbe": probe}
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NEVER, "namespace": NEVER},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    sandbox.kubectl_text("create", "namespace", NEVER)
    argv = [str(STATE / "bin" / "kubectl"), f"--kubeconfig={sandbox.env['KUBECONFIG']}", "apply", "--filename=-"]
    subprocess.run(argv, input=json.dumps(body), text=True, check=True, stdout=subprocess.DEVNULL, timeout=30)
    return NEVER


def test_a_minute_of_waiting(sandbox: Sandbox, never_ready: str) -> None:
    try:
        cluster = {"kubeconfig": sandbox.env["KUBECONFIG"], "namespace": never_ready, "deployment": never_ready, "container": never_ready}
        told("wait for a rollout", measure({"what": "wait", "cluster": cluster, "seconds": SECONDS}))
        kubectl = ["rollout", "status", f"deployment/{never_ready}", f"--namespace={never_ready}", f"--timeout={SECONDS}s"]
        argv = [str(STATE / "bin" / "kubectl"), f"--kubeconfig={sandbox.env['KUBECONFIG']}", *kubectl]
        before, started = os.times(), time.monotonic()
        subprocess.run(argv, cwd=ROOT, check=False, capture_output=True, timeout=SECONDS * 2)
        after, minutes = os.times(), (time.monotonic() - started) / 60
        spent = (after.children_user - before.children_user + after.children_system - before.children_system) / minutes
        print(f"kubectl rollout status, a minute: {spent:.2f} s of CPU")
    finally:
        sandbox.kubectl_text("delete", "namespace", never_ready, "--wait=false")
