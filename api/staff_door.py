"""How a page for staff answers those without a key: in words, and so that a browser asks for one."""

from http import HTTPStatus

from fastapi import Response
from fastapi.responses import HTMLResponse

from api.explanations import EXPLANATIONS
from api.language import Language
from api.problems import Refusal
from api.web.page import render_error_page

LOGIN = 'Basic realm="Place Registry", charset="UTF-8"'


def asked_for_key(error: Refusal, language: Language) -> Response:
    """A page that says what is missing; a browser gives the key as the password of HTTP Basic."""
    explained = EXPLANATIONS[error.code]
    chinese = language == "zh"
    title = explained.title_zh if chinese else explained.title_en
    detail = explained.detail_zh.format(**error.facts) if chinese else str(error)
    challenge = {"WWW-Authenticate": LOGIN} if error.status == HTTPStatus.UNAUTHORIZED else {}
    return HTMLResponse(
        render_error_page(title, detail, error.status, language),
        status_code=error.status,
        headers={"Cache-Control": "no-store", **challenge, "Vary": "Accept-Language"},
    )
