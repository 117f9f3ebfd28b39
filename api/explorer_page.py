"""The explorer's page at `/`: an empty body and the built script; without it, the way to /viz, which needs none."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.reads import reading
from api.responses import SAFETY_HEADERS
from api.web_files import web_address

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No inline script or style at all, and nobody but this server. Blobs: the layout's worker, and pictures to save."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Explorer · Tracegraph</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
<script type="module" src="{script}"></script>
</head>
<body>
<noscript>The explorer needs JavaScript. <a href="/viz">A smaller picture</a> needs it too; \
<a href="/sitemap.xml">the pages of all entities</a> and <a href="/sparql">the query form</a> do not.</noscript>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)
read = reading(router)


@read("/")
async def get_explorer(request: Request) -> Response:
    """The explorer where it is built, else the page of one picture."""
    script, style = web_address("explorer.js"), web_address("explorer.css")
    if not script:
        return RedirectResponse(request.url.replace(path="/viz"))
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", **SAFETY_HEADERS}
    return HTMLResponse(PAGE.format(script=script, style=style), headers=headers)
