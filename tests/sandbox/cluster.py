# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes: every component from the one binary, each with its own certificate and kubeconfig."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import requests

from tests.sandbox import build, containers, paths
from tests.sandbox.certificates import Authority, new_key
from tests.sandbox.commands import wait_for
from tests.sandbox.files import write
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

_PORTS = SETTINGS.ports
_FOLDER = paths.MACHINE / "kubernetes"
_ETCD = f"http://127.0.0.1:{_PORTS.etcd}"
_SERVER = f"https://{SETTINGS.node_address}:{_PORTS.apiserver}"
_LOCAL = "127.0.0.1"
COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")


@cache
def _authority() -> Authority:
    return Authority(paths.PKI / "cluster", "sandbox cluster")


def _kubeconfig(name: str, common_name: str, organization: str = "") -> Path:
    """A kubeconfig with the client certificate inside it."""
    path = paths.KUBECONFIG if name == "admin" else _FOLDER / f"{name}.kubeconfig"
    if path.exists():
        return path
    authority = _authority()
    certificate, key = authority.issue(name, common_name=common_name, organization=organization)
    ca, crt, private = (base64.b64encode(file.read_bytes()).decode() for file in (authority.certificate_file, certificate, key))
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "sandbox", "cluster": {"server": _SERVER, "certificate-authority-data": ca}}],
        "users": [{"name": name, "user": {"client-certificate-data": crt, "client-key-data": private}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": name}}],
        "current-context": "sandbox",
    }
    write(path, json.dumps(content, indent=2).encode())
    return path


def _component(name: str, *flags: str) -> Daemon:
    return Daemon(name, [build.KUBERNETES.binary, name, *flags])


def etcd() -> Daemon:
    peer = f"http://127.0.0.1:{_PORTS.etcd_peer}"
    return _component(
        "etcd",
        "--name=sandbox",
        f"--data-dir={_FOLDER / 'etcd'}",
        "--unsafe-no-fsync",
        "--log-level=warn",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=sandbox={peer}",
    )


def apiserver() -> Daemon:
    authority = _authority()
    names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", f"kubernetes.default.svc.{SETTINGS.domain}", "localhost"]
    addresses = [SETTINGS.node_address, SETTINGS.kubernetes_service, _LOCAL]
    certificate, key = authority.issue("apiserver", common_name="kube-apiserver", alternatives=[*names, *addresses])
    client, client_key = authority.issue("apiserver-kubelet-client", common_name="apiserver", organization="system:masters")
    accounts = _service_account_key()
    return _component(
        "kube-apiserver",
        f"--etcd-servers={_ETCD}",
        # The node's address and not loopback: pods can reach it, so the endpoints of the Service `kubernetes` are true.
        f"--bind-address={SETTINGS.node_address}",
        f"--advertise-address={SETTINGS.node_address}",
        f"--secure-port={_PORTS.apiserver}",
        f"--tls-cert-file={certificate}",
        f"--tls-private-key-file={key}",
        f"--client-ca-file={authority.certificate_file}",
        f"--kubelet-client-certificate={client}",
        f"--kubelet-client-key={client_key}",
        # Without it `logs` and `exec` look the node's name up in DNS.
        "--kubelet-preferred-address-types=InternalIP",
        f"--service-account-issuer=https://kubernetes.default.svc.{SETTINGS.domain}",
        f"--service-account-key-file={accounts}",
        f"--service-account-signing-key-file={accounts}",
        f"--service-cluster-ip-range={SETTINGS.service_cidr}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
    )


def _service_account_key() -> Path:
    path = paths.PKI / "cluster" / "service-accounts.key"
    if not path.exists():
        new_key(path)
    return path


def controller_manager() -> Daemon:
    return _component(
        "kube-controller-manager",
        f"--kubeconfig={_kubeconfig('controller-manager', 'system:kube-controller-manager')}",
        f"--service-account-private-key-file={_service_account_key()}",
        f"--root-ca-file={_authority().certificate_file}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        f"--bind-address={_LOCAL}",
        f"--secure-port={_PORTS.controller_manager}",
    )


def scheduler() -> Daemon:
    return _component(
        "kube-scheduler",
        f"--kubeconfig={_kubeconfig('scheduler', 'system:kube-scheduler')}",
        "--leader-elect=false",
        f"--bind-address={_LOCAL}",
        f"--secure-port={_PORTS.scheduler}",
    )


def kubelet() -> Daemon:
    folder = paths.MACHINE / "kubelet"
    resolv = _FOLDER / "resolv.conf"
    write(resolv, b"")
    path = _FOLDER / "kubelet.json"
    write(path, json.dumps({**_kubelet_config(), "resolvConf": str(resolv), "volumePluginDir": str(folder / "volume-plugins")}).encode())
    node = f"system:node:{SETTINGS.node}"
    return _component(
        "kubelet",
        f"--config={path}",
        f"--kubeconfig={_kubeconfig('kubelet', node, 'system:nodes')}",
        f"--root-dir={folder}",
        f"--cert-dir={folder / 'pki'}",
        f"--hostname-override={SETTINGS.node}",
        f"--node-ip={SETTINGS.node_address}",
    )


def _kubelet_config() -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": SETTINGS.node_address,
        "port": _PORTS.kubelet,
        "healthzBindAddress": _LOCAL,
        "healthzPort": _PORTS.kubelet_health,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(_authority().certificate_file)},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{containers.SOCKET}",
        "clusterDNS": [SETTINGS.node_address],
        "clusterDomain": SETTINGS.domain,
        "podLogsDir": str(paths.MACHINE / "pod-logs"),
        # A kernel with control groups v1, swap, or without CAP_SYS_RESOURCE is good enough for a sandbox.
        "cgroupDriver": "cgroupfs",
        "failSwapOn": False,
        "failCgroupV1": False,
        "enforceNodeAllocatable": [],
        "featureGates": {"KubeletInUserNamespace": True},
        "localStorageCapacityIsolation": False,
        "evictionHard": {},
        "imageGCHighThresholdPercent": 100,
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
    }


