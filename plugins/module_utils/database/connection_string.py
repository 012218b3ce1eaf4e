# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application's own Npgsql connection string, read by the rules of ADO.NET and told to libpq.

No message of this file holds a value, nor a keyword that is not a documented one: after a lost quote, a piece of a
password stands where a keyword should.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

# Npgsql's keywords and their documented synonyms, for what libpq needs to know.
_KEYWORDS = {
    "Host": ("host", "server"),
    "Port": ("port",),
    "Database": ("database", "db"),
    "Username": ("username", "user name", "userid", "user id", "uid"),
    "Password": ("password", "psw", "pwd"),
    "SSL Mode": ("ssl mode", "sslmode"),
    "Root Certificate": ("root certificate", "rootcertificate"),
    "SSL Certificate": ("ssl certificate", "sslcertificate"),
    "SSL Key": ("ssl key", "sslkey"),
    "SSL Password": ("ssl password", "sslpassword"),
    "Passfile": ("passfile",),
    "Search Path": ("search path", "searchpath"),
    "Channel Binding": ("channel binding", "channelbinding"),
}
_KEYWORD_OF = {spelling: keyword for keyword, spellings in _KEYWORDS.items() for spelling in spellings}
_SSL_MODES = {
    "disable": "disable",
    "allow": "allow",
    "prefer": "prefer",
    "require": "require",
    "verifyca": "verify-ca",
    "verifyfull": "verify-full",
}
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "channel_binding": "PGCHANNELBINDING",
}
_SECRETS = ("password", "sslpassword")
_DEFAULT_PORT = 5432
_LAST_PORT = 65535


@dataclass(frozen=True)
class ConnectionParameters:
    """How the application reaches its database. Of several hosts `host` is the first; the rest stand in `other_hosts`,

    each with its own port where it has one. An empty search path is the role's.
    """

    host: str
    port: int
    database: str
    username: str
    password: str = field(repr=False)
    ssl_mode: str
    root_certificate: str = ""
    other_hosts: tuple[str, ...] = ()
    search_path: str = ""
    channel_binding: str = ""
    certificate: str = ""
    key: str = ""
    key_password: str = field(default="", repr=False)
    passfile: str = ""

    @property
    def files(self) -> dict[str, str]:
        """The client's own files by Npgsql's keyword for each."""
        named = {"SSL Certificate": self.certificate, "SSL Key": self.key, "Passfile": self.passfile}
        return {keyword: path for keyword, path in named.items() if path}


def parse_npgsql(text: str, source: str) -> ConnectionParameters:
    """Read the connection string; `source` names where it came from, for messages."""
    values: dict[str, str] = {}
    for spelling, value in _Scanner(text, source).pairs():
        keyword = _KEYWORD_OF.get(spelling)
        if keyword:
            values[keyword] = value  # as in ADO.NET the last one wins, and an empty value is no value
    for keyword in ("Host", "Username"):
        if not values.get(keyword):
            raise _error(source, f"has no {keyword}")
    hosts = [h.strip() for h in values["Host"].split(",") if h.strip()]
    if not hosts:
        raise _error(source, "has no Host")
    port = _port(values.get("Port") or str(_DEFAULT_PORT), source)
    host, port = _split_port(hosts[0], port, source)
    return ConnectionParameters(
        host=host,
        port=port,
        database=values.get("Database") or values["Username"],
        username=values["Username"],
        password=values.get("Password", ""),
        ssl_mode=_ssl_mode(values.get("SSL Mode") or "Prefer", source),
        root_certificate=values.get("Root Certificate", ""),
        other_hosts=tuple(hosts[1:]),
        search_path=values.get("Search Path", ""),
        channel_binding=_channel_binding(values.get("Channel Binding", ""), source),
        certificate=values.get("SSL Certificate", ""),
        key=values.get("SSL Key", ""),
        key_password=values.get("SSL Password", ""),
        passfile=values.get("Passfile", ""),
    )


def check_in_a_pod(parameters: ConnectionParameters) -> None:
    """Refuse what the pod of a Job does not have: it would connect as somebody else, or be refused without saying why."""
    if parameters.files:
        named = " and ".join(f"{keyword}={path}" for keyword, path in parameters.files.items())
        raise UpgradeError(
            f"The connection string has {named}, which the pod of a Job does not have.",
            next_step="Set ampora_snapshot_method to local, or ampora_database_connection_string to one with a password in it.",
        )


def check_for_programs(parameters: ConnectionParameters) -> None:
    """Refuse what pg_dump and its like read from their arguments only, where everybody on the machine sees it."""
    if parameters.key_password:
        raise UpgradeError(
            "The connection string has an SSL Password, which PostgreSQL's own programs take from their arguments only, where everybody"
            " would see it.",
            next_step="Name a key without a password that only its owner can read (SSL Key).",
        )


