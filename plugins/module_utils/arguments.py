# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of all actions, composed from shared groups.

One spec serves the action plugin (which validates with it) and the documentation module of the same name (which
ansible-test compares with its documentation), so that neither can drift.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import EVENTS

Spec = dict[str, Any]


def _group(options: Spec, *, required: bool = True) -> Spec:
    return {"type": "dict", "required": required, "options": options}


CLUSTER: Spec = _group(
    {
        "kubeconfig": {"type": "path", "default": ""},
        "context": {"type": "str", "default": ""},
        "namespace": {"type": "str", "required": True},
        "deployment": {"type": "str", "required": True},
        "container": {"type": "str", "required": True},
    }
)

DATABASE: Spec = _group(
    {
        "env": {"type": "str", "default": ""},
        "connection_string": {"type": "str", "default": "", "no_log": True},
        "hostaddr": {"type": "str", "default": ""},
        "root_certificate": {"type": "path", "default": ""},
        "history_query": {"type": "str", "required": True},
        "timeout": {"type": "int", "default": 10},
    }
)

MASTER_KEY: Spec = {
    # The mapping itself is no secret, whatever its name says; its value is.
    **_group(
        {
            "env": {"type": "str", "default": ""},
            "previous_env": {"type": "str", "default": ""},
            "value": {"type": "str", "default": "", "no_log": True},
            "file": {"type": "path", "default": ""},
            "attach": {"type": "bool", "default": False},
            "canary": {
                "type": "dict",
                "apply_defaults": True,
                "options": {
                    "table": {"type": "str", "default": ""},
                    "column": {"type": "str", "default": ""},
                    "schemes": {"type": "list", "elements": "str", "default": ["aes-gcm-256"]},
                },
            },
        }
    ),
    "no_log": False,
}

REGISTRY: Spec = _group(
    {
        "plain_http": {"type": "bool", "default": False},
        "auth_file": {"type": "path", "default": ""},
        "pull_secrets": {"type": "bool", "default": True},
        "mirrors": {"type": "dict", "default": {}},
        "timeout": {"type": "int", "default": 10},
    }
)

SIGNATURE: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "key": {"type": "path", "default": "", "no_log": False},
        "identity": {"type": "str", "default": ""},
        "issuer": {"type": "str", "default": ""},
        "attestation": {"type": "str", "default": ""},
        "log": {"type": "bool", "default": True},
        "cosign": {"type": "str", "default": "cosign"},
        "timeout": {"type": "int", "default": 60},
    },
}

OVERLAY_GIT: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "commit": {"type": "bool", "default": False},
        "push": {"type": "bool", "default": False},
        "remote": {"type": "str", "default": "origin"},
        "branch": {"type": "str", "default": ""},
        "commit_message": {"type": "str", "default": "Upgrade {deployment} to {version}"},
    },
}

PROMETHEUS: Spec = _group(
    {
        "url": {"type": "str", "default": ""},
        "username": {"type": "str", "default": ""},
        "password": {"type": "str", "default": "", "no_log": True},
        "token": {"type": "str", "default": "", "no_log": True},
        "tenant": {"type": "str", "default": ""},
        "ca_file": {"type": "path", "default": ""},
        "client_cert": {"type": "path", "default": ""},
        "client_key": {"type": "path", "default": "", "no_log": False},  # a file's name
        "timeout": {"type": "int", "default": 5},
    }
)

POD_METRICS: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {"port": {"type": "str", "default": ""}, "path": {"type": "str", "default": ""}},
}

OVERLAY: Spec = _group(
    {
        "path": {"type": "path", "required": True},
        "image_name": {"type": "str", "required": True},
        "kubectl": {"type": "str", "default": "kubectl"},
    }
)

SNAPSHOT_METHODS = ("job", "local", "volume_snapshot", "command")

VOLUME: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "claim": {"type": "str", "default": ""},
        "namespace": {"type": "str", "default": ""},
        "class": {"type": "str", "default": ""},
        "checkpoint": {"type": "bool", "default": False},
    },
}

COMMAND: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {verb: {"type": "list", "elements": "str", "default": []} for verb in ("take", "verify", "restore", "remove")},
}

S3: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "endpoint": {"type": "str", "default": ""},
        "bucket": {"type": "str", "default": ""},
        "prefix": {"type": "str", "default": ""},
        "region": {"type": "str", "default": "us-east-1"},
        "access_key": {"type": "str", "default": "", "no_log": True},
        "secret_key": {"type": "str", "default": "", "no_log": True},
        "ca_file": {"type": "path", "default": ""},
    },
}

