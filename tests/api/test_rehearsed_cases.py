# ruff: noqa: F811 -- a fixture is asked for by its name
"""A case of two acts: the second is read on top of the first before either is carried out."""

from typing import Any

from tests.api.test_rehearsals import (  # noqa: F401 -- a fixture is found by its name
    CONVERSION,
    EVE,
    ON,
    Office,
    office,
)

DIVISION: dict[str, Any] = {
    "title": "马巷街道分设凤翔街道",
    "effective_on": "2027-10-31",
    "decree": {"authority": "厦门市人民政府", "number": "厦府〔2027〕1号"},
    "operations": [
        {
            "split": {
                "division": "350213002",
                "keeps": True,
                "into": [
                    {
                        "name": "凤翔街道",
                        "kind": "subdistrict",
                        "code": "350213004",
                        "members": ["350213102201"],
                        "codes": {"350213102201": "350213004201"},
                    }
                ],
            }
        }
    ],
}
"""The city divides what the province has converted; neither is possible the other way round."""


class WhenACaseHasTwoActs:
    def reads(self, office: Office, **more: str) -> list[Any]:
        paths = {
            f"/v1/addresses/{office.door}": {},
            "/v1/divisions": {"within": "350213"},
            "/v1/codes/350213004": {},
            "/v1/geocode": {"q": "凤翔街道琼头中里1号"},
        }
        found = []
        for path, asked in paths.items():
            answered = office.client.get(
                path, params={**asked, **more}, headers=office.head("reviewer")
            )
            assert answered.status_code == 200, answered.text
            found.append(answered.json())
        return found

    def test_the_second_is_read_on_top_of_the_first_as_it_will_be(self, office: Office) -> None:
        first = office.file(CONVERSION)
        second = office.file({**DIVISION, "case": first})
        day = DIVISION["effective_on"]

        assert office.names_shown(first, at=day) == {"马巷街道", "新圩镇"}
        assert office.names_shown(second) == {"马巷街道", "凤翔街道", "新圩镇"}
        assert office.names_shown(second, at=ON) == {"马巷街道", "新圩镇"}
        proposed = {on: self.reads(office, plan=second, at=on) for on in (EVE, ON, day)}
        preview = office.client.get(f"/v1/restructurings/{second}/preview").json()
        draft = office.client.get(f"/v1/restructurings/{second}/crosswalk").json()
        for plan in (first, second):
            for verb, role in (
                ("submit", "reviewer"),
                ("approve", "approver"),
                ("commit", "approver"),
            ):
                office.step(plan, verb, role)

        assert {on: self.reads(office, at=on) for on in proposed} == proposed
        done = office.client.get(f"/v1/restructurings/{second}/preview").json()
        final = office.client.get(f"/v1/restructurings/{second}/crosswalk").json()
        assert {**done, "drawn_at": 0} == {**preview, "drawn_at": 0}
        assert (draft["status"], final["status"]) == ("draft", "final")
        assert [{**row, "changes": []} for row in final["rows"]] == draft["rows"]

    def test_an_edit_of_the_first_is_seen_in_the_second(self, office: Office) -> None:
        first = office.file(CONVERSION)
        second = office.file({**DIVISION, "case": first})
        assert "马巷街道" in office.names_shown(second)
        operation = {**CONVERSION["operations"][0]["retype"], "name": "马港街道"}
        etag = office.client.get(f"/v1/restructurings/{first}").headers["ETag"]
        edited = office.client.put(
            f"/v1/restructurings/{first}",
            json={**CONVERSION, "operations": [{"retype": operation}]},
            headers={**office.head("reviewer"), "If-Match": etag},
        )

        assert edited.status_code == 200, edited.text
        assert office.names_shown(second) == {"马港街道", "凤翔街道", "新圩镇"}

    def test_two_scenarios_of_the_second_are_compared_on_top_of_it(self, office: Office) -> None:
        first = office.file(CONVERSION)
        one = office.file({**DIVISION, "case": first, "act": 2, "scenario": "A"})
        renamed = {"rename": {"division": "350213002", "name": "马港街道"}}
        other = office.file(
            {**DIVISION, "operations": [renamed], "case": first, "act": 2, "scenario": "B"}
        )

        compared = office.client.get(
            f"/v1/restructurings/{one}/compare", params={"with": other}
        ).json()

        assert [scenario["id"] for scenario in compared["scenarios"]] == [one, other]
        assert [{unit["name"] for unit in units} for units in compared["divisions"]] == [
            {"翔安区", "马巷街道", "凤翔街道"},
            {"马港街道"},
        ]
        assert office.names_shown(one) == {"马巷街道", "凤翔街道", "新圩镇"}
        assert office.names_shown(other) == {"马港街道", "新圩镇"}
