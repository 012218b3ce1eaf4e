# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read for a plan, before anything is judged. A part that could not be read is empty, and `unreadable` says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import ImageEntry
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.encrypted import Proof
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.agents import Agent
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration import LiveKey
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import Rollout
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import LogFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.graph import Graph
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_controller import SnapshotTool
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_room import DumpRoom
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.windows import Window
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState

if TYPE_CHECKING:
    import semver


@dataclass(frozen=True)
class Unreadable:
    """A part of the world that could not be read; its name is the id of the finding."""

    part: str
    message: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hop:
    """One upgrade of the path: `current` and `target` are as in the plan (version, image, digest, ...)."""

    number: int
    current: dict[str, Any]
    target: dict[str, Any]
    change: str
    label: str = ""  # the version that the target's image says of itself


@dataclass(frozen=True)
class Unfinished:
    """A run that has not ended, and that this one does not go on with."""

    kind: str
    run: str
    target: str


@dataclass(frozen=True)
class Workload:
    deployment: Mapping[str, Any]
    container: Mapping[str, Any]
    state: RolloutState


@dataclass(frozen=True)
class Surroundings:
    """What else in the cluster has a say in a rollout; nodes and pods of all namespaces are None where they may not be read."""

    budgets: Sequence[Mapping[str, Any]] = ()
    autoscalers: Sequence[Mapping[str, Any]] = ()
    quotas: Sequence[Mapping[str, Any]] = ()
    node_platforms: tuple[str, ...] = ()  # os/architecture; none where nodes may not be read
    room: tuple[Finding, ...] = ()  # judged while the pods of all namespaces are read, which are too many to keep


@dataclass(frozen=True)
class DatabaseFacts:
    server_version: int
    size: int
    migrations: tuple[str, ...]
    minimum: int
    may_create_databases: bool
    locks: tuple[Any, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"server_version": self.server_version, "size": self.size, "migrations": list(self.migrations)}


@dataclass(frozen=True)
class OverlayFacts:
    """The overlay's entry for the image, and the images that it renders and that is live."""

    entry: ImageEntry | None
    image_name: str
    repository: str
    rendered: str
    live: str
    changes: tuple[str, ...] = ()  # beside the image, by a server-side dry run
    not_committed: tuple[str, ...] = ()  # where Git keeps it
    given_by: str = ""  # the name of another entry that gives the rendered image, where `entry` is None


@dataclass(frozen=True)
class SignalFacts:
    values: Mapping[str, float | None]
    absent_is_zero: tuple[str, ...]
    replicas: int
    counts: Mapping[str, int] = field(default_factory=dict)  # of the series that each gives
    ages: Mapping[str, float | None] = field(default_factory=dict)  # seconds since the newest sample; None is not known
    prometheus: bool = True  # or the pods themselves are asked


@dataclass(frozen=True)
class AgentFacts:
    """The Fleet as far as the API shows it; `skew` is whether an agent's version is comparable with the server's."""

    agents: tuple[Agent, ...]
    skew: bool
    stale_days: int


@dataclass(frozen=True)
class KeyFacts:
    """Which configuration keys are set, and the places whose keys could not be read."""

    keys: tuple[LiveKey, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass
class Facts:
    """The world as far as a plan looks at it."""

    now: float = 0.0  # seconds since 1970
    kind: str = "upgrade"  # or downgrade
    dry: bool = False  # planned only, to be run at another time
    windows: tuple[Window, ...] = ()
    watch_seconds: int = 0  # how long each hop is watched, for the forecast
    deployment: dict[str, Any] = field(default_factory=dict)  # namespace, name, container
    current: dict[str, Any] = field(default_factory=dict)  # version, image, digest, revision, replicas
    target: dict[str, Any] = field(default_factory=dict)  # the last hop's, as far as it is known
    change: str = ""
    hops: list[Hop] = field(default_factory=list)
    available: list[semver.Version] = field(default_factory=list)
    graph: Graph = field(default_factory=Graph)
    answers: dict[str, float | None] = field(default_factory=dict)  # of the graph's queries, by the risk's id
    on_hold: dict[str, str] = field(default_factory=dict)  # version -> the run that went back from it
    resumes: str = ""  # the id of the unfinished run that this plan goes on with
    foreign_holder: str = ""
    unfinished: Unfinished | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    signatures: dict[str, dict[str, Any]] = field(default_factory=dict)  # version -> what cosign proved; empty when nobody asked
    missing: dict[str, str] = field(default_factory=dict)  # id of the finding -> what is not there, in a sentence
    notes: list[ReleaseNote] = field(default_factory=list)
    by_gitops: bool = False
    commits: bool = False  # the pin is committed
    pushes: bool = False  # and pushed
    workload: Workload | None = None
    surroundings: Surroundings | None = None
    field_managers: tuple[str, ...] = ()  # that may own the image, beside ours
    dump_room: DumpRoom | None = None  # None for a method that keeps its snapshots elsewhere
    snapshot_tool: SnapshotTool | None = None  # of the method `command`
    notify_missing: bool = False  # messages are asked for, and what sends them is not there
    database: DatabaseFacts | None = None
    overlay: OverlayFacts | None = None
    key_proof: Proof | None = None  # of the master key; None for an application without one, or when it cannot be read
    key_rotated_by: str = ""  # the variable of the previous master key, where it is set
    placeholders: dict[str, Mapping[str, str]] = field(default_factory=dict)  # Secret -> its annotations
    placeholder_annotation: str = ""
    signals: SignalFacts | None = None
    denied: list[tuple[str, str, str, str]] = field(default_factory=list)
    keys: KeyFacts | None = None
    logs: LogFacts | None = None
    advisories: tuple[Advisory, ...] = ()
    unread_advisories: tuple[str, ...] = ()
    kubernetes_version: str = ""
    fleet: AgentFacts | None = None
    rollouts: tuple[Rollout, ...] = ()  # of configurations, by the API
    may_pause_rollouts: bool = False
