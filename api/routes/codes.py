"""`/v1/codes`: a code needs a date."""

from fastapi import APIRouter, Response

from api.encoding import answer
from api.examples import CODES, shows
from api.time_travel import Reading, time_links
from api.views import bearer_out
from registry.divisions.store import DivisionStore

router = APIRouter(prefix="/v1/codes", tags=["codes"])


@router.get("/{code}", operation_id="getCode", responses=shows(CODES))
def get_code(code: str, reading: Reading) -> Response:
    """Every division that ever bore a code, and the one that bears it on the day, if any."""
    bearers = DivisionStore(reading.connection).by_code(code, reading.at.known)
    in_force = [one for one in bearers if reading.at.valid_on in one.valid]
    answered = answer(
        reading,
        {
            "code": code,
            "at": reading.at.valid_on,
            "in_force": [bearer_out(one) for one in in_force],
            "bearers": [bearer_out(one) for one in bearers],
        },
    )
    answered.headers["Link"] = time_links(f"/v1/codes/{code}")
    return answered
