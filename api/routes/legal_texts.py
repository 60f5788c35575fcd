"""`/v1/restructurings/{id}/legal` and `…/codes`: what the law wants written, and codes kept and published."""

from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.encoding import JSON, answer
from api.examples import shows
from api.security import Approver, Reviewer
from api.time_travel import Reader, Recorded
from registry.changes.work import Work
from registry.errors import StateForbids
from registry.log.sealing import seal
from registry.restructuring.cases import draw_filed
from registry.restructuring.code_publication import (
    provisional_codes,
    publication,
    publish_codes,
    release_codes,
    reserve_codes,
)
from registry.restructuring.legal_texts import legal_texts
from registry.restructuring.paper import read_paper
from registry.restructuring.plan import Plan
from registry.restructuring.store import RestructuringStore

router = APIRouter(prefix="/v1/restructurings", tags=["restructurings"])

EXAMPLE = {
    "title": "撤销马巷镇，设立马巷街道",
    "effective_on": "2021-01-06",
    "drafts": [
        {
            "approver": "province",
            "authority": "福建省人民政府",
            "title": "福建省人民政府关于同意撤销马巷镇的批复",
            "paragraphs": ["〔待填：文号〕", "一、同意撤销马巷镇。"],
        }
    ],
    "clauses": [
        {
            "act": "abolish",
            "approver": "province",
            "text": "撤销马巷镇。",
            "divisions": ["0f6fbb43-3a2f-5d4e-8d5a-2b2f1f6f7c11"],
        }
    ],
    "codes": [
        {
            "fate": "abolished",
            "code": "350213102",
            "name": "马巷镇",
            "division_id": "0f6fbb43-3a2f-5d4e-8d5a-2b2f1f6f7c11",
            "provisional": False,
        }
    ],
    "announcement": [],
}
CODES = {"codes": {"0f6fbb43-3a2f-5d4e-8d5a-2b2f1f6f7c11": "350213002"}}


class LegalFormat(StrEnum):
    """How the texts are wanted."""

    JSON = "json"
    TEXT = "text"


class Publication(BaseModel):
    """Which codes are published, and from when."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"on": "2021-02-01", "codes": {}}}
    )

    on: date
    codes: dict[UUID, str] = Field(
        default_factory=dict,
        description="By division: codes the authority fixed otherwise than was proposed.",
    )


@router.get(
    "/{restructuring_id}/legal",
    operation_id="getLegalTexts",
    responses={
        200: {
            "content": {
                "application/json": {"example": EXAMPLE},
                "text/plain": {"example": "福建省人民政府关于同意撤销马巷镇的批复"},
            }
        }
    },
)
def get_legal_texts(
    restructuring_id: UUID,
    reading: Recorded,
    wanted: Annotated[LegalFormat, Query(alias="format")] = LegalFormat.JSON,
) -> Response:
    """Decree drafts, code list and announcement: a conversion reads as abolish and establish."""
    found = legal_texts(_plan(reading, restructuring_id))
    if wanted is LegalFormat.TEXT:
        return Response(found.text() + "\n", media_type="text/plain; charset=utf-8")
    return answer(reading, found)


@router.post(
    "/{restructuring_id}/codes/reserve", operation_id="reserveCodes", responses=shows(CODES)
)
def reserve(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:
    """Keep the codes an open plan would get now, so that no other plan takes them.

    They are kept until the plan is carried out, rejected or withdrawn.
    """
    del staff  # anybody who may file a plan may keep its codes
    with request.app.state.engine.connect() as connection:
        kept = reserve_codes(connection, restructuring_id)
        connection.commit()
    return _codes_answer(kept)


@router.post(
    "/{restructuring_id}/codes/release",
    operation_id="releaseCodes",
    responses=shows({"codes": {}}),
)
def release(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:
    """Keep none of a plan's codes any longer."""
    del staff  # anybody who may file a plan may give its codes back
    with request.app.state.engine.connect() as connection:
        release_codes(connection, restructuring_id)
        connection.commit()
    return _codes_answer({})


@router.post(
    "/{restructuring_id}/codes/publish",
    status_code=HTTPStatus.CREATED,
    operation_id="publishCodes",
)
def publish(
    restructuring_id: UUID, asked: Publication, request: Request, staff: Approver
) -> Response:
    """Publish the provisional codes a committed restructuring gave; a change of its own."""
    with request.app.state.engine.connect() as connection:
        filed = RestructuringStore(connection).get(restructuring_id)
        if filed.change_number is None:
            raise StateForbids(step="publish codes", state=filed.state.value)
        scheme = read_paper(filed.paper).code_scheme
        work = Work(
            connection, publication(f"公布代码：{filed.title}", author=staff.name, on=asked.on)
        )
        work.start()
        units = provisional_codes(connection, work.number, asked.on, filed.change_number)
        wanted = units or dict.fromkeys(asked.codes, "")
        if not wanted:
            raise StateForbids(step="publish codes: none is provisional", state=filed.state.value)
        publish_codes(work, wanted, scheme=scheme, on=asked.on, fixed=asked.codes)
        seal(work)
        connection.commit()
    return Response(
        msgspec.json.encode({"change": work.number, "codes": {**units, **asked.codes}}),
        status_code=HTTPStatus.CREATED,
        media_type=JSON,
        headers={"Registry-Change": str(work.number), "Location": f"/v1/changes/{work.number}"},
    )


def _plan(reading: Reader, restructuring_id: UUID) -> Plan:
    filed = RestructuringStore(reading.connection).get(restructuring_id)
    known = None if filed.change_number is None else filed.change_number - 1
    return draw_filed(reading.connection, filed, known)[0]


def _codes_answer(codes: dict[UUID, str]) -> Response:
    return Response(msgspec.json.encode({"codes": codes}), media_type=JSON)
