"""How OGC resources refuse: always 400 for what cannot be understood, as the standards say."""

from http import HTTPStatus

from api.problems import Refusal


def invalid(what: str) -> Refusal:
    """A parameter or body that cannot be used."""
    return Refusal("request-is-invalid", HTTPStatus.BAD_REQUEST, what, what=what)


def unknown(what: str) -> Refusal:
    """A resource that does not exist."""
    return Refusal("not-found", HTTPStatus.NOT_FOUND, what)
