"""Which language a reader wants: Chinese or English."""

from typing import Literal

from fastapi import Request

Language = Literal["zh", "en"]


def preferred(request: Request) -> Language:
    """`lang=` first, then Accept-Language in the reader's order; Chinese when neither says."""
    asked = request.query_params.get("lang")
    if asked in ("zh", "en"):
        return "zh" if asked == "zh" else "en"
    weighted = [_weighted(part) for part in request.headers.get("accept-language", "").split(",")]
    for _weight, tag in sorted(weighted, key=lambda one: -one[0]):
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def _weighted(part: str) -> tuple[float, str]:
    tag, _semicolon, parameter = part.strip().lower().partition(";")
    try:
        return (float(parameter.removeprefix("q=")) if parameter else 1.0, tag.strip())
    except ValueError:
        return (0.0, tag.strip())
