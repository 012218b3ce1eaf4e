# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four commands."""

from __future__ import annotations

import argparse
import fcntl
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.sandbox import (
    agents,
    ampora,
    build,
    environment,
    identity,
    images,
    machine,
    monitoring,
    packages,
    parts,
    paths,
    postgres,
    postgres_image,
    processes,
)
from tests.sandbox.commands import SandboxError, Stopwatch, say
from tests.sandbox.extended import tier
from tests.sandbox.ground import BuiltGround, Ground, choose
from tests.sandbox.settings import SETTINGS


def up(wanted: Sequence[str] = ()) -> int:
    """The default tier, and of the extended one the parts that are wanted or were wanted before."""
    ground, watch = choose(), Stopwatch()
    default_is_up = paths.ENV.exists() and all(part.up for part in parts.survey(ground))
    if default_is_up and tier.has(wanted):
        say(f"the sandbox is up already; `. {paths.ENV}` sets the shell")
        return 0
    if not default_is_up:
        _up_default(ground)
    tier.ask(wanted, ground)
    if tier.active():
        tier.start()
        environment.write_all(ground, ampora.token())
    say(f"the sandbox is up after {watch}; `. {paths.ENV}` sets the shell")
    return 0


def _up_default(ground: Ground) -> None:
    watch = Stopwatch()
    if isinstance(ground, BuiltGround) and paths.MACHINE.exists() and machine.Record.read() is None:
        say("this machine was restarted since the last `up`: starting afresh")
        shutil.rmtree(paths.MACHINE)
        shutil.rmtree(paths.RUN, ignore_errors=True)
        paths.KUBECONFIG.unlink(missing_ok=True)
    packages.install(packages.CLUSTER if isinstance(ground, BuiltGround) else {}, packages.TOOLS)
    _build()
    ground.start()
    say(f"cluster: up after {watch}")
    _fill(ground)


def _build() -> None:
    """All that is slow at the first time, before anything is started."""
    for program in (build.CRANE, build.KUSTOMIZE, build.AMPORA, build.AGENTS):
        program.build()
    postgres_image.layer()
    for program in (build.KUSTOMIZE, build.CRANE):
        build.link(program.name, program.binary)
    build.npm_package(paths.SOURCES / "oidc")


def _fill(ground: Ground) -> None:
    digest = images.push_postgres(ground.registry)
    postgres.start(f"{ground.registry}/postgres@{digest}")
    for reference in images.push_ampora(ground.registry):
        ground.forget(reference)
    ampora.prepare(ground)
    monitoring.start()
    identity.start(ground.host_address, ampora.url())
    postgres.wait()
    postgres.make_role()
    ampora.seed()
    if not ampora.deployed():
        ampora.apply()
    ampora.wait()
    agents.start(ampora.url())
    ampora.wait_until_seen()
    paths.REPORTS.mkdir(exist_ok=True)
    environment.write_all(ground, ampora.token())


def down() -> int:
    ground, watch = choose(), Stopwatch()
    if isinstance(ground, BuiltGround):
        machine.refuse_another()
        tier.stop()
    processes.stop([agents.NAME, identity.NAME, "prometheus", "discovery"], grace=5)
    ground.stop()
    left = [*ground.leftovers(), *(tier.leftovers() if isinstance(ground, BuiltGround) else [])]
    for place in (paths.MACHINE, paths.BIN, paths.RUN, paths.LOGS, paths.DEPLOY.parent, paths.RELEASE_NOTES):
        shutil.rmtree(place, ignore_errors=True)
    for file in (paths.ENV, paths.VARS):
        file.unlink(missing_ok=True)
    paths.KUBECONFIG.unlink(missing_ok=True)
    for line in left:
        say(f"left behind: {line}")
    say(f"the sandbox is down after {watch}; " + ("see above for what is left" if left else "nothing is left behind"))
    return 1 if left else 0


def reset() -> int:
    ground, watch = choose(), Stopwatch()
    if not paths.ENV.exists():
        raise SandboxError("the sandbox is not up: run `up` first")
    ground.attach()
    ampora.reset(ground)
    say(f"back to a clean {SETTINGS.start_version} after {watch}")
    return 0


def status() -> int:
    found = [*parts.survey(choose()), *tier.survey()]
    for part in found:
        say(str(part))
    memory = sum(part.memory for part in found)
    say(f"{len(found)} parts, {sum(part.up for part in found)} up, {memory / 2**20:.0f} MiB in all")
    return 0 if all(part.up for part in found) else 1


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands at once would work against each other."""
    paths.STATE.mkdir(parents=True, exist_ok=True)
    with (paths.STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxError("another command of the sandbox is at work: wait for its end") from error
        yield


COMMANDS = {"up": up, "down": down, "reset": reset, "status": status}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--tier", choices=("default", "extended"), default="default", help="for `up`: extended starts all of these too")
    parser.add_argument("--only", metavar="NAME[,NAME]", default="", help=f"for `up`: of the extended tier only {', '.join(tier.NAMES)}")
    arguments = parser.parse_args()
    names = [name for name in arguments.only.split(",") if name]
    if unknown := sorted(set(names) - set(tier.NAMES)):
        parser.error(f"there is no part {', '.join(unknown)}; there are: {', '.join(tier.NAMES)}")
    if (names or arguments.tier != "default") and arguments.command != "up":
        parser.error("--tier and --only are for `up`")
    arguments.wanted = names or (tier.NAMES if arguments.tier == "extended" else ())
    return arguments


def main() -> int:
    arguments = _arguments()
    try:
        if arguments.command == "status":
            return status()
        with _alone():
            return up(arguments.wanted) if arguments.command == "up" else COMMANDS[arguments.command]()
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
