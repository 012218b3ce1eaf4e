# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small web application behind a login at another place, for the browser: each test says how it looks and what is broken.

It stands beside the sandbox's Ampora for what that one cannot show: two-page logins, consent, other names, broken pages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

USER, PASSWORD = "alice", "al1ce-p4ss"
SCRIPT = "<script>{}</script>"


@dataclass
class Site:
    """How the application and its identity provider behave; `asked` is what they were asked for, in order."""

    title: str = "Ampora"
    version: str = "1.5.0"
    footer: str = '<footer>{title} <span data-testid="version">{version}</span></footer>'
    wall: bool = False  # a page with an "I agree" before the identity provider
    consent: bool = False  # a page of the identity provider after the password
    two_pages: bool = False  # name and password on a page each
    refuse: str = ""  # what the identity provider says instead of its form
    callback_status: int = 302
    extra: dict[str, str] = field(default_factory=dict)  # path -> HTML added to the page
    status: dict[str, int] = field(default_factory=dict)  # path -> status instead of 200
    asked: list[str] = field(default_factory=list)
    home: str = ""
    provider: str = ""

    def page(self, path: str, content: str) -> str:
        foot = self.footer.format(title=self.title, version=self.version)
        head = f'<head><meta charset="utf-8"><title>{self.title}</title><link rel="icon" href="data:,"></head>'
        return f"<!DOCTYPE html><html lang='en'>{head}<body><h1>{self.title}</h1>{content}{self.extra.get(path, '')}{foot}</body></html>"


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_unused: object) -> None:
        """Silent."""

    def answer(self, status: int, text: str = "", **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def path_and_query(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        self.site.asked.append(parts.path)
        return parts.path, parse_qs(parts.query)


class _Application(_Handler):
    def do_GET(self) -> None:
        site = self.site
        path, query = self.path_and_query()
        signed_in = "session=yes" in self.headers.get("Cookie", "")
        if path == "/login" and site.wall and "agreed" not in query:
            self.answer(200, site.page(path, '<a href="/login?agreed=1" id="agree">I agree</a>'))
        elif path == "/login":
            self.answer(302, Location=f"{site.provider}/authorize?redirect_uri={quote(site.home + '/signin-oidc')}&state=s3cr3t-state")
        elif path == "/signin-oidc" and site.callback_status == 302:
            self.answer(302, Location="/", Set_Cookie="session=yes; Path=/; HttpOnly")
        elif path == "/signin-oidc":
            self.answer(site.callback_status, site.page(path, "<p>Something failed.</p>"))
        elif path == "/" and not signed_in:
            self.answer(200, site.page("", '<a href="/login">Log in</a>'))
        elif not signed_in:
            self.answer(302, Location="/login")
        else:
            self.answer(site.status.get(path, 200), site.page(path, f"<p>{path}</p>"))


class _Provider(_Handler):
    def do_GET(self) -> None:
        path, query = self.path_and_query()
        if path == "/consented":
            self.answer(302, Location=f"{self.site.home}/signin-oidc?code=s3cr3t-code")
        elif self.site.refuse:
            self.answer(400, f"<h1>Error</h1><p>{self.site.refuse}</p>")
        else:
            self.form("", named=not self.site.two_pages)
        del query

    def do_POST(self) -> None:
        self.path_and_query()
        given = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        if "password" not in given:
            self.form("", named=True, name=given["login"][0])
        elif (given["login"][0], given["password"][0]) != (USER, PASSWORD):
            self.form("Invalid username or password.", named=True)
        elif self.site.consent:
            self.answer(200, '<h1>Consent</h1><a href="/consented" id="yes">Yes, continue</a>')
        else:
            self.answer(302, Location=f"{self.site.home}/signin-oidc?code=s3cr3t-code")

    def form(self, complaint: str, *, named: bool, name: str = "") -> None:
        password = '<input name="password" type="password">' if named else ""
        hidden = f'<input type="hidden" name="login" value="{name}">' if name else '<input name="login">'
        self.answer(
            200,
            f'<h1>Sign in</h1><p role="alert">{complaint}</p>'
            f'<form method="post" action="/authorize">{hidden}{password}<button type="submit">Go</button></form>',
        )


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """The application and its identity provider, each on a port of its own."""
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), type(name, (handler,), {"site": site}))
        for name, handler in (("Application", _Application), ("Provider", _Provider))
    ]
    site.home, site.provider = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
