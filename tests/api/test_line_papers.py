"""Papers of lines and markers: agreements to the byte, segments, series of markers, register sheets."""

import base64
import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
import shapely
from reportlab.pdfgen.canvas import Canvas

from api.agreements import LARGEST_BYTES
from api.cli.main import run
from geo.measures import away_m, seen_from
from registry.changes.scope import scoped_items
from registry.changes.view import FeedView
from tests.api.line_office import LINES, MARKERS, ON, Office, opened_office, picture
from tests.conftest import Databases
from tests.grid_city import COUNTY
from tests.registry.changes.test_scope import apply, shown


@pytest.fixture(scope="module")
def service(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(databases, template, tmp_path_factory.mktemp("papers")) as office:
        yield office


@pytest.fixture
def office(service: Office) -> Office:
    service.take_a_line()
    return service


def agreement(pages: int = 2) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for page in range(pages):
        canvas.drawString(100, 700, f"Agreement, page {page + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def altered(**more: Any) -> bytes:
    """The agreement with something else in it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(agreement())) as document:
        for name, value in more.items():
            document.Root[f"/{name}"] = value
        document.save(out)
    return out.getvalue()


def locked() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(agreement())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="u", R=6))
    return out.getvalue()


def with_a_note(kind: Any, **more: Any) -> bytes:
    """The agreement with a note on its first page."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(agreement())) as document:
        note = pikepdf.Dictionary(Subtype=kind, Rect=[0, 0, 9, 9], **more)
        document.pages[0].obj["/Annots"] = pikepdf.Array([note])
        document.save(out)
    return out.getvalue()


def handed(office: Office, body: bytes, who: str | None = "reviewer", **said: str) -> Any:
    return office.ask(
        "POST",
        f"{LINES}/{office.line}/agreement",
        who,
        files={"document": ("协议书.pdf", body)},
        data=said,
    )


class TheAgreement:
    @pytest.mark.parametrize(
        ("form", "media"),
        [("pdf", "application/pdf"), ("JPEG", "image/jpeg"), ("PNG", "image/png")],
    )
    def test_is_kept_to_the_byte_and_served_with_its_digest(
        self, office: Office, form: str, media: str
    ) -> None:
        body = agreement() if form == "pdf" else picture(form, "white")
        digest = hashlib.sha256(body).hexdigest()

        made = handed(
            office, body, agreement_number="翔政〔2020〕3号", agreement_on="2020-02-29",
            legal_status="agreed", on=ON,
        )  # fmt: skip
        place = made.headers["Location"]
        read = office.ask("GET", place, "surveyor")
        again = office.ask("GET", place, headers={"If-None-Match": read.headers["ETag"]})

        assert made.status_code == 201, made.text
        assert made.json()["agreement"] == {
            "number": "翔政〔2020〕3号", "on": "2020-02-29", "sha256": digest,
        }  # fmt: skip
        assert made.json()["inspection_due_on"] == "2025-03-01"
        assert place == f"{LINES}/{office.line}/agreements/{digest}"
        assert (read.content, read.headers["content-type"]) == (body, media)
        said = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert read.headers["repr-digest"] == f"sha-256=:{said}:"
        assert read.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in read.headers["content-security-policy"]
        assert "immutable" in read.headers["cache-control"]
        assert again.status_code == 304

    def test_of_an_earlier_day_stays_where_it_was(self, office: Office) -> None:
        first = handed(office, agreement(1), on=ON).headers["Location"]
        second = handed(office, agreement(3), on="2023-01-01").headers["Location"]

        assert first != second
        for place in (first, second):
            assert office.ask("GET", place).status_code == 200
        then = office.client.get(f"{LINES}/{office.line}", params={"at": "2022-01-01"}).json()
        assert first.endswith(then["agreement"]["sha256"])

    def test_is_shown_to_staff_and_of_its_own_line_alone(self, office: Office) -> None:
        place = handed(office, agreement(4), on=ON).headers["Location"]
        digest = place.rsplit("/", 1)[1]

        assert office.ask("GET", place, None).status_code == 401
        assert office.ask("GET", place, "public").status_code == 403
        for other in (f"{LINES}/{office.beside}/agreements/{digest}", f"{place[:-64]}{'0' * 64}"):
            assert office.ask("GET", other).json()["code"] == "not-found"
        assert handed(office, agreement(), "surveyor").status_code == 403
        assert handed(office, agreement(), None).status_code == 401

    def test_that_cannot_be_kept_is_refused_and_nothing_changes(self, office: Office) -> None:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        runs = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
        pinned = pikepdf.Dictionary(EF=pikepdf.Dictionary(F=pikepdf.String("")))
        files = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array()))
        bad = "agreement-is-unreadable"
        head, held = office.head(), kept(office)
        wrong = {}
        for what, body, code in (
            ("nothing", b"", bad),
            ("a text", b"agreed", bad),
            ("a page with a script", b"<svg xmlns='http://www.w3.org/2000/svg'/>", bad),
            ("the head of a PDF", b"%PDF-1.7\n%%EOF", bad),
            ("half a PDF", agreement()[:900], bad),
            ("a locked PDF", locked(), bad),
            ("a PDF that runs when opened", altered(OpenAction=script), bad),
            ("a PDF with a link that runs", with_a_note(pikepdf.Name.Link, A=runs), bad),
            ("a PDF a file is pinned to", with_a_note(pikepdf.Name.FileAttachment, FS=pinned), bad),
            ("a PDF that carries files", altered(Names=files), bad),
            ("half a picture", picture()[:2000], bad),
            ("another kind of picture", picture("GIF"), bad),
            ("a PDF larger than any", agreement() + bytes(LARGEST_BYTES), bad),
            ("a body larger than any", bytes(LARGEST_BYTES + 2**21), "upload-is-too-large"),
        ):
            told = handed(office, body)
            if told.json().get("code") != code:
                wrong[what] = told.text
        for said in ({"colour": "red"}, {"legal_status": "ours"}, {"agreement_on": "x"}):
            assert handed(office, agreement(), **said).json()["code"] == "request-is-invalid"
        late = handed(office, agreement(), agreement_on="9999-12-31")
        without = office.ask("POST", f"{LINES}/{office.line}/agreement", data={"on": ON})
        office.line = str(uuid4())

        assert late.json()["code"] == "day-is-to-come"
        assert without.json()["code"] == "request-is-invalid"
        assert handed(office, agreement()).json()["code"] == "line-is-unknown"
        assert wrong == {}
        assert (office.head(), kept(office)) == (head, held)


