"""`/docs`: the interface described on one page, made from the OpenAPI document; no script."""

import html
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color-scheme:light dark}
h2{border-bottom:2px solid #1d4ed8}code,pre{font-family:ui-monospace,monospace}
pre{overflow:auto;background:#8881;padding:.5rem;border-radius:.3rem;max-height:20rem}
summary{cursor:pointer;padding:.3rem 0}.verb{font-weight:700;color:#1d4ed8}table{border-collapse:collapse}
td{padding:.1rem .8rem .1rem 0;vertical-align:top}
"""


@router.get("/docs")
def reference(request: Request) -> HTMLResponse:
    """Every operation with its parameters and an example."""
    document = request.app.openapi()
    groups: dict[str, list[str]] = {}
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            tag = operation.get("tags", ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, verb, operation))
    body = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(found)}" for tag, found in groups.items())
    info = document["info"]
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(info['title'])} API</title><style>{STYLE}</style>"
        f"<h1>{html.escape(info['title'])}</h1><pre>{html.escape(info['description'].strip())}</pre>"
        f"<p>Machine-readable: <a href=/openapi.json>/openapi.json</a></p>{body}</html>"
    )


def _operation(path: str, verb: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{html.escape(one['name'])}</code><td>{html.escape(one['in'])}"
        f"<td>{html.escape(one.get('description', ''))}</tr>"
        for one in operation.get("parameters", [])
    )
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    example = next((one["example"] for one in content.values() if "example" in one), None)
    shown = (
        ""
        if example is None
        else f"<pre>{html.escape(json.dumps(example, ensure_ascii=False, indent=1))}</pre>"
    )
    return (
        f"<details><summary><span class=verb>{verb.upper()}</span> <code>{html.escape(path)}</code> — "
        f"{html.escape(operation.get('summary', ''))}</summary>"
        f"<p>{html.escape(operation.get('description', ''))}</p><table>{parameters}</table>{shown}</details>"
    )