def proxy() -> Daemon:
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(_kubeconfig("kube-proxy", "system:kube-proxy"))},
        "hostnameOverride": SETTINGS.node,
        "healthzBindAddress": f"{_LOCAL}:{_PORTS.proxy_health}",
        "metricsBindAddress": f"{_LOCAL}:{_PORTS.proxy_metrics}",
        "mode": "iptables",
        "clusterCIDR": SETTINGS.pod_cidr,
        "nodePortAddresses": [f"{SETTINGS.node_address}/32"],
        # Replies between two pods on the bridge come back through the Service's translation on every kernel.
        "iptables": {"masqueradeAll": True, "localhostNodePorts": False, "minSyncPeriod": "0s"},
        # These kernel settings may be read-only; 0 leaves them alone.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
    path = _FOLDER / "kube-proxy.json"
    write(path, json.dumps(config, indent=2).encode())
    return _component("kube-proxy", f"--config={path}")


def start() -> None:
    """Up to the point where the API answers; nodes and pods follow."""
    build.KUBERNETES.build()
    build.link("kubectl", build.KUBECTL.build())
    _kubeconfig("admin", "admin", "system:masters")
    etcd().start()
    if apiserver().start() or not ready():
        wait_for("the API server", ready, timeout=60, log=apiserver().log)
    for component in (controller_manager(), scheduler(), kubelet(), proxy()):
        component.start()


def ready() -> bool:
    authority = _authority()
    client = tuple(str(path) for path in authority.issue("admin", common_name="admin", organization="system:masters"))
    try:
        answer = requests.get(f"{_SERVER}/readyz", verify=str(authority.certificate_file), cert=(client[0], client[1]), timeout=2)
    except requests.RequestException:
        return False
    return answer.ok