def kept(office: Office) -> set[Path]:
    return set((office.home / "files" / "agreements").glob("*"))


def numbered(office: Office) -> str:
    path = f"{LINES}/{office.line}"
    assert office.ask("PATCH", path, json=office.agreed).status_code == 200
    return path


def along(office: Office, *shares: float, kind: str = "single") -> list[dict[str, Any]]:
    """Spots on the line, by their share of the way from its south-west."""
    return [
        {
            "kind": kind,
            "lon": office.west + share * (office.east - office.west),
            "lat": office.south + share * (office.north - office.south),
        }
        for share in shares
    ]


class TheMarkersOfASeries:
    def test_are_numbered_by_the_rule_and_go_on_from_the_last(self, office: Office) -> None:
        path = numbered(office)
        north_south = office.north - office.south > office.east - office.west

        made = office.ask(
            "POST",
            f"{path}/markers/series",
            json={"on": ON, "markers": along(office, 0.5, 0.1, 0.9)},
        )
        more = office.ask(
            "POST",
            f"{path}/markers/series",
            json={"on": ON, "markers": along(office, 0.3, kind="double")},
        )

        assert made.status_code == 201, made.text
        order = ["002", "003", "001"] if north_south else ["002", "001", "003"]
        assert [one["number"] for one in made.json()["markers"]] == [
            f"{office.number}{place}Q" for place in order
        ]
        assert [one["number"] for one in more.json()["markers"]] == [f"{office.number}004A"]
        other_bank = office.ask(
            "POST",
            f"{path}/markers",
            json={
                **along(office, 0.31, kind="double")[0],
                "number": f"{office.number}004B",
                "on": ON,
            },
        )
        assert other_bank.status_code == 201, other_bank.text

    def test_are_put_up_all_or_none(self, office: Office) -> None:
        bare = office.ask(
            "POST", f"{LINES}/{office.line}/markers/series", json={"markers": along(office, 0.5)}
        )
        path, far = numbered(office), {"kind": "single", "lon": 118.5, "lat": 24.9}
        head = office.head()

        astray = office.ask(
            "POST", f"{path}/markers/series", json={"markers": [*along(office, 0.5), far], "on": ON}
        )
        none = office.ask("POST", f"{path}/markers/series", json={"markers": []})

        assert (bare.status_code, bare.json()["code"]) == (409, "line-has-no-number")
        assert (astray.status_code, astray.json()["code"]) == (409, "marker-is-off-its-line")
        assert none.json()["code"] == "request-is-invalid"
        assert office.head() == head


