# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents still understand the server, while both versions of the roll serve them.

The page promises one MINOR older and one MINOR newer. During the roll an agent may be sent to an old or to a new pod, so it
must fit both. That an agent's version is comparable with the server's is how the page's promise can be read and is not
written anywhere; where the agents have numbers of their own, `ampora_agent_skew: none` leaves this out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import text as time_text

if TYPE_CHECKING:
    import semver

SHOWN = 10
PEER = "peer:"  # the Fleet shows the agents of a federation's peers with this in front: they talk to the peer's server
GROUPS = ("outside", "already", "too_old", "unknown", "stale")
_DAY = 86400.0
# Agents write their own version, not always by the specification: 1.5, v1.5.0, 1.5.0.0 and 1.5.0-rc.1+abc are all understood.
_VERSION = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.[0-9]{1,9})?(-[0-9A-Za-z.-]{1,64})?(?:\+[0-9A-Za-z.-]{1,64})?")

Release = tuple[int, int, int, bool]  # the last is False for a pre-release, which comes before its release


@dataclass(frozen=True)
class Agent:
    """One agent as the Fleet lists it; `connected` is None where the list does not say."""

    id: str
    name: str = ""
    version: str = ""
    last_seen: datetime | None = None
    connected: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        seen = time_text(self.last_seen) if self.last_seen else None
        return {"id": self.id, "name": self.name, "version": self.version, "last_seen": seen, "connected": self.connected}


@dataclass(frozen=True)
class Skew:
    """Every agent that does not plainly fit, for the report; `count` is of all agents that were read."""

    count: int = 0
    outside: tuple[Agent, ...] = ()  # fit the running version, and not the other one of the roll
    already: tuple[Agent, ...] = ()  # do not fit the running version
    too_old: tuple[Agent, ...] = ()  # are older than the release notes ask for
    unknown: tuple[Agent, ...] = ()  # have no version that can be read
    stale: tuple[Agent, ...] = ()  # not seen for long: most likely gone
    peers: int = 0  # agents of federated peers, which other servers serve

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: the full lists."""
        lists = {name: [agent.to_dict() for agent in getattr(self, name)] for name in GROUPS}
        return {"count": self.count, "peers": self.peers, **lists}


@dataclass
class _Sorted:
    """The agents while they are looked at, each once."""

    count: int = 0
    peers: int = 0
    outside: list[Agent] = field(default_factory=list)
    already: list[Agent] = field(default_factory=list)
    too_old: list[Agent] = field(default_factory=list)
    unknown: list[Agent] = field(default_factory=list)
    stale: list[Agent] = field(default_factory=list)


def judge(
    agents: Iterable[Agent], versions: Sequence[semver.Version], minimum: str, now: float, *, stale_days: int, skew: bool = True
) -> tuple[list[Finding], Skew]:
    """Findings about one roll from versions[0], which runs, to versions[-1], and who they are about.

    `minimum` is the least agent version that the release notes state, or empty; `now` is in seconds since 1970; `skew` is
    False where the versions of agents and server are not comparable.
    """
    least = release(minimum) if minimum else None
    found = _Sorted()
    for agent in agents:
        found.count += 1
        _sort(found, agent, versions if skew else (), least, now - stale_days * _DAY)
    groups = {name: _ordered(getattr(found, name)) for name in GROUPS}
    result = Skew(count=found.count, peers=found.peers, **groups)
    findings = [*_minimum(result, minimum, least), *_skew(result, versions)]
    return findings, result


def release(text: str) -> Release | None:
    """A version as numbers that can be compared; None when it is none."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    return int(major), int(minor), int(patch or 0), pre is None


def fits(agent: Release, server: semver.Version) -> bool:
    """Within one MINOR of the server; another MAJOR has no promise."""
    return agent[0] == server.major and abs(agent[1] - server.minor) <= 1


def _sort(found: _Sorted, agent: Agent, versions: Sequence[semver.Version], least: Release | None, since: float) -> None:
    if agent.id.startswith(PEER):
        found.peers += 1
        return
    if not agent.connected and (agent.last_seen is None or agent.last_seen.timestamp() < since):
        # One that is connected is not gone, whatever its last frame; one that was never seen cannot be lost.
        found.stale.append(agent)
        return
    own = release(agent.version)
    if own is None:
        found.unknown.append(agent)
        return
    if least is not None and own < least:
        found.too_old.append(agent)
    misfits = [index for index, server in enumerate(versions) if not fits(own, server)]
    if misfits:
        (found.already if misfits[0] == 0 else found.outside).append(agent)


def _ordered(agents: Iterable[Agent]) -> tuple[Agent, ...]:
    """The oldest version first, so that those furthest away are named; the order of the pages has no say."""
    return tuple(sorted(agents, key=lambda agent: (release(agent.version) or (), agent.version, agent.id, agent.name)))


def _minimum(skew: Skew, minimum: str, least: Release | None) -> list[Finding]:
    if minimum and least is None:
        text = (
            f"The release notes ask for agents of {quote(minimum)} or newer, which is not a version: compare the agents' versions"
            " by eye, then acknowledge this."
        )
        return [Finding("agent-too-old", "ack", text)]
    if not skew.too_old:
        return []
    text = (
        f"{_agents(skew.too_old)} older than {minimum}, the least version that the release notes ask for:"
        f" {_named(skew.too_old)}. Update them first, or acknowledge that they may stop working."
    )
    return [Finding("agent-too-old", "ack", text, evidence=_evidence(skew.too_old))]


def _skew(skew: Skew, versions: Sequence[semver.Version]) -> list[Finding]:
    findings = []
    servers = " and ".join(dict.fromkeys(f"{version.major}.{version.minor}" for version in versions))
    if skew.outside:
        text = (
            f"{_agents(skew.outside)} within one MINOR of the running server, but not of every version of the roll ({servers}):"
            f" {_named(skew.outside)}. Bring them within one MINOR of both first, or acknowledge that they may not connect."
        )
        findings.append(Finding("agent-skew", "ack", text, evidence=_evidence(skew.outside)))
    if skew.already:
        text = (
            f"{_agents(skew.already)} more than one MINOR from the server that runs now ({versions[0]}), so the upgrade does not"
            f" bring that about: {_named(skew.already)}. Update them when it suits; where agents have version numbers of their"
            " own, set ampora_agent_skew to none."
        )
        findings.append(Finding("agent-skew-already", "info", text, evidence=_evidence(skew.already)))
    if skew.unknown:
        text = (
            f"{_agents(skew.unknown)} without a version that can be read: {_named(skew.unknown)}. Whether they fit is not known;"
            " look at them in the Fleet."
        )
        findings.append(Finding("agent-version-unknown", "info", text, evidence=_evidence(skew.unknown)))
    return findings


def _agents(agents: Sequence[Agent]) -> str:
    return "1 agent is" if len(agents) == 1 else f"{len(agents)} agents are"


def _named(agents: Sequence[Agent]) -> str:
    named = ", ".join(f"{quote(agent.id)} ({quote(agent.version, 32)})" for agent in agents[:SHOWN])
    return named + (f" and {len(agents) - SHOWN} more" if len(agents) > SHOWN else "")


def _evidence(agents: Sequence[Agent]) -> tuple[str, ...]:
    lines = [
        f"{quote(agent.id)} {quote(agent.name)} version {quote(agent.version, 32)} last seen {_seen(agent.last_seen)}"
        for agent in agents[:SHOWN]
    ]
    return (*lines, *([f"and {len(agents) - SHOWN} more"] if len(agents) > SHOWN else []))


def _seen(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else "never"
