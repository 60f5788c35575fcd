"""Makes `geo/geocode/lookalikes.py` from the Unicode Han database: `python -m data.lookalikes DIR`.

DIR holds the Unihan text files of Unicode 15 (Debian package unicode-data, unpacked). Two usual
characters look alike when the five digits of their four-corner code (四角号码), which describe the
shapes at the corners, are the same and their strokes differ by at most two; or when Unihan names
one a spoofing variant of the other.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parents[1] / "geo" / "geocode" / "lookalikes.py"
USUAL = 6500
"""Levels 1 and 2 of 通用规范汉字表."""
MOST_STROKES_APART = 2
PER_LINE = 24
HEAD = '''"""Characters that look alike, and rare forms of usual characters. Made by `data/lookalikes.py`.

Source: Unihan database, Unicode 15.0 (kFourCornerCode, kTotalStrokes, kTGH, kSpoofingVariant,
kZVariant, kSemanticVariant). Copyright Unicode, Inc.; Unicode License v3.
"""

LOOKALIKES = (
'''


def fields(folder: Path, file: str, name: str) -> Iterator[tuple[str, str]]:
    """The characters of a Unihan file that have a field, with its value."""
    for line in (folder / file).read_text("utf-8").splitlines():
        code, _, rest = line.partition("\t")
        field, _, value = rest.partition("\t")
        if field == name and code.startswith("U+"):
            yield chr(int(code[2:], 16)), value


def usual_characters(folder: Path) -> dict[str, int]:
    """Characters of levels 1 and 2 with their place in the list."""
    return {
        character: place
        for character, value in fields(folder, "Unihan_OtherMappings.txt", "kTGH")
        if (place := int(value.partition(":")[2].split()[0])) <= USUAL
    }


def groups_of(folder: Path) -> list[str]:
    """Sets of look-alikes, most usual first."""
    usual = usual_characters(folder)
    strokes = {
        c: int(value.split()[0])
        for c, value in fields(folder, "Unihan_IRGSources.txt", "kTotalStrokes")
    }
    cornered: dict[str, list[str]] = defaultdict(list)
    for c, value in fields(folder, "Unihan_DictionaryLikeData.txt", "kFourCornerCode"):
        for code in value.split():
            if c in usual:
                cornered[code].append(c)
    groups = [
        [o for o in held if abs(strokes[o] - strokes[c]) <= MOST_STROKES_APART]
        for held in cornered.values()
        for c in held
    ] + spoofs(folder)
    found = {
        "".join(sorted(near, key=usual.__getitem__))
        for group in groups
        if len(near := [one for one in group if one in usual]) > 1
    }
    return sorted(found, key=lambda group: [usual[c] for c in group])


def spoofs(folder: Path) -> list[list[str]]:
    """Characters that Unihan says may be taken for one another."""
    return [
        [c, *(chr(int(one.partition("<")[0][2:], 16)) for one in value.split())]
        for c, value in fields(folder, "Unihan_Variants.txt", "kSpoofingVariant")
    ]


def variants_of(folder: Path) -> list[str]:
    """Pairs: a rare form and the one usual character it is written for."""
    usual = usual_characters(folder)
    meant: dict[str, set[str]] = defaultdict(set)
    for name in ("kZVariant", "kSemanticVariant"):
        for c, value in fields(folder, "Unihan_Variants.txt", name):
            for one in value.split():
                other = chr(int(one.partition("<")[0][2:], 16))
                if c not in usual and other in usual:
                    meant[c].add(other)
    return sorted(c + next(iter(others)) for c, others in meant.items() if len(others) == 1)


def main() -> None:
    """Write the module."""
    folder = Path(sys.argv[1])
    groups, variants = groups_of(folder), variants_of(folder)
    lines = [
        HEAD,
        *written(groups, PER_LINE),
        ')\n"""Groups of look-alikes, parted by blanks."""\nVARIANTS = (\n',
        *written(variants, PER_LINE * 2),
        ')\n"""Pairs: a rare form and the usual character it stands for, parted by blanks."""\n',
    ]
    TARGET.write_text("".join(lines), "utf-8")


def written(found: list[str], width: int) -> list[str]:
    """Lines of a string literal, so many entries each."""
    return [f'    "{" ".join(found[at : at + width])} "\n' for at in range(0, len(found), width)]


if __name__ == "__main__":
    main()
