# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to chats, mail and webhooks, by Apprise (https://github.com/caronc/apprise), an optional package.

An address of Apprise holds tokens and passwords, so no address, no part of one and no text of an error that could quote one leaves
this file: places are named by their number and by the name of their service.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import Notice

try:
    import apprise
except ImportError:
    apprise = None  # type: ignore[assignment]

DEADLINE_SECONDS = 10.0  # for all addresses together: a run waits no longer for somebody to be told


def deliver(urls: Sequence[str], message: Notice, deadline: float = DEADLINE_SECONDS) -> list[str]:
    """Send it to every address at once; a sentence for each that did not take it in time. Never an error."""
    if not apprise:
        return ["ampora_notify is set and the Python package apprise is not installed on the controller: pip install apprise"]
    for talkative in ("apprise", "urllib3"):  # a log of ansible-playbook would get the addresses with their paths
        logging.getLogger(talkative).setLevel(logging.CRITICAL)
    problems: list[str] = []
    places: list[tuple[str, Any]] = []
    for number, url in enumerate(urls, 1):
        place = apprise.Apprise()
        if place.add(url):
            places.append((f"address {number} of ampora_notify ({place[0].service_name})", place))
        else:
            problems.append(f"address {number} of ampora_notify is not one that Apprise knows")
    taken = _send(places, message, deadline)
    return [*problems, *(f"{name} did not take the message" for name, _place in places if name not in taken)]


def _send(places: Sequence[tuple[str, Any]], message: Notice, deadline: float) -> set[str]:
    """The names of the places that took it; what hangs is left to end with the process."""
    taken: set[str] = set()

    def send(name: str, place: Any) -> None:
        try:
            if place.notify(title=message.title, body=message.body, notify_type=message.kind, body_format="text"):
                taken.add(name)
        except Exception:  # of whichever of the hundred services: its text may quote the address
            return

    threads = [threading.Thread(target=send, args=place, daemon=True) for place in places]
    for thread in threads:
        thread.start()
    end = time.monotonic() + deadline
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return set(taken)
