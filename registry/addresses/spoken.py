"""Address codes said aloud (读报): over the telephone, to an emergency centre, in a noisy street.

Letters by the ICAO alphabet, which Chinese operators know too; digits in English, or in Chinese
the way telephone numbers are read, with 幺 for 1 so that nobody hears 七.
"""

from typing import Literal

ICAO = {
    word[0]: word
    for word in (
        *("Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel"),
        *("Juliett", "Kilo", "Mike", "November", "Papa", "Quebec", "Romeo", "Sierra"),
        *("Tango", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu"),
    )
}
DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "zh": tuple("零幺二三四五六七八九"),
}
GROUP = 4


def spoken(code: str, language: Literal["zh", "en"]) -> str:
    """A canonical code as it is read out, group by group.

    Source: ICAO Annex 10, volume II, 5.2.1.3, for the letters.
    """
    words = [DIGITS[language][int(each)] if each.isdigit() else ICAO[each] for each in code]
    groups = [words[first : first + GROUP] for first in range(0, len(words), GROUP)]
    pause = "," if language == "zh" else ", "
    return pause.join(" ".join(group) for group in groups)


def guess_probability(addresses: int) -> float:
    """How likely a code made up by somebody who knows the check characters is some address's."""
    return addresses / 2**50
