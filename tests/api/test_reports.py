"""Reports over HTTP: three taps without a script, a ticket nobody guesses, and an office that answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.throttle import MOST_REPORTS
from tests.api.test_plate_life import Office, door, office

__all__ = ["door", "office"]

TICKET = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")


@pytest.fixture
def asked(door: str) -> dict[str, object]:
    return {"address_code": door, "kind": "plate_damaged", "note": "撞弯了"}


class WhenAProblemIsReported:
    def test_three_taps_without_a_script_lead_to_a_ticket_that_can_be_followed(
        self, office: Office, door: str
    ) -> None:
        page = office.client.get(f"/a/{door}")
        form = office.client.get(f"/a/{door}/report?lang=zh")
        sent = office.client.post(
            f"/a/{door}/report?lang=zh", data={"kind": "plate_missing", "note": ""}
        )
        shown = office.client.get(sent.headers["Location"])
        again = office.client.get(sent.headers["Location"].partition("?")[0] + "?lang=en")

        assert f"/a/{door}/report" in page.text
        assert "门牌不见了" in form.text and 'method="post"' in form.text
        assert sent.status_code == 303
        assert "报告已收到" in shown.text and TICKET.search(shown.text)
        assert "Received, waiting" in again.text
        assert shown.headers["Cache-Control"] == "no-store"
        assert "set-cookie" not in {name.lower() for name in shown.headers}

    def test_the_ticket_is_told_once_and_followed_however_it_is_typed(
        self, office: Office, asked: dict[str, object], city: Engine
    ) -> None:
        answered = office.client.post("/v1/reports", json=asked)
        ticket = answered.json()["ticket"]

        assert answered.status_code == 201
        assert TICKET.fullmatch(ticket)
        for typed in (ticket, ticket.lower(), ticket.replace("-", ""), f" {ticket} "):
            found = office.client.get(f"/v1/reports/{typed}")
            assert found.json()["state"] == "received"
        with city.connect() as connection:
            rows = str(connection.execute(text("SELECT * FROM report")).all())
        assert ticket not in rows and ticket.replace("-", "") not in rows
        assert "127.0.0.1" not in rows

    def test_what_is_no_report_is_refused_and_nothing_kept(
        self, office: Office, asked: dict[str, object]
    ) -> None:
        for wrong, code in (
            ({"address_code": "000000000001"}, "address-code-is-mistyped"),
            ({"address_code": "000000000000"}, "address-is-unknown"),
            ({"kind": "rude"}, "request-is-invalid"),
            ({"name": "张三"}, "request-is-invalid"),
            ({"note": "长" * 301}, "request-is-invalid"),
            ({"note": "a\0b"}, "request-is-invalid"),
            ({"note": "a\ud800b"}, "request-is-invalid"),
        ):
            body = json.dumps({**asked, **wrong})
            answered = office.client.post(
                "/v1/reports", content=body, headers={"Content-Type": "application/json"}
            )
            assert answered.is_client_error and answered.json()["code"] == code
        form = office.client.post(f"/a/{asked['address_code']}/report", data={"kind": "rude"})
        assert form.status_code == 422 and "<form" in form.text
        unknown = office.client.get("/v1/reports/0000-0000-0000-0000")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "report-is-unknown")
        assert office.client.get("/reports?ticket=0000").status_code == 404
        assert office.get("/v1/reports", "surveyor").json()["reports"] == []

    def test_a_flood_is_held_back_and_told_when_to_try_again(
        self, office: Office, asked: dict[str, object]
    ) -> None:
        done = [office.client.post("/v1/reports", json=asked) for _n in range(MOST_REPORTS + 1)]
        page = office.client.post(
            f"/a/{asked['address_code']}/report?lang=zh", data={"kind": "other"}
        )
        elsewhere = office.client.post(
            "/v1/reports", json=asked, headers={"X-Forwarded-For": "192.0.2.7"}
        )

        assert [one.status_code for one in done] == [201] * MOST_REPORTS + [429]
        assert done[-1].json()["code"] == "too-many-reports"
        assert 0 < int(done[-1].headers["Retry-After"]) <= 600
        assert page.status_code == 429 and "请稍候再试" in page.text
        assert elsewhere.status_code == 201


class WhenTheOfficeAnswers:
    def test_only_staff_see_reports_and_the_author_reads_what_they_say(
        self, office: Office, asked: dict[str, object]
    ) -> None:
        ticket = office.client.post("/v1/reports", json=asked).json()["ticket"]
        [listed] = office.get("/v1/reports", "surveyor", within="350213").json()["reports"]
        place = f"/v1/reports/{listed['id']}/move"

        refused = office.client.post(place, json={"state": "resolved"})
        office.post(place, "surveyor", json={"state": "in_progress"})
        moved = office.post(place, "surveyor", json={"state": "resolved", "answer": "已换新牌"})
        late = office.post(place, "surveyor", json={"state": "declined"})

        assert listed["note"] == "撞弯了" and "ticket" not in listed
        assert office.client.get("/v1/reports").status_code == 401
        assert office.get("/v1/reports", "public").status_code == 403
        assert refused.status_code == 401
        assert moved.json()["state"] == "resolved"
        assert (late.status_code, late.json()["code"]) == (409, "report-is-settled")
        assert office.client.get(f"/v1/reports/{ticket}").json()["answer"] == "已换新牌"
        assert "已换新牌" in office.client.get(f"/reports/{ticket}").text

    def test_the_list_is_read_page_by_page(self, office: Office, asked: dict[str, object]) -> None:
        for _n in range(3):
            office.client.post("/v1/reports", json=asked)

        first = office.get("/v1/reports", "surveyor", limit=2)
        headers = {"Authorization": f"Bearer {office.keys['surveyor']}"}
        rest = office.client.get(first.links["next"]["url"], headers=headers)

        assert (len(first.json()["reports"]), len(rest.json()["reports"])) == (2, 1)
        assert office.get("/v1/reports", cursor="nonsense").json()["code"] == "cursor-is-invalid"

    def test_the_plate_that_was_scanned_is_named(
        self, office: Office, asked: dict[str, object]
    ) -> None:
        [plate] = office.issue(str(asked["address_code"]))

        office.client.post("/v1/reports", json={**asked, "serial": 1})
        office.client.post("/v1/reports", json={**asked, "serial": 9})

        found = office.get("/v1/reports", "surveyor").json()["reports"]
        assert [one["plate_id"] for one in found] == [plate["id"], None]


class TheTickets:
    def test_differ_and_are_long(self, tmp_path: Path) -> None:
        from api.tickets import BITS, digest_of, new_ticket

        def drawn() -> Iterator[str]:
            for _n in range(1000):
                yield new_ticket()

        tickets = set(drawn())
        assert len(tickets) == 1000 and BITS >= 80
        assert len({digest_of(one) for one in tickets}) == 1000
