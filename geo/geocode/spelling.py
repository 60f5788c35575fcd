"""Names that a misspelt, romanised or abbreviated word may mean."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from geo.geocode.characters import likeness, syllables

SHORTEST = 3
"""Characters: a shorter word has too many neighbours to be repaired."""
UNLIKE = frozenset("东西南北中前后上下左右内外一二三四五六七八九十〇0123456789")
"""Characters that tell neighbouring names apart: one for another is a different name."""
MOST_ALIKE = 6


@dataclass(frozen=True, slots=True)
class Repair:
    """A name that a word may mean, and the repair that makes the one the other."""

    name: str
    how: str
    safe: bool
    """Whether the repair is one people need often: a sound or shape alike, a missing generic."""


class Spellings:
    """The names of a gazetteer, indexed by what is left when any one character goes."""

    def __init__(self, names: Iterable[str]) -> None:
        self._less: dict[str, list[str]] = defaultdict(list)
        self._read: dict[str, list[str]] = defaultdict(list)
        self._initials: dict[str, list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            if len(name) >= SHORTEST:
                for key in _reductions(name):
                    self._less[key].append(name)
            read = syllables(name)
            self._by_sound[" ".join(read)].append(name)
            self._read["".join(read).lower()].append(name)
            self._initials["".join(one[0] for one in read).lower()].append(name)

    def alike(self, word: str) -> list[Repair]:
        """Names one character away from a word or read like it, most likely first."""
        if len(word) < SHORTEST:
            return []
        found: dict[str, Repair] = {}
        for name in self._by_sound.get(" ".join(syllables(word)), ()):
            if name != word:
                safe = not _tells(word, name) and _shares_more_than_the_generic(word, name)
                found[name] = Repair(name, f"homophone of {name}", safe)
        for key in _reductions(word):
            for name in self._less.get(key, ()):
                if name not in found and name != word and OSA.distance(name, word) == 1:
                    found[name] = _explained(word, name)
        return sorted(found.values(), key=lambda r: (not r.safe, len(r.how), r.name))[:MOST_ALIKE]

    def read_as(self, latin: str) -> list[str]:
        """Names whose pinyin, without tones and blanks, is this."""
        return self._read.get(latin, [])

    def abbreviated(self, latin: str) -> list[str]:
        """Names whose pinyin initials are these."""
        return self._initials.get(latin, [])


def _reductions(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _explained(word: str, name: str) -> Repair:
    if len(word) == len(name):
        places = [at for at, c in enumerate(word) if c != name[at]]
        if len(places) == 2:
            return Repair(name, f"characters exchanged, of {name}", safe=True)
        wrong, right = word[places[0]], name[places[0]]
        alike = likeness(wrong, right)
        if alike and not (wrong in UNLIKE and right in UNLIKE):
            return Repair(name, f"{alike} of {right}, of {name}", safe=True)
        return Repair(name, f"one character of {name}", safe=False)
    if len(word) > len(name):
        at = _odd(word, name)
        inside = 0 < at < len(word) - 1 and word[at] not in UNLIKE
        return Repair(name, f"one character too many for {name}", safe=inside)
    at = _odd(name, word)
    return Repair(name, f"one character missing of {name}", safe=at > 0 and name[at] not in UNLIKE)


def _odd(longer: str, shorter: str) -> int:
    """Where the longer word has a character that the shorter has not."""
    return next((at for at, c in enumerate(shorter) if longer[at] != c), len(longer) - 1)


def _shares_more_than_the_generic(word: str, name: str) -> bool:
    """Whether a word that sounds like a name also has a character of it before the last."""
    return any(a == b for a, b in zip(word[:-1], name[:-1], strict=False))


def _tells(word: str, name: str) -> bool:
    """Whether word and name differ in a character that tells neighbouring names apart."""
    return any(a != b and a in UNLIKE and b in UNLIKE for a, b in zip(word, name, strict=False))