def to_libpq(parameters: ConnectionParameters, *, hostaddr: str = "") -> dict[str, str]:
    """The same for libpq; `hostaddr` is the address to dial while the certificate is still checked against the host's name."""
    several = [(parameters.host, parameters.port)]
    if not hostaddr:  # which is the address of one of them only
        several += [_split_port(host, parameters.port, "the connection string") for host in parameters.other_hosts]
    options = {
        "host": ",".join(host for host, _port_of in several),
        "hostaddr": hostaddr,
        "port": ",".join(str(port) for _host, port in several),
        # A dump and a restore are the primary's, whichever of the hosts that is.
        "target_session_attrs": "read-write" if len(several) > 1 else "",
        "channel_binding": parameters.channel_binding,
        "dbname": parameters.database,
        "user": parameters.username,
        "password": parameters.password,
        "sslmode": parameters.ssl_mode,
        "sslrootcert": parameters.root_certificate,
        "sslcert": parameters.certificate,
        "sslkey": parameters.key or parameters.certificate,  # Npgsql looks for the key beside the certificate in one file
        "sslpassword": parameters.key_password,
        "passfile": parameters.passfile,
    }
    if parameters.ssl_mode == "verify-full" and not parameters.root_certificate:
        options["sslrootcert"] = "system"  # Npgsql trusts the system's authorities then; libpq must be told to
    return {key: value for key, value in options.items() if value}


def to_environment(parameters: ConnectionParameters, *, hostaddr: str = "") -> dict[str, str]:
    """The same as the variables that PostgreSQL's own programs read, without the passwords."""
    options = to_libpq(parameters, hostaddr=hostaddr)
    found = {_VARIABLES[name]: value for name, value in options.items() if name not in _SECRETS}
    if parameters.search_path:
        found["PGOPTIONS"] = "-c search_path=" + parameters.search_path.replace("\\", "\\\\").replace(" ", "\\ ")
    return found


class _Scanner:
    """ADO.NET's grammar: keyword=value;..., == for = in a keyword, values bare or in ' or " with that quote doubled inside."""

    def __init__(self, text: str, source: str) -> None:
        self._text, self._source = text, source
        self._at, self._part = 0, 0

    def pairs(self) -> list[tuple[str, str]]:
        """All keywords, lower-cased, with their values in the order of the text."""
        found = []
        while self._skip("; \t\r\n"):
            self._part += 1
            keyword = self._keyword()
            found.append((keyword, self._value(_KEYWORD_OF.get(keyword, ""))))
        return found

    def _skip(self, characters: str) -> bool:
        while self._at < len(self._text) and self._text[self._at] in characters:
            self._at += 1
        return self._at < len(self._text)

    def _keyword(self) -> str:
        start = self._at
        while True:
            equals = self._text.find("=", self._at)
            semicolon = self._text.find(";", self._at)
            if equals < 0 or 0 <= semicolon < equals:
                raise self._bad("has no = between keyword and value (a value with ; or a leading = needs quotes)")
            self._at = equals + 1
            if self._text[self._at : self._at + 1] != "=":
                break
            self._at += 1
        keyword = self._text[start:equals].replace("==", "=").strip().lower()
        if not keyword:
            raise self._bad("has no keyword before =")
        return keyword

    def _value(self, keyword: str) -> str:
        if not self._skip(" \t\r\n"):
            return ""
        mark = self._text[self._at]
        if mark in "'\"":
            return self._quoted(mark, keyword)
        end = self._text.find(";", self._at)
        end = len(self._text) if end < 0 else end
        value = self._text[self._at : end].strip()
        self._at = end
        if any(ord(c) < ord(" ") or "\x7f" <= c <= "\x9f" for c in value):
            raise self._bad("has a control character in an unquoted value", keyword)
        if value.endswith(("'", '"')):
            raise self._bad("ends in a quote that does not begin it", keyword)
        return value

    def _quoted(self, mark: str, keyword: str) -> str:
        pieces = []
        while True:
            end = self._text.find(mark, self._at + 1)
            if end < 0:
                raise self._bad(f"has no closing {mark}", keyword)
            pieces.append(self._text[self._at + 1 : end])
            self._at = end + 1
            if self._text[self._at : self._at + 1] != mark:
                break
        if self._skip(" \t\r\n") and self._text[self._at] != ";":
            raise self._bad("goes on after its closing quote", keyword)
        return mark.join(pieces)

    def _bad(self, why: str, keyword: str = "") -> UpgradeError:
        return _error(self._source, f"is malformed: {keyword or f'part {self._part}'} {why}")


def _split_port(host: str, port: int, source: str) -> tuple[str, int]:
    """Npgsql's "host:port" and "[v6]:port"; a bare IPv6 address and a socket's folder have no port in them."""
    name, colon, written = host.rpartition(":")
    if colon and not host.startswith("/") and (":" not in name or name.endswith("]")):
        host, port = name, _port(written, source)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not host:
        raise _error(source, "has no Host")
    return host, port


def _port(text: str, source: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PORT)) and 0 < int(text) <= _LAST_PORT:
        return int(text)
    raise _error(source, f"has a Port that is not a number from 1 to {_LAST_PORT}")


def _ssl_mode(text: str, source: str) -> str:
    mode = _SSL_MODES.get(text.lower().replace("-", ""))
    if mode is None:
        raise _error(source, "has an SSL Mode that is none of Disable, Allow, Prefer, Require, VerifyCA, VerifyFull")
    return mode


def _channel_binding(text: str, source: str) -> str:
    if text.lower() not in {"", "disable", "prefer", "require"}:
        raise _error(source, "has a Channel Binding that is none of Disable, Prefer, Require")
    return text.lower()


def _error(source: str, what: str) -> UpgradeError:
    return UpgradeError(
        f"The connection string in {source} {what}.",
        next_step="correct it to Npgsql's form, for example Host=db.example.com;Database=ampora;Username=ampora;SSL Mode=Require.",
    )
