"""What stands around each page, served or static: navigation, icon, the way to a phone's layout.

dbt-charts draws a page as one picture; its own navigation is a menu of files.
"""

from __future__ import annotations

from collections.abc import Callable

PAGES = {
    "engagement": "Engagement",
    "acquisition": "Acquisition",
    "retention": "Retention",
    "forecast": "Forecast",
    "data_quality": "Data quality",
}
# The filters that a link takes along to a page. Data quality takes none: its dates are of loads.
OF_COHORTS = "app platform channel campaign dates"
FILTERS = {
    "engagement": "app platform dates",
    "acquisition": f"{OF_COHORTS} inferred day_n",
    "retention": f"{OF_COHORTS} inferred day_n country",
    "forecast": OF_COHORTS,
    "data_quality": "",
}
# who asks for the wide layout gets it until they ask for a phone's, whatever the window
WIDE = "#wide"
# three bars; in the page itself, so that no browser asks for /favicon.ico
ICON = (
    '<link rel="icon" href="data:image/svg+xml,'
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%231f5fbf' d='M1 9h4v6H1zM6 5h4v10H6zM11 1h4v14h-4z'/%3E%3C/svg%3E\">"
)
STYLE = """<style>
.pages{display:flex;flex-wrap:wrap;gap:0 4px;padding:0 2.5%;border-bottom:1px solid #d9dde3;
background:#fff;font-size:15px;line-height:1.2}
.pages a{padding:13px 12px 10px;color:#4a5361;text-decoration:none;
border-bottom:3px solid transparent}
.pages a:hover,.pages a:focus-visible{color:#111;border-bottom-color:#b9c2ce}
.pages a[aria-current]{color:#111;font-weight:600;border-bottom-color:#1f5fbf}
.pages a.layout{margin-left:auto;font-size:13px;color:#6b7482}
@media (max-width:600px){.pages a{padding:10px 8px 7px;font-size:14px}}
</style>"""
# before a click of whatever button, since another tab is to be filtered, too
TAKE_FILTERS = """<script>
for (const kind of ["pointerdown", "click"]) document.addEventListener(kind, event => {
  const link = event.target.closest(".pages a[data-filters]")
  if (!link) return
  const taken = [...new URLSearchParams(location.search)].filter(
    ([name]) => link.dataset.filters.split(" ").includes(name))
  link.search = new URLSearchParams(taken)
}, true)
</script>"""
TO_PHONE = (
    '<script>if (location.hash === "{wide}") sessionStorage.setItem("layout", "wide"); '
    'if (matchMedia("(max-width: 600px)").matches && sessionStorage.getItem("layout") !== "wide") '
    'location.replace("{phone}" + location.search)</script>'
)


def framed(html: str, page: str, is_phone: bool, address: Callable[[str, bool], str]) -> str:
    """A rendered page with its navigation.

    Arguments:
        html: the page as dbt-charts renders it.
        page: its name, one of PAGES.
        is_phone: whether it is the narrow layout.
        address: the address of a page by its name and layout, as seen from this one.
    """
    links = []
    for name, label in PAGES.items():
        current = " aria-current=page" if name == page else ""
        takes = f' data-filters="{FILTERS[name]}"'
        links.append(f'<a href="{address(name, is_phone)}"{takes}{current}>{label}</a>')
    other = address(page, not is_phone) + (WIDE if is_phone else "")
    links.append(
        f'<a class="layout" href="{other}" onclick="this.search = location.search">'
        f"{'wide' if is_phone else 'phone'} layout</a>"
    )
    head = ICON + STYLE + TAKE_FILTERS
    if is_phone:
        head += '<script>sessionStorage.removeItem("layout")</script>'
    else:
        head += TO_PHONE.replace("{wide}", WIDE).replace("{phone}", address(page, True))
    html = html.replace("<head>", "<head>" + head, 1)
    return html.replace("<body>", f'<body><nav class="pages">{"".join(links)}</nav>', 1)
