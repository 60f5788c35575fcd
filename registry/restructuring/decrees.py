"""The decree (批复) of a restructuring: as the paper has it, as given at approval, and its authority."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from registry.errors import PlanIsMalformed
from registry.restructuring.authority import NAMES, level_of, needed_level
from registry.restructuring.cases import draw_filed
from registry.restructuring.errors import AuthorityIsTooLow
from registry.restructuring.model import Restructuring
from registry.restructuring.paper import DecreePaper


def read_decree(filed: Restructuring, given: Mapping[str, Any] | None = None) -> DecreePaper | None:
    """The decree of a restructuring: as the paper has it, with what was given at approval over it.

    Raises:
        PlanIsMalformed: it cannot be read.
    """
    raw = {**(filed.paper.get("decree") or {}), **(filed.decree or {}), **(given or {})}
    if not raw:
        return None
    try:
        return msgspec.convert(
            {name: value for name, value in raw.items() if value is not None}, DecreePaper
        )
    except msgspec.ValidationError as error:
        raise PlanIsMalformed("decree", str(error)) from error


def warnings_of(
    connection: Connection,
    filed: Restructuring,
    basis: DecreePaper | None,
    reason: str | None,
) -> list[str]:
    """What an approver should know of the decree (P03, V11).

    Raises:
        AuthorityIsTooLow: its authority may not approve this, and no reason is given.
    """
    if basis is None:
        return ["P03: no decree is given; it is needed for the announcement"]
    found = [
        f"P03: the decree has no {name}; it is needed for the announcement"
        for name in ("number", "approved_on")
        if getattr(basis, name) is None
    ]
    plan, _ledger = draw_filed(connection, filed)
    needed, level = needed_level(plan), level_of(basis.authority, plan)
    if level is None:
        found.append(f"V11: {basis.authority} is no government these divisions lie under")
    elif level > needed:
        if not reason:
            raise AuthorityIsTooLow(authority=basis.authority, needed=NAMES[needed])
        found.append(f"V11: {basis.authority} approved what takes {NAMES[needed]}: {reason}")
    return found