SNAPSHOT_INPUTS: Spec = _group(
    {
        "method": {"type": "str", "default": "job", "choices": list(SNAPSHOT_METHODS)},
        "image": {"type": "str", "required": True},
        "claim": {"type": "str", "required": True},
        "directory": {"type": "path", "default": ""},
        "client": {"type": "path", "default": ""},
        "jobs": {"type": "int", "default": 2},
        "timeout": {"type": "int", "default": 3600},
        "user": {"type": "int", "default": 999},
        "proof": {"type": "str", "default": "decode", "choices": ["decode", "restore"]},
        "keep": {"type": "int", "default": 10},
        "audit_query": {"type": "str", "default": ""},
        "s3": S3,
        "volume": VOLUME,
        "command": COMMAND,
    }
)

SIGNALS: Spec = {
    "type": "list",
    "elements": "dict",
    "required": True,
    "options": {
        "name": {"type": "str", "required": True},
        "promql": {"type": "str", "default": ""},
        "kind": {"type": "str", "required": True, "choices": ["level", "recovery", "growth"]},
        "min": {"type": "raw"},
        "max": {"type": "raw"},
        "absent": {"type": "str", "default": "fail", "choices": ["fail", "zero"]},
        "slack": {"type": "float", "default": 0.0},
        "metric": {"type": "str", "default": ""},
        "labels": {"type": "dict", "default": {}},
        "aggregate": {"type": "str", "default": "sum", "choices": ["sum", "max", "min", "increase"]},
    },
}

# Only the endpoints and the token are documented by the product; the JSON's form is not, so its names are options.
API: Spec = _group(
    {
        "url": {"type": "str", "default": ""},
        "token": {"type": "str", "default": "", "no_log": True},
        "ca_file": {"type": "path", "default": ""},
        "timeout": {"type": "int", "default": 10},
        "agents_path": {"type": "str", "default": "/api/agents"},
        "rollouts_path": {"type": "str", "default": "/api/rollouts"},
        "configurations_path": {"type": "str", "default": "/api/configurations"},
        "page_parameter": {"type": "str", "default": "page"},
        "size_parameter": {"type": "str", "default": "pageSize"},
        "page_size": {"type": "int", "default": 200},
        "pages": {"type": "int", "default": 250},
        "items_field": {"type": "str", "default": "items"},
        "total_field": {"type": "str", "default": "total"},
        "next_field": {"type": "str", "default": "next"},
        "fields": {
            "type": "dict",
            "apply_defaults": True,
            "options": {
                "id": {"type": "str", "default": "id"},
                "name": {"type": "str", "default": "name"},
                "version": {"type": "str", "default": "version"},
                "last_seen": {"type": "str", "default": "lastSeenUtc"},
                "connected": {"type": "str", "default": "connected"},
                "state": {"type": "str", "default": "state"},
            },
        },
    }
)

SPOT_CHECK_MODES = ["browser", "api", "both", "none"]
TARGET_VERSION: Spec = {"type": "str", "default": ""}
RUN: Spec = {"type": "str", "default": ""}

RULES: Spec = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "id": {"type": "str", "required": True},
        "when": {"type": "str", "required": True},
        "severity": {"type": "str", "default": "block", "choices": ["info", "ack", "block"]},
        "text": {"type": "str", "required": True},
    },
}

OVERRIDES: Spec = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "rule": {"type": "str", "required": True},
        "reason": {"type": "str", "required": True},
        "until": {"type": "str", "default": ""},
    },
}

WINDOWS: Spec = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "start": {"type": "str", "required": True},
        "duration": {"type": "str", "required": True},
        "rrule": {"type": "str", "default": ""},
        "timezone": {"type": "str", "default": "UTC"},
    },
}

ADVISORIES: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {"location": {"type": "str", "default": ""}, "package": {"type": "str", "default": "ampora"}},
}

LOKI: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "url": {"type": "str", "default": ""},
        "selector": {"type": "str", "default": ""},
        "username": {"type": "str", "default": ""},
        "password": {"type": "str", "default": "", "no_log": True},
        "token": {"type": "str", "default": "", "no_log": True},
        "tenant": {"type": "str", "default": ""},
        "ca_file": {"type": "path", "default": ""},
        "timeout": {"type": "int", "default": 10},
    },
}

