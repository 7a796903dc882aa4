"""`dct serve`, with navigation, and pages of its own for what a reader can mend.

dbt-charts answers an address such as `?dates=yesterday`, and a database that is not there, with an
error page for authors. Here they get a page that says what is wrong and what to do. Arguments are
those of `dct serve`.
"""

from __future__ import annotations

import html
import re
from typing import Any

from frame import ICON, PAGES, framed

PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{title}}</title>{ICON}
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="font-family: sans-serif; margin: 3rem auto; max-width: 36rem; padding: 0 1rem">
<h1>{{title}}</h1>
<p>{{text}}</p>
<p><a href="{{path}}">{{link}}</a></p></body></html>
"""
WRONG_VALUE = re.compile(
    r"Variable '(\w+)': ([^<\n]*)|Invalid (date_range) [^<\n]*|(date_range) must [^<\n]*"
)
NO_FILE = "ERR-FILE-SOURCE-NOT-FOUND"
NO_TABLE = re.compile("ERR-BINDER-UNKNOWN-(RELATION|COLUMN)")
BUILD = "Run <code>make build</code> in the project's folder"


class Frame:
    """ASGI middleware: pages get their navigation, and some errors a page of their own."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Pass everything on, except whole pages and errors."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parts = [part for part in scope["path"].split("/") if part] or [next(iter(PAGES))]
        is_page = parts[-1] in PAGES and parts[:-1] in ([], ["phone"])
        held: dict = {}
        body = b""

        async def watch(message: dict) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start" and (is_page or message["status"] >= 400):
                held = message
                return
            if not held:
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            headers = dict(held["headers"])
            if held["status"] >= 400:
                status, body = explained(held["status"], body, scope["path"])
                if status != held["status"]:
                    headers[b"content-type"] = b"text/html; charset=utf-8"
            else:
                status = held["status"]
                if headers.get(b"content-type", b"").startswith(b"text/html"):
                    body = framed(body.decode(), parts[-1], len(parts) > 1, address).encode()
            headers[b"content-length"] = str(len(body)).encode()
            await send({**held, "status": status, "headers": list(headers.items())})
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, watch)


def explained(status: int, body: bytes, path: str) -> tuple[int, bytes]:
    """The status and body to send in place of an error: a page, or the error as it was."""
    error = html.unescape(body.decode(errors="replace"))
    wrong = WRONG_VALUE.search(error)
    if wrong:
        status, title, link = 400, "Wrong filter value", "Show the page without filters"
        reason = html.escape((wrong[2] or "a range needs two dates").strip(" .,"))
        name = html.escape(wrong[1] or "dates")
        text = f"The filter <b>{name}</b> in this address cannot be read: {reason}."
    elif NO_FILE in error:
        status, title, link = 503, "No database yet", "Try again"
        text = f"The file that DASHBOARD_DB names is not there. {BUILD}: it makes one."
    elif NO_TABLE.search(error):
        status, title, link = 503, "Not a complete build", "Try again"
        text = (
            "The database lacks a table or a column of this page. Is its model turned off "
            f"(docs/settings.md)? If not: {BUILD[0].lower()}{BUILD[1:]}, and see how it ends."
        )
    else:
        return status, body
    page = PAGE.format(title=title, text=text, path=html.escape(path), link=link)
    return status, page.encode()


def address(page: str, to_phone: bool) -> str:
    """The path of a page on the server."""
    return f"/phone/{page}/" if to_phone else f"/{page}/"


def main() -> None:
    """Run `dct serve`, whose application gets the frame."""
    import sys

    from dbt_charts.cli.main import app
    from dbt_charts.core.execute import chart_resolution
    from dbt_charts.core.serve import server

    # It would read the whole SQL of each chart for the dates chosen, to stretch the axis to them:
    # a quarter of a page's time, and axes here end with the last complete day or week.
    chart_resolution.chart_x_date_range = lambda *_: None
    create = server.create_server

    def create_with_frame(*args: Any, **kwargs: Any) -> Any:
        created = create(*args, **kwargs)
        created.add_middleware(Frame)
        return created

    server.create_server = create_with_frame
    sys.argv[1:1] = ["serve"]
    app()


if __name__ == "__main__":
    main()
