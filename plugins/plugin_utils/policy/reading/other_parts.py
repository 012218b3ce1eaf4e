# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not in the cluster: the release notes, the database, Prometheus, and the controller itself."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import check_for_programs, check_in_a_pod
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import window_seconds
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import AgentFacts, DatabaseFacts, SignalFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_controller import SnapshotTool
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_room import DumpRoom
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import advisory_source, loki, pod_logs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.graph_source import read_graph
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.notes_source import read_notes
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.cluster_parts import dump_forecast
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.world import World
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import find_manifests
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.metrics import open_metrics
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.prometheus import Prometheus


def read_upgrade_graph(world: World) -> None:
    """The graph, and what Prometheus says to its risks; a query without an answer is a risk that cannot be told."""
    facts = world.facts
    facts.graph = read_graph(world.args["upgrade_graph"])
    for name, promql in facts.graph.asked().items():
        try:
            count, value = Prometheus(world.args["prometheus"]).look(promql, facts.now)
        except UpgradeError:
            count, value = 0, None
        facts.answers[name] = value if count == 1 else None


def read_release_notes(world: World) -> None:
    if any(hop.change not in {"none", "downgrade"} for hop in world.facts.hops):
        world.facts.notes = read_notes(world.args["release_notes"], token=world.args["release_notes_token"])


def read_advisories(world: World) -> None:
    options = world.args["advisories"]
    world.facts.advisories, world.facts.unread_advisories = advisory_source.read_advisories(options["location"], options["package"])


def read_database(world: World) -> None:
    database = open_database(world.cluster, world.args["database"], world.deployed.deployment)
    if world.args["snapshot"]["method"] in ("job", "volume_snapshot"):
        check_in_a_pod(database.parameters)
    else:
        check_for_programs(database.parameters)
    database = world.closing.enter_context(database.held())
    found = database.facts()
    world.facts.database = DatabaseFacts(
        server_version=found["server_version"],
        size=found["size"],
        migrations=tuple(found["migrations"]),
        minimum=world.args["minimum_server_version"],
        may_create_databases=found["may_create_databases"],
        locks=tuple(database.advisory_locks()),
    )
    world.database = database


def read_signals(world: World) -> None:
    """What each signal says now, by whom the watch will ask."""
    args, now, replicas = world.args, world.facts.now, world.deployed.replicas
    signals = [Signal.from_dict(entry, replicas=replicas) for entry in args["signals"]]
    zero = tuple(signal.name for signal in signals if signal.absent == "zero")
    values, history = open_metrics(world.cluster, signals, args)
    if history is None:
        found = {signal.name: values.value(signal, now) for signal in signals}
        world.facts.signals = SignalFacts(found, zero, replicas, prometheus=False)
        return
    seen = {signal.name: history.look(signal, now) for signal in signals}
    ages = {signal.name: history.age(signal, now) for signal in signals}
    found, counts = {name: value for name, (_count, value) in seen.items()}, {name: count for name, (count, _value) in seen.items()}
    world.facts.signals = SignalFacts(found, zero, replicas, counts, ages)


def read_agents(world: World) -> None:
    """The Fleet and the configuration rollouts; without an address and a token they are not looked at."""
    options, agents = world.args["api"], world.args["agents"]
    if not (options["url"] and options["token"]):
        return
    api = AmporaApi(options)
    world.facts.fleet = AgentFacts(tuple(api.agents()), agents["skew"] == "product", agents["stale_days"])
    world.facts.rollouts = tuple(api.rollouts())
    world.facts.may_pause_rollouts = world.args["pause_rollouts"]


def read_logs(world: World) -> None:
    """The deprecation warnings of the last hours: from Loki where it is named, else from the pods themselves."""
    window, now = window_seconds(world.args["log_window"]), world.facts.now
    if window:
        options = world.args["loki"]
        world.facts.logs = (
            loki.read(options, window, now) if options["url"] else pod_logs.read(world.cluster, world.deployed.deployment, window, now)
        )


def read_controller(world: World) -> None:
    """What must be there where ansible-playbook runs."""
    _read_snapshots_place(world)
    world.facts.notify_missing = bool(world.args["notify"]["urls"]) and importlib.util.find_spec("apprise") is None
    job = world.args["migrate_job"]
    if world.args["migrate"] == "job" and not Path(job).is_file():
        world.facts.missing["migrate-job-missing"] = (
            f"ampora_migrate is job, and ampora_migrate_job is {job or 'empty'}: name the file with your migration Job."
        )
    mode = world.args["spot_check"]
    if mode in ("browser", "both") and importlib.util.find_spec("playwright") is None:
        world.facts.missing["browser-missing"] = (
            f"ampora_spot_check is {mode}, and the Python package playwright is not installed on the controller;"
            " install it or set ampora_spot_check to api or none."
        )
    if mode in ("api", "both") and not world.args["api"]["token"].strip():
        world.facts.missing["api-token-missing"] = (
            f"ampora_spot_check is {mode}, and ampora_api_token is empty; set it, or set ampora_spot_check to browser or none."
        )


def _read_snapshots_place(world: World) -> None:
    """The room for a dump in a directory of the controller, and the programs of a backup tool."""
    snapshot = world.args["snapshot"]
    if snapshot["method"] == "command":
        programs = {words[0] for words in snapshot["command"].values() if words}
        world.facts.snapshot_tool = SnapshotTool(snapshot["command"], tuple(sorted(one for one in programs if shutil.which(one) is None)))
    if snapshot["method"] == "local" and (directory := Path(snapshot["directory"])).is_absolute():
        there = next(place for place in (directory, *directory.parents) if place.is_dir())
        place, forecast = f"The directory {directory} of the controller", dump_forecast(world, find_manifests(world.cluster))
        world.facts.dump_room = DumpRoom(place, "ampora_snapshot_directory", shutil.disk_usage(there).free, forecast)
