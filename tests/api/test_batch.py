"""Tables geocoded over HTTP and on the command line: same order, nothing lost, taken up again."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from api.batch.columns import guessed_columns, told_columns
from api.batch.journal import Journal
from api.batch.reading import text_lines
from api.batch.writing import as_workbook
from api.cli.main import run
from registry.errors import SourceIsUnreadable

FORMER = "翔安区马巷镇琼头村琼头中里9号"
ROWS = 21_000
BATCH = "/v1/geocode/batch"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def torn(name: str) -> bytes:
    """A workbook one file of which is no XML."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["地址"], [FORMER]]))) as whole,
        zipfile.ZipFile(out, "w") as made,
    ):
        for one in whole.namelist():
            made.writestr(one, b"<a" if one == name else whole.read(one))
    return out.getvalue()


def bomb() -> bytes:
    """An archive of a megabyte that holds more than a gigabyte."""
    out, zeros = io.BytesIO(), bytes(1 << 20)
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("xl/sharedStrings.xml", "w") as texts,
    ):
        for _mebibyte in range(1025):
            texts.write(zeros)
    return out.getvalue()


def chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


class WhenATableIsPosted:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_the_same_rows_come_back_in_order_with_their_matches(
        self, client: httpx.Client, encoding: str
    ) -> None:
        table = f"nr,地址\n1,{FORMER}\n2,无此处\n3\n4,{'长' * 2000}\n5,\n".encode(encoding)

        answered = client.post(BATCH, content=table, headers={"Content-Type": "text/csv"})

        rows = read_csv(answered.text)
        assert answered.headers["content-type"].startswith("text/csv")
        assert int(answered.headers["Registry-Change"]) > 0
        assert [row["nr"] for row in rows] == ["1", "2", "3", "4", "5"]
        assert [row["match_grade"] for row in rows] == ["A", "", "", "", ""]
        assert "凤翔街道" in rows[0]["match_text"]
        errors = [row["match_error"] for row in rows]
        assert errors[:3] == ["", "", "1 columns instead of 2"]
        assert errors[3].startswith("longer than") and errors[4] == "no address"

    def test_rows_of_one_road_say_what_the_first_of_them_says(self, client: httpx.Client) -> None:
        table = "\n".join(["地址", *[FORMER] * 1200]).encode()

        answer = client.post(BATCH, content=table, headers={"Content-Type": "text/csv"})

        first, *others = read_csv(answer.text)
        assert len(others) == 1199 and all(one == first for one in others)
        assert first["match_grade"] == "A" and first["match_via"].startswith("马巷镇 → ")

    def test_ndjson_keeps_every_line_whatever_it_is(self, client: httpx.Client) -> None:
        lines = [json.dumps({"q": FORMER, "nr": 1}), "{broken", "[1]", json.dumps({"nr": 4})]

        answered = client.post(
            BATCH,
            content="\n".join(lines).encode(),
            params={"at": "2020-12-31"},
            headers={"Content-Type": "application/x-ndjson"},
        )

        rows = [json.loads(line) for line in answered.text.splitlines()]
        assert len(rows) == 4
        assert "马巷镇" in rows[0]["match_text"]
        assert (rows[1]["line"], rows[1]["match_error"]) == ("{broken", "no JSON")
        assert [row["match_error"] for row in rows[2:]] == ["no JSON object", "no address"]

    def test_half_a_character_is_written_as_one_that_is_not_known(
        self, client: httpx.Client
    ) -> None:
        line = f'{{"q": "{FORMER}", "note": "\\ud800"}}\n'.encode()

        answered = client.post(
            BATCH,
            content=line,
            params={"format": "csv"},
            headers={"Content-Type": "application/x-ndjson"},
        )

        (row,) = read_csv(answered.text)
        assert (row["note"], row["match_grade"]) == ("?", "A")

    def test_a_workbook_is_read(self, client: httpx.Client) -> None:
        sheet = workbook(
            [["编号", "区", "路", "门牌号"], [7, "翔安区", "琼头中里", 9], [8, None, None, None]]
        )

        answered = client.post(BATCH, content=sheet, headers={"Content-Type": XLSX})

        rows = read_csv(answered.text)
        assert [row["编号"] for row in rows] == ["7", "8"]
        assert rows[0]["match_text"].endswith("琼头中里9号")

    def test_the_answer_begins_before_the_table_has_ended(self, base_url: str) -> None:
        where = httpx.URL(base_url)
        line = f'{{"q": "{FORMER}"}}\n'.encode()
        with socket.create_connection((where.host, where.port or 80), timeout=60) as wire:
            wire.sendall(
                f"POST {BATCH} HTTP/1.1\r\nHost: {where.host}\r\nConnection: close\r\n"
                "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            wire.sendall(chunk(line * 1100))
            early = wire.recv(1 << 16)
            assert early.startswith(b"HTTP/1.1 200")
            wire.sendall(chunk(line * 100) + chunk(b""))
            whole = early + b"".join(iter(lambda: wire.recv(1 << 16), b""))
        assert whole.count(b'"match_grade": "A"') == 1200

    @pytest.mark.parametrize(
        ("content", "kind", "status"),
        [
            (b"a,b\n1,2\n", "text/csv", 422),
            (b"", "text/csv", 422),
            (b"q,q\n1,2\n", "text/csv", 422),
            (b"q,match_grade\n1,2\n", "text/csv", 422),
            (b"no workbook", XLSX, 422),
            (torn("xl/workbook.xml"), XLSX, 422),
            (torn("xl/worksheets/sheet1.xml"), XLSX, 422),
            (bomb(), XLSX, 422),
            (b"q\n1\n", "text/html", 415),
        ],
    )
    def test_what_is_no_table_of_addresses_is_refused(
        self, client: httpx.Client, content: bytes, kind: str, status: int
    ) -> None:
        answered = client.post(BATCH, content=content, headers={"Content-Type": kind})

        assert answered.status_code == status, answered.text
        assert answered.headers["content-type"] == "application/problem+json"

    def test_a_workbook_that_is_too_large_is_refused_at_once(self, base_url: str) -> None:
        where = httpx.URL(base_url)
        with socket.create_connection((where.host, where.port or 80), timeout=20) as wire:
            wire.sendall(
                f"POST {BATCH} HTTP/1.1\r\nHost: {where.host}\r\nConnection: close\r\n"
                f"Content-Type: {XLSX}\r\nContent-Length: {1 << 40}\r\n\r\n".encode()
            )
            answered = wire.recv(1 << 16)
        assert answered.startswith(b"HTTP/1.1 413")
        assert b'"too-large"' in answered


class WhenColumnsAreGuessed:
    @pytest.mark.parametrize(
        ("had", "whole", "parts"),
        [
            (("id", "地址"), ("地址",), ()),
            (("id", "申请人住址"), ("申请人住址",), ()),
            (("区", "路", "门牌号", "备注"), (), (("county", "区"), ("carrier", "路"), ("number", "门牌号"))),
            (("a", "b"), ("b",), ()),
        ],
    )  # fmt: skip
    def test_by_name_and_then_by_content(
        self, had: tuple[str, ...], whole: tuple[str, ...], parts: tuple[tuple[str, str], ...]
    ) -> None:
        found = guessed_columns(had, [dict.fromkeys(had, "x") | {had[-1]: "湖滨南路388号"}], "f")

        assert (found.whole, found.parts) == (whole, parts)

    def test_what_is_told_wins(self) -> None:
        assert (
            told_columns("区,路,门牌", ("区", "路", "门牌"), "f").text_of(
                {"区": "思明区", "路": "湖滨南路", "门牌": 388}
            )
            == "思明区湖滨南路388"
        )
        parts = told_columns("number=号,county=区,carrier=路", ("区", "路", "号"), "f")
        assert (
            parts.text_of({"区": "思明区", "路": "湖滨南路", "号": "388"}) == "思明区湖滨南路388号"
        )

    @pytest.mark.parametrize("told", ["x", "planet=区", "", "区,number=路"])
    def test_what_cannot_be_is_refused(self, told: str) -> None:
        with pytest.raises(SourceIsUnreadable):
            told_columns(told, ("区", "路"), "f")


class EveryText:
    @given(st.text(max_size=60), st.lists(st.integers(1, 9), max_size=30))
    def test_is_cut_into_the_same_lines_however_it_comes(self, text: str, cuts: list[int]) -> None:
        text = text.replace("\0", "").replace("\ufeff", "")
        for encoding in ("utf-8", "gb18030"):
            whole = text.encode(encoding, errors="ignore")
            chunks, at = [], 0
            for cut in [*cuts, len(whole)]:
                chunks.append(whole[at : at + cut])
                at += cut
            chunks.append(whole[at:])
            assert "".join(text_lines(chunks)) == "".join(text_lines([whole]))


class WhenAPieceOfWorkIsKilled:
    @given(st.data())
    def test_it_goes_on_where_it_was_wherever_the_disk_was_left(
        self, chance: st.DataObject
    ) -> None:
        with tempfile.TemporaryDirectory() as place:
            output, blocks = Path(place) / "out.csv", [b"head\n", b"a\nb\n", b"c\n", b"d\n"]
            counts = [0, 2, 1, 1]
            work = {"input": "x", "known": 5}
            stop = chance.draw(st.integers(0, 4))
            with Journal(output, work) as journal:
                for block, count in zip(blocks[:stop], counts, strict=False):
                    journal.write(block, count)
            part, marks = journal.part, output.with_name("out.csv.progress")
            with part.open("ab") as torn:
                torn.write(chance.draw(st.binary(max_size=5)))
            lines = marks.read_bytes()
            first = lines.index(b"\n") + 1
            marks.write_bytes(lines[: chance.draw(st.integers(first, len(lines)))])

            with Journal(output, {**work, "known": 9}) as again:
                assert again.work["known"] == 5
                done = again.done
                place_of = {0: 0, 5: 1, 9: 2, 11: 3, 13: 4}[done.bytes]
                for block, count in zip(blocks[place_of:], counts[place_of:], strict=True):
                    again.write(block, count)
                again.finish()

            assert output.read_bytes() == b"".join(blocks)
            assert again.done.rows == 4
            assert [one.name for one in Path(place).iterdir()] == ["out.csv"]

    def test_rows_are_kept_until_the_workbook_made_from_them_has_its_name(
        self, tmp_path: Path
    ) -> None:
        output, rows = tmp_path / "out.xlsx", b'{"a": "1"}\n{"a": "2"}\n'
        with Journal(output, {"input": "x", "known": 5}) as journal:
            journal.write(rows, 2)
            made = as_workbook(journal.part, ["a"])

        with Journal(output, {"input": "x", "known": 5}) as again:
            assert (again.done.rows, again.part.read_bytes()) == (2, rows)
            again.finish(made)

        assert [*tmp_path.iterdir()] == [output]
        values = [*load_workbook(output, read_only=True).worksheets[0].values]
        assert values == [("a",), ("1",), ("2",)]

    def test_other_work_does_not_take_it_up(self, tmp_path: Path) -> None:
        with Journal(tmp_path / "out", {"input": "x", "known": 5}) as journal:
            journal.write(b"a", 1)

        with pytest.raises(SourceIsUnreadable):
            Journal(tmp_path / "out", {"input": "y", "known": 5})


class WhenAFileIsGeocoded:
    @pytest.fixture(autouse=True)
    def registry(self, demo_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("DATABASE_URL", demo_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "home"))

    def test_killed_and_started_again_no_row_is_lost_or_doubled(self, tmp_path: Path) -> None:
        asked, answered = tmp_path / "in.csv", tmp_path / "out.csv"
        doors = [(FORMER, "翔安区凤翔街道琼头社区琼头中里9号")[n % 2] for n in range(ROWS)]
        lines = "".join(f"{n},{door},{'备注' * 20}\n" for n, door in enumerate(doors))
        asked.write_text(f"nr,地址,note\n{lines}", encoding="utf-8")
        command = [sys.executable, "-m", "api.cli.main", "geocode", str(asked), "--output", str(answered)]  # fmt: skip
        marks = tmp_path / "out.csv.progress"

        first = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + 90
        while not (marks.exists() and len(marks.read_bytes().splitlines()) > 3):
            assert first.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        assert not answered.exists()
        sure = json.loads(marks.read_text().splitlines()[-1])
        assert 0 < sure[0] < ROWS

        assert subprocess.run(command, check=False, capture_output=True).returncode == 0

        rows = read_csv(answered.read_text(encoding="utf-8"))
        assert [row["nr"] for row in rows] == [str(n) for n in range(ROWS)]
        assert {row["match_grade"] for row in rows} == {"A"}
        assert not marks.exists()

    def test_a_workbook_in_is_a_workbook_out(self, tmp_path: Path) -> None:
        asked, answered = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
        asked.write_bytes(workbook([["nr", "地址"], [1, FORMER], [2, "无此处"]]))

        assert run(["geocode", str(asked), "--output", str(answered)]) == 0

        rows = list(load_workbook(answered, read_only=True).worksheets[0].values)
        assert rows[0][:3] == ("nr", "地址", "match_grade")
        assert [dict(enumerate(row)).get(2) for row in rows[1:]] == ["A", None]
        assert [row[0] for row in rows[1:]] == [1, 2]

    def test_columns_can_be_told(self, tmp_path: Path) -> None:
        asked, answered = tmp_path / "in.csv", tmp_path / "out.ndjson"
        asked.write_text("a,b,c\n翔安区,琼头中里,9\n", encoding="utf-8")
        told = "county=a,carrier=b,number=c"

        assert run(["geocode", str(asked), "--output", str(answered), "--columns", told]) == 0

        row = json.loads(answered.read_text(encoding="utf-8"))
        assert (row["c"], row["match_grade"]) == ("9", "A")
