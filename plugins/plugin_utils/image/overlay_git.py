# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Git port of an overlay: the git program itself, by argument lists.

git and no library, so that the user's own settings hold: signing, hooks, credential helpers, ssh. What it says is shown
without the credentials that an address may carry.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

LOCAL_SECONDS, REMOTE_SECONDS = 30, 120
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")


class OverlayGit:
    """The work tree that the overlay's kustomization file lies in."""

    def __init__(self, file: Path) -> None:
        self._file = file.resolve()

    def keeps(self) -> bool:
        """Whether Git keeps this file (a file that is only within some work tree, or ignored, is not kept)."""
        try:
            return self._call("ls-files", "--error-unmatch", "--", self._file.name).returncode == 0
        except UpgradeError:
            return False

    def committed(self) -> str:
        """The file's text in the last commit; empty when it is not in it."""
        done = self._call("show", f"HEAD:./{self._file.name}")
        return done.stdout if done.returncode == 0 else ""

    def others(self) -> list[str]:
        """What else in the work tree is not committed, in git's own short form; files that git does not know count within the overlay."""
        tracked = self._git("status", "--porcelain=v1", "--untracked-files=no").splitlines()
        new = self._git("status", "--porcelain=v1", "--untracked-files=all", "--", ".").splitlines()
        root = Path(self._git("rev-parse", "--show-toplevel").strip())
        own = self._file.relative_to(root.resolve()).as_posix()
        found = dict.fromkeys([*tracked, *(line for line in new if line.startswith("??"))])
        return [line for line in found if line[3:].strip('"') != own]

    def head(self) -> str:
        return self._git("rev-parse", "HEAD").strip()

    def branch(self) -> str:
        """The branch that is checked out; empty when none is."""
        return self._git("branch", "--show-current").strip()

    def switch(self, name: str) -> None:
        """Go to a branch, which is made where there is none; the tree has been seen to be clean."""
        known = self._call("rev-parse", "--verify", "--quiet", f"refs/heads/{name}").returncode == 0
        self._git("switch", *([] if known else ["--create"]), name)

    def commit(self, message: str) -> bool:
        """Commit this file alone; False when there is nothing to commit."""
        if not self._git("status", "--porcelain=v1", "--", self._file.name).strip():
            return False
        self._git("commit", "--only", f"--message={message}", "--", self._file.name)
        return True

    def push(self, remote: str, branch: str) -> bool:
        """Push what is checked out to that branch; False when the remote has it already."""
        there = self._git("ls-remote", "--", remote, f"refs/heads/{branch}", seconds=REMOTE_SECONDS).split()
        if there[:1] == [self.head()]:
            return False
        self._git("push", "--", remote, f"HEAD:refs/heads/{branch}", seconds=REMOTE_SECONDS)
        return True

    def _git(self, *words: str, seconds: int = LOCAL_SECONDS) -> str:
        done = self._call(*words, seconds=seconds)
        if done.returncode != 0:
            lines = tuple(_without_credentials(line) for line in done.stderr.strip().splitlines()[-8:])
            reason = next((line for line in lines if line.startswith(("fatal:", "error:", " !"))), lines[-1] if lines else "no message")
            raise UpgradeError(
                f"git {words[0]} in {self._file.parent} fails: {reason.strip()}.", next_step=_advice(words[0]), evidence=lines
            )
        return str(done.stdout)

    def _call(self, *words: str, seconds: int = LOCAL_SECONDS) -> subprocess.CompletedProcess[str]:
        # Nobody is there to answer a question; a hook or helper that asks one fails instead of hanging.
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        argv: Sequence[Any] = ["git", "-C", self._file.parent, *words]
        try:
            return subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
                env=environment,
            )
        except FileNotFoundError as error:
            raise UpgradeError(
                "There is no program git on the controller, and ampora_overlay_git asks for it.", next_step="Install it."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise UpgradeError(f"git {words[0]} did not end in {seconds} s.", next_step="Check the remote and its credentials.") from error


def _without_credentials(line: str) -> str:
    text = "".join(character if character.isprintable() else " " for character in line)
    return _USER_INFO.sub("***@", text)[:500]


def _advice(verb: str) -> str:
    return {
        "push": "Bring the local branch up to date with the remote (or name another branch), then run the same command again.",
        "ls-remote": "Check the remote's address and credentials, then run the same command again.",
        "commit": "Set user.name and user.email, or mend the hook that refuses; then run the same command again.",
    }.get(verb, "Look at the work tree, then run the same command again.")
