"""Which form of a resource a client wants: for programs or for people."""

from fastapi import Request

from api.ogc.refusals import invalid

FORMS = ("json", "html")


def form_wanted(request: Request) -> str:
    """`f=` first, then Accept; JSON when neither says.

    Raises:
        Refusal: a form there is not.
    """
    given = request.query_params.get("f")
    if given is not None:
        if given not in FORMS:
            raise invalid(f"f {given!r} is neither json nor html")
        return given
    accept = request.headers.get("accept", "")
    before_json = accept.split("json")[0]
    return "html" if "text/html" in before_json else "json"
