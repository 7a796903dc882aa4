"""`dct serve`, with navigation, and a page for a wrong filter value; arguments as of `dct serve`.

dbt-charts answers an address such as `?dates=yesterday` with an error of the server. It is the
address that is wrong, so that here it gets a page that says what, and leads back.
"""

from __future__ import annotations

import html
import re
from typing import Any

from frame import PAGES, framed

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Wrong filter value</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="font-family: sans-serif; margin: 3rem auto; max-width: 36rem; padding: 0 1rem">
<h1>Wrong filter value</h1>
<p>The filter <b>{name}</b> in this address cannot be read: {reason}.</p>
<p><a href="{path}">Show the page without filters</a></p></body></html>
"""
WRONG_VALUE = re.compile(
    r"Variable '(\w+)': ([^<\n]*)|Invalid (date_range) [^<\n]*|(date_range) must [^<\n]*"
)


class WrongFilters:
    """ASGI middleware: what dbt-charts says of a filter's value becomes a page with status 400."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Pass everything on, except errors about a value in the address."""
        if scope["type"] != "http" or not scope["query_string"]:
            await self.app(scope, receive, send)
            return
        start: dict = {}
        body = b""

        async def watch(message: dict) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and message["status"] >= 400:
                start = message
            elif not start:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    for answer in self.answer(scope["path"], start, body):
                        await send(answer)

        await self.app(scope, receive, watch)

    def answer(self, path: str, start: dict, body: bytes) -> list[dict]:
        """The messages to send in place of an error: the page, or the error as it was."""
        found = WRONG_VALUE.search(html.unescape(body.decode(errors="replace")))
        if found:
            name = html.escape(found[1] or "dates")
            reason = html.escape((found[2] or "a range needs two dates").strip(" .,"))
            page = PAGE.format(name=name, reason=reason, path=html.escape(path))
            body = page.encode()
            headers = [(b"content-type", b"text/html; charset=utf-8")]
            headers.append((b"content-length", str(len(body)).encode()))
            start = {"type": "http.response.start", "status": 400, "headers": headers}
        return [start, {"type": "http.response.body", "body": body}]


class Frame:
    """ASGI middleware: pages get their navigation, and a narrow window the narrow layout."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Pass everything on, except whole pages."""
        parts = [part for part in scope.get("path", "").split("/") if part] or [next(iter(PAGES))]
        if scope["type"] != "http" or parts[-1] not in PAGES or parts[:-1] not in ([], ["phone"]):
            await self.app(scope, receive, send)
            return
        start: dict = {}
        body = b""

        async def watch(message: dict) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            kind = dict(start["headers"]).get(b"content-type", b"")
            if start["status"] == 200 and kind.startswith(b"text/html"):
                body = framed(body.decode(), parts[-1], len(parts) > 1, address).encode()
                others = [pair for pair in start["headers"] if pair[0] != b"content-length"]
                start["headers"] = [*others, (b"content-length", str(len(body)).encode())]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, watch)


def address(page: str, to_phone: bool) -> str:
    """The path of a page on the server."""
    return f"/phone/{page}/" if to_phone else f"/{page}/"


def main() -> None:
    """Run `dct serve`, whose application gets the page."""
    import sys

    from dbt_charts.cli.main import app
    from dbt_charts.core.serve import server

    create = server.create_server

    def create_with_page(*args: Any, **kwargs: Any) -> Any:
        created = create(*args, **kwargs)
        created.add_middleware(WrongFilters)
        created.add_middleware(Frame)
        return created

    server.create_server = create_with_page
    sys.argv[1:1] = ["serve"]
    app()


if __name__ == "__main__":
    main()
