# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port to the product's REST API: agents and configuration rollouts, page by page, with a personal access token.

Documented are the endpoints, the commands of a rollout and the token; the JSON's form, paging and rate limits are not, so
they are options. The token goes to the given origin only: no redirect is followed, and no link to another place.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import urljoin, urlsplit

try:
    import requests
    from urllib3.exceptions import HTTPError
except ImportError:  # named by the action base before anything else happens
    requests = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.agents import Agent
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import Rollout
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse as parse_time

MAX_BYTES = 16 * 1024 * 1024
CHUNK = 64 * 1024
TRIES = 4
LONGEST_WAIT = 30.0  # seconds; a server may ask for more, and the upgrade's patience is not its to spend
CONNECTED = ("true", "connected", "online")


@dataclass(frozen=True)
class Answered:
    """One response with its body read."""

    status: int
    body: bytes
    json: Any  # None where the body is not JSON
    link: str  # the next page by the Link header


class AmporaApi:
    """Named `options` are those of the argument group `api`."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._token = str(options["token"]).strip()  # a file's last newline
        if not (self._token.isascii() and self._token.isprintable() and " " not in self._token):
            raise UpgradeError(
                "ampora_api_token has characters that no token has.",
                next_step="Give the token alone, as Ampora showed it: amp-pat. and two parts.",
            )
        if small := [name for name in ("page_size", "pages", "timeout") if options[name] < 1]:
            raise UpgradeError(f"ampora_api_options has {', '.join(small)} below 1.", next_step="Set 1 or more.")
        parts = urlsplit(str(options["url"]))
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise UpgradeError(
                f"ampora_api_url is {quote(str(options['url']).rpartition('@')[2])}, which is not an address by http or https"
                " without a user in it.",
                next_step="Set it to where a person opens Ampora, for example https://ampora.example.",
            )
        self._origin = (parts.scheme, parts.netloc.lower())
        self._url = str(options["url"]).rstrip("/")
        self._what = f"The Ampora API at {self._url} (ampora_api_url)"
        self._session = requests.Session()
        self._verify = options["ca_file"] or True  # given with each request: REQUESTS_CA_BUNDLE would overrule a session's own
        # As `auth` and not as a header: requests would let a .netrc of this machine replace the header.
        self._session.auth = self._authorize

    # --- what is asked

    def agents(self) -> list[Agent]:
        """The whole Fleet."""
        field = self._fields()
        return [
            Agent(
                id=self._id(item),
                name=_text(field(item, "name")),
                version=_text(field(item, "version")),
                last_seen=_moment(field(item, "last_seen")),
                connected=_connected(field(item, "connected")),
            )
            for item in self._pages(self._options["agents_path"])
        ]

    def rollouts(self) -> list[Rollout]:
        """All configuration rollouts, whatever their state."""
        field = self._fields()
        return [
            Rollout(self._id(item), _text(field(item, "name")), _text(field(item, "state")))
            for item in self._pages(self._options["rollouts_path"])
        ]

    def count(self, path: str) -> int:
        """How many items there are at a path: the total where it is told, else those of the first page."""
        answered = self._ask("GET", self._url + path, {self._options["size_parameter"]: 1, self._options["page_parameter"]: 1})
        if answered.status != 200:
            raise self._refused(answered, f"GET {path}")
        items, total, _following = self._page(answered, path)
        return len(items) if total is None else total

    def move(self, rollout: str, command: str) -> bool:
        """Pause or resume one; False when its state has changed meanwhile, so that it cannot be done."""
        path = f"{self._options['rollouts_path'].rstrip('/')}/{url_quote(rollout, safe='')}/{command}"
        answered = self._ask("POST", self._url + path, {})
        if answered.status in (404, 409):
            return False
        if not 200 <= answered.status < 300:
            raise self._refused(answered, f"POST {path}")
        return True

    # --- pages

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        """Every item once. More pages than allowed, or fewer items than promised, is an error: half a list judges nothing."""
        url, linked, seen = self._url + path, False, set[str]()
        params: dict[str, Any] = {self._options["size_parameter"]: self._options["page_size"]}
        for number in range(1, self._options["pages"] + 1):
            answered = self._ask("GET", url, {} if linked else {**params, self._options["page_parameter"]: number})
            if answered.status == 404 and number > 1:  # how some servers say that there is no such page
                answered = Answered(200, b"", [], "")
            if answered.status != 200:
                raise self._refused(answered, f"GET {path}")
            items, total, following = self._page(answered, path)
            fresh = {self._id(item): item for item in items if self._id(item) not in seen}
            seen.update(fresh)
            yield from fresh.values()
            if following:
                url, linked = self._same_origin(url, following), True
            elif linked or not fresh or (total is not None and len(seen) >= total):
                # Without a total only a page with nothing new is the end: a short page may be the server's own limit.
                self._check_total(len(seen), total, path)
                return
        raise UpgradeError(
            f"{self._what} has more than {self._options['pages']} pages at {path}.",
            next_step="Raise pages or page_size in ampora_api_options.",
        )

    def _check_total(self, seen: int, total: int | None, path: str) -> None:
        if total is not None and seen < total:
            raise UpgradeError(
                f"{self._what} gave {seen} items of {total} at {path}, and then no new one.",
                next_step="Correct page_parameter and size_parameter in ampora_api_options.",
            )

    def _page(self, answered: Answered, path: str) -> tuple[list[Mapping[str, Any]], int | None, str]:
        """Items, the total where it is told, and the link to the next page."""
        body, total, following = answered.json, None, answered.link
        if isinstance(body, Mapping):
            told, link = body.get(self._options["total_field"]), body.get(self._options["next_field"])
            total = told if isinstance(told, int) and not isinstance(told, bool) else None
            following = link if isinstance(link, str) else following
            items = body.get(self._options["items_field"])
        else:
            items = body
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise UpgradeError(
                f"{self._what} answers GET {path} with something that is not a list of objects.",
                next_step="Correct ampora_api_url, or items_field in ampora_api_options.",
            )
        return items, total, following

    def _same_origin(self, url: str, link: str) -> str:
        found = urljoin(url, link)
        parts = urlsplit(found)
        if (parts.scheme, parts.netloc.lower()) != self._origin:
            raise UpgradeError(
                f"{self._what} gives a next page at another place: {quote(found)}. The token is not sent there.",
                next_step="Set ampora_api_url to the address that the server itself uses.",
            )
        return found

    # --- one call

    def _ask(self, method: str, url: str, params: Mapping[str, Any]) -> Answered:
        """Again after a while where the server asks for it; everything else is the caller's."""
        for attempt in range(1, TRIES):
            answered, wait = self._once(method, url, params)
            if answered.status not in (429, 503):
                return answered
            time.sleep(_patience(wait, attempt))
        return self._once(method, url, params)[0]

    def _once(self, method: str, url: str, params: Mapping[str, Any]) -> tuple[Answered, str]:
        timeout = self._options["timeout"]
        until = time.monotonic() + timeout
        settings: dict[str, Any] = {"verify": self._verify, "timeout": timeout, "stream": True, "allow_redirects": False}
        try:
            with self._session.request(method, url, params=params, **settings) as response:
                body = bytearray()
                read = getattr(response.raw, "read1", response.raw.read)  # urllib3 1.26 has none; read1 takes what is there
                while chunk := read(CHUNK, decode_content=True):
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise UpgradeError(
                            f"{self._what} answered with more than {MAX_BYTES} bytes.", next_step="Lower page_size in ampora_api_options."
                        )
                    if time.monotonic() > until:
                        raise UpgradeError(f"{self._what} has not ended its answer within {timeout} s.", next_step=_REACH)
                link = response.links.get("next", {}).get("url", "")
                wait = response.headers.get("Retry-After", "")
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            raise UpgradeError(f"{self._what} does not answer ({type(error).__name__}).", next_step=_REACH) from error
        return Answered(response.status_code, bytes(body), _json(bytes(body)), link), wait

    def _authorize(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _refused(self, answered: Answered, call: str) -> UpgradeError:
        status = answered.status
        if status == 401:
            return UpgradeError(
                f"{self._what} does not take the token (ampora_api_token).", next_step="Issue a new token; it may have expired."
            )
        if status == 403:
            return UpgradeError(
                f"{self._what} refuses {call} to this token (ampora_api_token).",
                next_step="The token needs the role Viewer to read and Operator to pause and resume, and these endpoints in its list.",
            )
        detail = answered.json.get("detail") if isinstance(answered.json, Mapping) else None
        said = f": {quote(detail.replace(self._token, '***'))}" if isinstance(detail, str) and self._token else ""
        return UpgradeError(
            f"{self._what} answers {call} with {status}{said}.",
            next_step="Check ampora_api_url and the paths in ampora_api_options; a redirect is not followed: name the address behind it.",
        )

    # --- fields

    def _fields(self) -> Callable[[Mapping[str, Any], str], Any]:
        names = self._options["fields"]
        return lambda item, name: _at(item, str(names[name]))

    def _id(self, item: Mapping[str, Any]) -> str:
        """An id becomes a part of a path, where a dot would be taken for a folder."""
        name = str(self._options["fields"]["id"])
        found = _at(item, name)
        text = str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""
        if not text or len(text) > 200 or text in (".", "..") or not text.isprintable():
            raise UpgradeError(
                f"{self._what} gives an item without an id that can be used: {name} is {quote(found)}.",
                next_step="Correct the name of the id under fields in ampora_api_options.",
            )
        return text


_REACH = "Check ampora_api_url, ampora_api_ca_file and the network."


def _at(item: Mapping[str, Any], path: str) -> Any:
    """A field by its name, or by a path of names with dots."""
    found: Any = item
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _text(value: object) -> str:
    return str(value)[:200] if isinstance(value, (str, int, float)) else ""


def _connected(value: object) -> bool | None:
    return None if value is None else str(value).lower() in CONNECTED


def _moment(value: object) -> datetime | None:
    """A time as text with its zone, or seconds or milliseconds since 1970."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    return parse_time(value)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _patience(wait: str, attempt: int) -> float:
    """Seconds until the next attempt: as asked (a number or a date), within bounds; 1, 2, 4 where nothing was asked."""
    seconds = float(2 ** (attempt - 1))
    if wait.isascii() and wait.isdigit():
        seconds = float(wait[:9])
    elif wait:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            seconds = email.utils.parsedate_to_datetime(wait).timestamp() - time.time()
    return min(max(seconds, 0.0), LONGEST_WAIT)