AGENTS: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "skew": {"type": "str", "default": "product", "choices": ["product", "none"]},
        "stale_days": {"type": "int", "default": 30},
    },
}

GITOPS: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "kind": {"type": "str", "default": "Application", "choices": ["Application", "Kustomization"]},
        "namespace": {"type": "str", "default": ""},
        "name": {"type": "str", "default": ""},
    },
}

APPLY: Spec = {"type": "str", "default": "kubectl", "choices": ["kubectl", "gitops"]}

MIGRATION_LOG: Spec = {"type": "str", "default": r"Microsoft\.EntityFrameworkCore\.Migrations\S*: Applying"}

NOTIFY: Spec = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "urls": {"type": "list", "elements": "str", "default": [], "no_log": True},
        "events": {"type": "list", "elements": "str", "default": list(EVENTS), "choices": list(EVENTS)},
    },
}

PLAN: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "master_key": MASTER_KEY,
    "registry": REGISTRY,
    "prometheus": PROMETHEUS,
    "pod_metrics": POD_METRICS,
    "overlay": OVERLAY,
    "git": OVERLAY_GIT,
    "apply": APPLY,
    "signature": SIGNATURE,
    "snapshot": SNAPSHOT_INPUTS,
    "signals": SIGNALS,
    "target_version": {"type": "str", "required": True},
    "current_version": {"type": "str", "default": ""},
    "change": {"type": "str", "default": "upgrade", "choices": ["upgrade", "downgrade"]},
    "watch_seconds": {"type": "int", "default": 0},
    "release_notes": {"type": "str", "required": True},
    "release_notes_token": {"type": "str", "default": "", "no_log": True},
    "upgrade_graph": {"type": "str", "default": ""},
    "advisories": ADVISORIES,
    "windows": WINDOWS,
    "field_managers": {"type": "list", "elements": "str", "default": []},
    "log_window": {"type": "str", "default": "0"},
    "loki": LOKI,
    "api": API,
    "agents": AGENTS,
    "pause_rollouts": {"type": "bool", "default": False},
    "path": {"type": "str", "default": "direct", "choices": ["direct", "auto"]},
    "acks": {"type": "dict", "default": {}},
    "overrides": OVERRIDES,
    "rules": RULES,
    "migrate": {"type": "str", "default": "startup", "choices": ["startup", "job", "external"]},
    "migrate_job": {"type": "path", "default": ""},
    "spot_check": {"type": "str", "default": "browser", "choices": SPOT_CHECK_MODES},
    "minimum_server_version": {"type": "int", "required": True},
    "placeholder_annotation": {"type": "str", "default": ""},
    "notify": NOTIFY,
}

JOURNAL: Spec = {
    "cluster": CLUSTER,
    "notify": NOTIFY,
    "state": {"type": "str", "required": True, "choices": ["opened", "held", "closed"]},
    "kind": {"type": "str", "default": "upgrade", "choices": ["upgrade", "downgrade", "rollback", "swap_back"]},
    "plan": {"type": "dict", "default": {}},
    "outcome": {"type": "str", "choices": ["upgraded", "rolled back", "swapped back", "held", "failed"]},
    "next_command": {"type": "str", "default": ""},
}

SOAK: Spec = {
    "cluster": CLUSTER,
    "seconds": {"type": "int", "required": True},
}

SNAPSHOT: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "master_key": MASTER_KEY,
    "snapshot": SNAPSHOT_INPUTS,
    "current_version": {"type": "str", "default": ""},
    "registry": REGISTRY,
}

PIN: Spec = {
    "cluster": CLUSTER,
    "overlay": OVERLAY,
    "git": OVERLAY_GIT,
    "registry": REGISTRY,
    "signature": SIGNATURE,
    "target_version": TARGET_VERSION,
    "digest": {"type": "str", "default": ""},
}

MIGRATE: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "overlay": OVERLAY,
    "mode": {"type": "str", "required": True, "choices": ["startup", "job", "external"]},
    "job": {"type": "path", "default": ""},
    "migration_log": MIGRATION_LOG,
    "timeout": {"type": "int", "default": 900},
}

ROLLOUT: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "overlay": OVERLAY,
    "apply": APPLY,
    "gitops": GITOPS,
    "gitops_timeout": {"type": "int", "default": 600},
    "migration_log": MIGRATION_LOG,
    "ready_timeout": {"type": "int", "default": 120},
    "timeout": {"type": "int", "default": 600},
}

