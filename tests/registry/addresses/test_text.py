"""Texts of addresses: the table of the field's forms, and what holds of every text."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.addresses.text import AddressParts, Profile, compose
from registry.divisions.chain import ChainLink
from registry.divisions.model import DivisionKind


def chain(*units: tuple[str, DivisionKind]) -> tuple[ChainLink, ...]:
    return tuple(ChainLink(uuid4(), kind.level, kind, name) for name, kind in units)


SIMING = chain(
    ("观音山社区", DivisionKind.COMMUNITY),
    ("莲前街道", DivisionKind.SUBDISTRICT),
    ("思明区", DivisionKind.DISTRICT),
    ("厦门市", DivisionKind.PREFECTURE),
    ("福建省", DivisionKind.PROVINCE),
)
UPPER = "福建省厦门市思明区"

TABLE = [
    ("湖滨南路", AddressParts(388), "湖滨南路388号"),
    ("湖滨南路", AddressParts(388, room="1205室"), "湖滨南路388号1205室"),
    ("湖滨四里", AddressParts(62, "3"), "湖滨四里62号之3"),
    ("洪文一里", AddressParts(128, unit="2梯", room="501室"), "洪文一里128号2梯501室"),
    ("香秀里", AddressParts(58, floor="3层"), "香秀里58号3层"),
    ("观日路", AddressParts(36, "2", room="301室"), "观日路36号之2 301室"),
    (
        "会展南二路",
        AddressParts(9, building="A栋", room="2003室"),
        "会展南二路9号A栋2003室",
    ),
    ("嘉禾路", AddressParts(392, building="A座", floor="15层"), "嘉禾路392号A座15层"),
    (
        "鹭江道",
        AddressParts(102, building="建设大厦", floor="26层"),
        "鹭江道102号建设大厦26层",
    ),
    ("大学路", AddressParts(215, "A8"), "大学路215号之A8"),
    ("莲前西路", AddressParts(2, "1", room="11D室"), "莲前西路2号之1 11D室"),
    ("后坑前社", AddressParts(320, building="B栋", room="108室"), "后坑前社320号B栋108室"),
]


class WhenAnAddressIsWrittenOut:
    @pytest.mark.parametrize(("carrier", "parts", "label"), TABLE)
    def test_the_label_reads_as_the_field_writes_it(
        self, carrier: str, parts: AddressParts, label: str
    ) -> None:
        assert compose(parts, carrier, SIMING, Profile.LABEL) == label

    @pytest.mark.parametrize(("carrier", "parts", "label"), TABLE)
    def test_the_legal_text_leaves_township_and_village_out(
        self, carrier: str, parts: AddressParts, label: str
    ) -> None:
        assert compose(parts, carrier, SIMING, Profile.LEGAL) == f"{UPPER}{label}"

    @pytest.mark.parametrize(("carrier", "parts", "label"), TABLE)
    def test_the_full_text_names_every_division(
        self, carrier: str, parts: AddressParts, label: str
    ) -> None:
        full = compose(parts, carrier, SIMING, Profile.FULL)

        assert full == f"{UPPER}莲前街道观音山社区{label}"

    def test_the_plate_shows_carrier_and_door_only(self) -> None:
        parts = AddressParts(128, unit="2梯", room="501室")

        assert compose(parts, "洪文一里", SIMING, Profile.PLATE) == "洪文一里128号"

    def test_a_village_that_bears_its_own_numbers_stays_in_the_legal_text(self) -> None:
        legal = compose(AddressParts(8), None, SIMING, Profile.LEGAL)

        assert legal == "福建省厦门市思明区莲前街道观音山社区8号"

    def test_the_plate_of_such_a_village_bears_its_name(self) -> None:
        assert compose(AddressParts(8), None, SIMING, Profile.PLATE) == "观音山社区8号"


names = st.text("湖滨南路里社一二三", min_size=1, max_size=6)
parts = st.builds(
    AddressParts,
    number=st.integers(1, 9999),
    sub_number=st.none() | st.from_regex(r"[A-Z]?[1-9][0-9]?", fullmatch=True),
    building=st.none() | st.sampled_from(["3栋", "A座", "建设大厦"]),
    unit=st.none() | st.sampled_from(["2梯", "1单元"]),
    floor=st.none() | st.sampled_from(["3层", "地下1层"]),
    room=st.none() | st.sampled_from(["501室", "11D室"]),
)


class WhateverTheParts:
    @given(names, parts)
    def test_the_profiles_are_nested(self, carrier: str, some: AddressParts) -> None:
        full, legal, label, plate = (
            compose(some, carrier, SIMING, profile)
            for profile in (Profile.FULL, Profile.LEGAL, Profile.LABEL, Profile.PLATE)
        )

        assert full.endswith(label)
        assert legal.endswith(label)
        assert label.startswith(plate)

    @given(names, parts, parts)
    def test_different_parts_never_read_the_same(
        self, carrier: str, one: AddressParts, other: AddressParts
    ) -> None:
        same = compose(one, carrier, SIMING, Profile.LABEL) == compose(
            other, carrier, SIMING, Profile.LABEL
        )

        assert same == (one == other)