def course(office: Office, *ends: str) -> list[dict[str, Any]]:
    return [
        {"kind": "river", "along": "九溪", "begins": one, "ends": other, "length_m": 500.0}
        for one, other in pairwise(ends)
    ]


class TheSegmentsOfALine:
    def test_say_from_a_day_on_what_shows_it(self, office: Office) -> None:
        path = numbered(office)
        made = office.ask(
            "POST", f"{path}/markers/series", json={"on": ON, "markers": along(office, 0.2, 0.8)}
        )
        first, last = sorted(one["number"] for one in made.json()["markers"])
        tag = office.client.get(path).headers["ETag"]

        said = office.ask(
            "PUT",
            f"{path}/segments",
            json={"on": "2021-01-01", "segments": course(office, "三岔口", first, last)},
            headers={"If-Match": tag},
        )
        fewer = office.ask(
            "PUT",
            f"{path}/segments",
            json={"on": "2023-01-01", "segments": course(office, first, last)},
        )
        stale = office.ask(
            "PUT", f"{path}/segments", json={"segments": []}, headers={"If-Match": tag}
        )

        assert said.status_code == 200, said.text
        assert [one["begins"] for one in said.json()["segments"]] == ["三岔口", first]
        assert [one["begins"] for one in fewer.json()["segments"]] == [first]
        assert stale.status_code == 412
        for day, count in (("2020-06-01", 0), ("2022-01-01", 2), ("2024-01-01", 1)):
            then = office.client.get(path, params={"at": day}).json()
            assert len(then["segments"]) == count, day

    def test_that_do_not_join_are_refused(self, office: Office) -> None:
        path, head = numbered(office), office.head()
        apart = [*course(office, "甲", "乙"), *course(office, "丙", "丁")]
        for segments, code in (
            (apart, "segments-do-not-join"),
            (course(office, "甲", f"{office.number}009Q"), "segments-do-not-join"),
            ([{**course(office, "甲", "乙")[0], "kind": "air"}], "request-is-invalid"),
            ([{**course(office, "甲", "乙")[0], "length_m": -1}], "request-is-invalid"),
        ):
            told = office.ask("PUT", f"{path}/segments", json={"segments": segments})
            assert told.json()["code"] == code, told.text
        assert (
            office.ask("PUT", f"{path}/segments", "surveyor", json={"segments": []}).status_code
            == 403
        )
        early = office.ask("PUT", f"{LINES}/{uuid4()}/segments", json={"segments": []})
        assert early.json()["code"] == "line-is-unknown"
        assert office.head() == head

    def test_and_landmarks_reach_whoever_follows_the_divisions(self, office: Office) -> None:
        path, view = numbered(office), FeedView(within=office.city.ids[COUNTY])
        marker = office.marker()["id"]
        start = office.head()
        with office.engine.connect() as connection:
            held = shown(connection, view, start)
        office.ask("PUT", f"{path}/segments", json={"segments": course(office, "甲", "乙", "丙")})
        office.ask("PUT", f"{MARKERS}/{marker}/landmarks", json={"landmarks": [LANDMARK]})
        office.ask("PUT", f"{path}/segments", json={"segments": course(office, "甲", "丙")})

        with office.engine.connect() as connection:
            for number in range(start + 1, office.head() + 1):
                held = apply(held, list(scoped_items(connection, view, number)))
                assert held == shown(connection, view, number)
        assert {"boundary_segment_version", "marker_landmark_version"} <= {one[0] for one in held}


LANDMARK = {"name": "水闸<b>", "bearing_deg": 35.0, "distance_m": 62.5}