WATCH: Spec = {
    "cluster": CLUSTER,
    "notify": NOTIFY,
    "prometheus": PROMETHEUS,
    "pod_metrics": POD_METRICS,
    "signals": SIGNALS,
    "state": {"type": "str", "default": "watched", "choices": ["watched", "measured", "judged"]},
    "settle": {"type": "int", "default": 60},
    "duration": {"type": "int", "default": 300},
    "interval": {"type": "int", "default": 15},
    "reference": {"type": "int", "default": 300},
    "compare": {"type": "str", "default": "day", "choices": ["before", "day", "week"]},
    "alerts": {"type": "str", "default": ""},
    "restarts": {"type": "int", "default": 0},
    "run": RUN,
    "window": {
        "type": "dict",
        "apply_defaults": True,
        "options": {"start": {"type": "str", "default": ""}, "end": {"type": "str", "default": ""}},
    },
}

LOGIN: Spec = {
    "type": "dict",
    "required": True,
    "options": {
        "username": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "start_selector": {"type": "str", "required": True},
        "username_selector": {"type": "str", "required": True},
        "password_selector": {"type": "str", "required": True, "no_log": False},
        "submit_selector": {"type": "str", "required": True},
        "accept_selectors": {"type": "list", "elements": "str", "default": []},
        "error_selector": {"type": "str", "default": ""},
    },
}

SPOT_CHECK: Spec = {
    "cluster": CLUSTER,
    "mode": {"type": "str", "default": "browser", "choices": SPOT_CHECK_MODES},
    "url": {"type": "str", "required": True},
    "pages": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {"name": {"type": "str", "required": True}, "path": {"type": "str", "required": True}},
    },
    "version_selector": {"type": "str", "required": True},
    "error_selector": {"type": "str", "default": ""},
    "settings_path": {"type": "str", "default": ""},
    "deprecation_selector": {"type": "str", "default": ""},
    "ignore": {"type": "list", "elements": "str", "default": []},
    "target_version": TARGET_VERSION,
    "login": LOGIN,
    "api": API,
    "browser_path": {"type": "path", "default": ""},
    "screenshots": {"type": "path", "default": ""},
    "timeout": {"type": "int", "default": 30},
}

ACCEPT_DATA_LOSS: Spec = {"type": "str", "default": ""}
ACCEPT_IN_PLACE: Spec = {"type": "str", "default": ""}

DATA: Spec = _group(
    {
        "audit_table": {"type": "str", "default": ""},
        "agents_table": {"type": "str", "default": ""},
        "volatile_tables": {"type": "list", "elements": "str", "default": []},
    }
)

ROUTE: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "master_key": MASTER_KEY,
    "data": DATA,
    "run": RUN,
    "automatic": {"type": "bool", "default": False},
    "swap_back": RUN,
    "accept_data_loss": ACCEPT_DATA_LOSS,
    "accept_in_place": ACCEPT_IN_PLACE,
}

UNDO: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "run": RUN,
    "apply": APPLY,
    "gitops": GITOPS,
    "gitops_timeout": {"type": "int", "default": 600},
    "timeout": {"type": "int", "default": 600},
}

RESTORE: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "master_key": MASTER_KEY,
    "data": DATA,
    "snapshot": SNAPSHOT_INPUTS,
    "run": RUN,
    "accept_data_loss": ACCEPT_DATA_LOSS,
    "accept_in_place": ACCEPT_IN_PLACE,
    "export_directory": {"type": "path", "default": "reports"},
    "apply": APPLY,
    "timeout": {"type": "int", "default": 600},
}

SWAP_BACK: Spec = {
    "cluster": CLUSTER,
    "database": DATABASE,
    "run": RUN,
    "apply": APPLY,
    "timeout": {"type": "int", "default": 600},
}

RELEASE: Spec = {"cluster": CLUSTER, "database": DATABASE, "run": RUN}

REPORT: Spec = {
    "cluster": CLUSTER,
    "directory": {"type": "path", "required": True},
    "run": RUN,
    "plan": {"type": "dict", "default": {}},
}

CONFIGURATION_ROLLOUTS: Spec = {
    "cluster": CLUSTER,
    "api": API,
    "state": {"type": "str", "required": True, "choices": ["paused", "resumed"]},
    "timeout": {"type": "int", "default": 60},
}
