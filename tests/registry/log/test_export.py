"""The exported file proves itself, to us and to a verifier that knows only the documentation."""

import base64
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.log_keys import current_checkpoint, prepare_log, rotate_key
from registry.errors import RegistryError
from registry.log.export import check_export, export_lines
from registry.log.notes import VerifierKey
from registry.log.store import LogStore
from tests.builder import MAXIANG, RegistryBuilder
from tests.registry.log import independent

PAGE = Path(__file__).parents[3] / "docs" / "log.md"


def exported(engine: Engine, home: Path) -> bytes:
    with engine.connect() as connection:
        note = current_checkpoint(connection, home)
        connection.commit()
        return b"\n".join(export_lines(connection, note)) + b"\n"


def faults_of(export: bytes, *trusted: VerifierKey) -> list[object]:
    return list(check_export(export.splitlines(), trusted)[1])


@pytest.fixture
def small(engine: Engine, tmp_path: Path) -> tuple[bytes, VerifierKey]:
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    builder.squares("350213102001", "350213102201")
    builder.doors("350213102201", 2)
    prepare_log(engine, tmp_path, "registry.example/log")
    with engine.connect() as connection:
        first = LogStore(connection).every_key()[0].verifier
        rotate_key(connection, tmp_path)
        connection.commit()
    builder.doors("350213102202", 1)
    return exported(engine, tmp_path), first


class TheExport:
    def test_holds_for_who_trusts_the_first_key(self, small: tuple[bytes, VerifierKey]) -> None:
        export, first = small

        assert faults_of(export, first) == []
        assert independent.verify(export, first.text) == 4

    def test_of_a_whole_city_holds(self, city: Engine, tmp_path: Path) -> None:
        prepare_log(city, tmp_path, None)
        export = exported(city, tmp_path)
        with city.connect() as connection:
            key = LogStore(connection).every_key()[0].verifier
            size = LogStore(connection).size()

        assert faults_of(export, key) == []
        assert independent.verify(export, key.text) == size

    def test_is_not_believed_from_a_stranger(
        self, small: tuple[bytes, VerifierKey], engine: Engine
    ) -> None:
        stranger = VerifierKey("registry.example/log", bytes(32))

        assert faults_of(small[0], stranger) != []
        with pytest.raises(independent.Untrue):
            independent.verify(small[0], stranger.text)

    def test_is_not_whole_when_any_line_is_missing_or_moved(
        self, small: tuple[bytes, VerifierKey]
    ) -> None:
        lines = small[0].splitlines()
        for place in range(1, len(lines)):
            without = [*lines[:place], *lines[place + 1 :]]
            assert list(check_export(without)[1]) != [], place
            assert list(check_export(lines[:place])[1]) != [], place
            if place + 1 < len(lines):
                moved = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
                assert list(check_export(moved)[1]) != [], place

    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(place=st.integers(0, 10**6), flip=st.integers(1, 255))
    def test_is_not_believed_once_any_byte_is_another(
        self, small: tuple[bytes, VerifierKey], place: int, flip: int
    ) -> None:
        export, first = small
        # What stands before the first change and after the last is signed or names keys.
        start, end = export.index(b'{"number":1,'), export.index(b'{"checkpoint":')
        raw = bytearray(export)
        raw[start + place % (end - start)] ^= flip
        try:
            found = faults_of(bytes(raw), first)
        except RegistryError:
            return
        assert found != []


class TheDocumentation:
    def test_gives_the_figures_its_own_example_has(self) -> None:
        page = PAGE.read_text(encoding="utf-8")
        lines = [
            line.encode()
            for line in page.splitlines()
            if line.startswith(('{"number":', '{"table":'))
        ]

        leaves = independent.leaves_of(lines)

        said = re.findall(r"`([0-9a-f]{64})`", page)
        assert said == [*(leaf.hex() for leaf in leaves), independent.root(leaves).hex()]
        assert base64.b64encode(independent.root(leaves)).decode() in page
