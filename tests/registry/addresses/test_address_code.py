"""Address codes: what people may write, and what the check characters promise."""

import random
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.addresses.address_code import (
    ALPHABET,
    CHARACTERS,
    RANDOM_BITS,
    AddressCode,
    AddressCodeIsMistyped,
    _agrees,
    codes,
)
from registry.addresses.spoken import guess_probability, spoken

NUMBERS = st.integers(min_value=0, max_value=(1 << RANDOM_BITS) - 1)


def replaced(code: str, at: int, by: str) -> str:
    return code[:at] + by + code[at + 1 :]


def is_refused(text: str) -> bool:
    try:
        AddressCode.parse(text)
    except AddressCodeIsMistyped:
        return True
    return False


class WhenACodeIsWrittenDown:
    @given(NUMBERS)
    def test_it_is_read_back(self, number: int) -> None:
        code = AddressCode.of(number)

        assert AddressCode.parse(str(code)) == code
        assert AddressCode.parse(code.grouped) == code
        assert len(str(code)) == CHARACTERS
        assert set(str(code)) <= set(ALPHABET)

    @given(NUMBERS, st.randoms(use_true_random=False))
    def test_case_spacing_hyphens_confusables_and_full_width_do_not_matter(
        self, number: int, source: random.Random
    ) -> None:
        code = AddressCode.of(number)
        written = ""
        for each in str(code):
            likes = {"0": "0OoＯ０", "1": "1IiLlＩ１"}.get(each, each + each.lower())
            likes += chr(ord(each) + 0xFEE0)
            written += source.choice(likes) + source.choice(["", "", " ", "-", "　", "—", "－"])

        assert AddressCode.parse(written) == code

    def test_it_is_printed_in_groups(self) -> None:
        code = AddressCode.draw(random.Random(7).getrandbits)

        assert code.grouped.replace("-", "") == str(code)
        assert [len(group) for group in code.grouped.split("-")] == [4, 4, 4]

    @pytest.mark.parametrize("number", [-1, 1 << RANDOM_BITS])
    def test_a_number_of_other_size_is_refused(self, number: int) -> None:
        with pytest.raises(ValueError, match="50 bits"):
            AddressCode.of(number)
        with pytest.raises(ValueError, match="50 bits"):
            codes(np.array([number]))


class WhenManyCodesAreMade:
    def test_they_are_those_made_one_by_one(self) -> None:
        numbers = np.random.default_rng(5).integers(0, 1 << RANDOM_BITS, size=5000)

        assert codes(numbers) == [str(AddressCode.of(int(number))) for number in numbers]
        assert codes(np.array([0, (1 << RANDOM_BITS) - 1], dtype=np.uint64)) == [
            str(AddressCode.of(0)),
            str(AddressCode.of((1 << RANDOM_BITS) - 1)),
        ]
        assert codes(np.array([], dtype=np.int64)) == []


class WhatTheCheckCharactersPromise:
    """The code is linear over GF(32): an error goes unnoticed exactly when the error itself, laid
    on the code of zero, is a code. Trying every error there proves it for all codes."""

    def test_every_single_error_is_noticed(self) -> None:
        zero = str(AddressCode.of(0))
        for at, wrong in product(range(CHARACTERS), ALPHABET[1:]):
            assert is_refused(replaced(zero, at, wrong))

    def test_every_double_error_is_noticed(self) -> None:
        for first, second in combinations(range(CHARACTERS), 2):
            for one, other in product(range(1, 32), repeat=2):
                error = [0] * CHARACTERS
                error[first], error[second] = one, other
                assert not _agrees(error)

    @given(NUMBERS, NUMBERS)
    def test_the_code_is_linear(self, one: int, other: int) -> None:
        def values(number: int) -> np.ndarray:
            return np.array([ALPHABET.index(each) for each in str(AddressCode.of(number))])

        assert (values(one) ^ values(other) == values(one ^ other)).all()

    @given(NUMBERS)
    def test_every_transposition_is_noticed(self, number: int) -> None:
        code = str(AddressCode.of(number))
        for first, second in combinations(range(CHARACTERS), 2):
            swapped = replaced(replaced(code, first, code[second]), second, code[first])
            assert swapped == code or is_refused(swapped)


class WhenACodeIsSaidAloud:
    @given(NUMBERS)
    def test_every_character_has_a_word_of_its_own_in_three_groups(self, number: int) -> None:
        code = str(AddressCode.of(number))

        english, chinese = spoken(code, "en").split(", "), spoken(code, "zh").split(",")

        assert [len(group.split()) for group in english] == [4, 4, 4]
        assert [len(group.split()) for group in chinese] == [4, 4, 4]

    def test_no_two_characters_sound_alike(self) -> None:
        assert len({spoken(each, "en") for each in ALPHABET}) == len(ALPHABET)
        assert spoken("6A0DNQ03K1AR", "en").startswith("six Alfa zero Delta, November Quebec")
        assert spoken("6A0DNQ03K1AR", "zh").endswith("Kilo 幺 Alfa Romeo")

    def test_a_province_of_addresses_is_not_found_by_guessing(self) -> None:
        assert 1 / guess_probability(20_000_000) > 50_000_000


class WhenACodeIsMistyped:
    @given(NUMBERS, st.integers(0, CHARACTERS - 1), st.sampled_from(ALPHABET + "U"))
    def test_the_only_repair_is_suggested(self, number: int, at: int, wrong: str) -> None:
        code = str(AddressCode.of(number))
        if code[at] == wrong:
            return

        with pytest.raises(AddressCodeIsMistyped) as refused:
            AddressCode.parse(replaced(code, at, wrong))

        assert refused.value.suggestion == code
        assert refused.value.facts["suggestion"] == code

    def test_it_says_how_many_characters_are_missing(self) -> None:
        with pytest.raises(AddressCodeIsMistyped, match="11 characters instead of 12"):
            AddressCode.parse("7K3M-9QXA-2FD")

    def test_two_foreign_characters_are_named_and_nothing_is_guessed(self) -> None:
        with pytest.raises(AddressCodeIsMistyped, match="U, 中 does not occur") as refused:
            AddressCode.parse("7U3M9QXA2F中T")

        assert refused.value.suggestion is None

    @given(st.text(max_size=200))
    def test_any_text_is_read_or_refused_in_words(self, text: str) -> None:
        try:
            code = AddressCode.parse(text)
        except AddressCodeIsMistyped as mistyped:
            refused = mistyped
        else:
            assert AddressCode.parse(str(code)) == code
            return
        assert refused.why
        assert len(str(refused)) < 400