class TheRegisterSheet:
    def test_shows_what_is_known_of_a_marker_and_where_it_stands(self, office: Office) -> None:
        numbered(office)
        marker = office.marker(material="花岗岩", keeper="甲镇人民政府", face_texts="甲 乙")
        path = f"{MARKERS}/{marker['id']}"
        office.ask("PUT", f"{path}/landmarks", json={"landmarks": [LANDMARK], "on": ON})
        office.photographed(marker["id"], picture(), on="2024-05-01")

        page = office.ask("GET", f"{path}/sheet", "surveyor", headers={"Accept-Language": "zh"})
        paper = office.ask("GET", f"{path}/sheet?format=pdf", headers={"Accept-Language": "zh"})
        english = office.ask("GET", f"{path}/sheet")

        assert page.status_code == 200, page.text
        for text in (
            "界桩登记表",
            marker["number"],
            "花岗岩",
            "甲镇人民政府",
            "35.0°",
            "62.5",
            "EPSG:4548",
        ):
            assert text in page.text, text
        assert "水闸&lt;b&gt;" in page.text
        assert "水闸<b>" not in page.text
        assert page.text.count("data:image/jpeg;base64,") == 1
        assert "Register sheet" in english.text
        assert paper.headers["content-type"] == "application/pdf"
        text = subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=paper.content, capture_output=True, check=True
        ).stdout.decode()
        for words in ("界桩登记表", marker["number"], "花岗岩", "水闸", "签章"):
            assert words in text, words
        with pikepdf.open(io.BytesIO(paper.content)) as document:
            kinds = [
                one.get("/Subtype") for one in document.objects if isinstance(one, pikepdf.Stream)
            ]
        assert "/Image" in kinds

    def test_of_a_marker_on_a_slanting_line_shows_it_on_the_line(self) -> None:
        course = shapely.MultiLineString([[(118.1, 24.6), (118.2037, 24.6891), (118.25, 24.61)]])
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            spot = course.interpolate(share, normalized=True)
            assert away_m(spot, course) < 1e-3
            assert away_m(seen_from(spot, 0.0, 50.0), course) <= 50.001

    def test_is_for_staff_and_of_a_marker_there_is(self, office: Office) -> None:
        marker = office.marker()["id"]
        asked = office.ask("GET", f"{MARKERS}/{marker}/sheet", None)

        assert (asked.status_code, asked.headers["www-authenticate"][:5]) == (401, "Basic")
        assert office.ask("GET", f"{MARKERS}/{marker}/sheet", "public").status_code == 403
        for path in (f"{MARKERS}/{uuid4()}/sheet", f"{MARKERS}/{marker}/sheet?at=2019-01-01"):
            assert office.ask("GET", path).json()["code"] == "marker-is-unknown"

    def test_tells_landmarks_that_cannot_be(self, office: Office) -> None:
        path = f"{MARKERS}/{office.marker()['id']}/landmarks"
        for said in ({"bearing_deg": 360}, {"distance_m": 0}, {"distance_m": 1e9}, {"name": ""}):
            told = office.ask("PUT", path, json={"landmarks": [{**LANDMARK, **said}]})
            assert told.json()["code"] == "request-is-invalid", said
        stale = office.ask("PUT", path, json={"landmarks": []}, headers={"If-Match": '"x"'})
        assert stale.json()["code"] == "feature-is-stale"


class TheCommandLine:
    def test_puts_a_series_up_from_a_file_and_writes_a_sheet(
        self,
        office: Office,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        numbered(office)
        monkeypatch.setenv("DATABASE_URL", office.engine.url.render_as_string(hide_password=False))
        monkeypatch.setenv("REGISTRY_HOME", str(office.home))
        listed = tmp_path / "series.csv"
        rows = [
            f"{one['kind']},{one['lon']},{one['lat']},花岗岩" for one in along(office, 0.2, 0.6)
        ]
        listed.write_text("kind,lon,lat,material\n" + "\n".join(rows), encoding="utf-8-sig")
        broken = tmp_path / "broken.csv"
        broken.write_text("kind,lon\nsingle,118", encoding="utf-8")

        assert (
            run(
                [
                    "boundary",
                    "markers",
                    "series",
                    office.line,
                    str(listed),
                    "--on",
                    ON,
                    "--who",
                    "r",
                    "--json",
                ]
            )
            == 0
        )
        made = json.loads(capsys.readouterr().out)["markers"]
        assert run(["boundary", "markers", "series", office.line, str(broken), "--who", "r"]) == 1
        refused = capsys.readouterr().err
        for name in ("sheet.pdf", "sheet.html"):
            out = tmp_path / name
            assert run(["boundary", "markers", "sheet", made[0]["id"], str(out)]) == 0

        assert sorted(one["number"][4:] for one in made) == ["001Q", "002Q"]
        assert len(refused.strip().splitlines()) == 1
        assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")
        assert made[0]["number"] in (tmp_path / "sheet.html").read_text(encoding="utf-8")
