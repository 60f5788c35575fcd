"""A labelled corpus of address texts, made from a registry's own addresses with named noise.

Every text comes with the code of the address it means, or none when no address is meant. The
noise is drawn from a seed, so the same registry gives the same corpus.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from opencc import OpenCC
from sqlalchemy import Connection, func, select

from data.nation import national_names
from geo.geocode.characters import likeness, syllables
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.lookalikes import LOOKALIKES
from geo.geocode.names import holds
from geo.geocode.normalise import name_key
from geo.geocode.numerals import han_of
from registry.addresses.model import Address
from registry.addresses.store import AddressStore
from registry.addresses.tables import address, address_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at

COUNTY, TOWNSHIP, VILLAGE = 3, 4, 5
LEAD_INS = ("请送到", "收货地址:", "地址:", "送至")
TRAILING = ("(门口放着就行)", " 门卫室旁", "附近", "楼下便利店对面", " 王先生收", "(靠近公交站)")
MEANINGLESS = "鑫淼焱垚犇骉琰璟玥曦霖"
FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"}
NOWHERE = frozenset({"nonexistent number", "nonexistent road", "other city"})
"""Classes whose texts mean no address of the registry."""


@dataclass(frozen=True, slots=True)
class Case:
    """One text and the address it means."""

    noise: str
    text: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Makings:
    """What texts are made from."""

    gazetteer: Gazetteer
    at: AsOf
    chance: random.Random
    numbers: dict[str, frozenset[int]] = field(default_factory=dict)
    """Door numbers in use, by carrier id."""


def make_corpus(
    connection: Connection, gazetteer: Gazetteer, at: AsOf, *, each: int, seed: int = 1
) -> list[Case]:
    """At most so many texts of each noise class."""
    makings = Makings(gazetteer, at, random.Random(seed), _numbers(connection))
    addresses = _addresses(connection, at, each * 6, seed)
    found: list[Case] = []
    for noise, write in NOISES.items():
        made: dict[str, Case] = {}
        for one in addresses:
            if len(made) >= each:
                break
            text = write(one, makings)
            if text is not None:
                made.setdefault(text, Case(noise, text, None if noise in NOWHERE else one.code))
        found += made.values()
        makings.chance.shuffle(addresses)
    return found


def exact_texts(connection: Connection, at: AsOf, count: int, seed: int = 1) -> list[str]:
    """The standard texts of so many addresses in force, all different."""
    return list(dict.fromkeys(one.text() for one in _addresses(connection, at, count, seed)))


def _addresses(connection: Connection, at: AsOf, wanted: int, seed: int) -> list[Address]:
    """Addresses in force that stand on a carrier under a number, drawn by their codes."""
    version = address_version.c
    ids = connection.scalars(
        select(version.address_id)
        .join(address, address.c.address_id == version.address_id)
        .where(
            seen_at(address_version, at),
            version.stage == "current",
            version.carrier_id.is_not(None),
            version.number.is_not(None),
        )
        .order_by(func.md5(address.c.code + str(seed)), address.c.code)
        .limit(wanted)
    ).all()
    held = AddressStore(connection).by_ids(ids, at)
    return [held[one] for one in ids if one in held]


def _numbers(connection: Connection) -> dict[str, frozenset[int]]:
    version = address_version.c
    rows = connection.execute(
        select(version.carrier_id, func.array_agg(version.number.distinct()))
        .where(version.carrier_id.is_not(None), version.number.is_not(None))
        .group_by(version.carrier_id)
    )
    return {str(carrier): frozenset(numbers) for carrier, numbers in rows}


def _name(one: Address, level: int) -> str:
    return next((link.name for link in one.chain if link.level == level), "")


def _carrier(one: Address) -> str:
    assert one.carrier is not None
    return one.carrier.text


def _door(one: Address) -> str:
    parts = one.parts
    door = f"{parts.number}号" + (f"之{parts.sub_number}" if parts.sub_number else "")
    inner = "".join(p for p in (parts.building, parts.unit, parts.floor, parts.room) if p)
    gap = " " if inner and door[-1].isalnum() and inner[0].isalnum() and parts.sub_number else ""
    return door + gap + inner


def _upper(one: Address) -> str:
    return "".join(_name(one, level) for level in (1, 2, COUNTY))


def _unique(one: Address, makings: Makings) -> bool:
    """Whether the carrier's name alone says which carrier it is."""
    carriers = makings.gazetteer.named(name_key(_carrier(one)))[1]
    return len({c.carrier_id for c in carriers}) == 1


def _exact(one: Address, _makings: Makings) -> str:
    return one.text()


def _missing(one: Address, makings: Makings) -> str:
    county = _name(one, COUNTY)
    heads = [
        f"{_name(one, 2)}{county}", county, county[:-1] if len(county) > 2 else county,
        f"{county}{_name(one, TOWNSHIP)}",
    ]  # fmt: skip
    if _unique(one, makings):
        heads += ["", _name(one, 2), _name(one, 2)[:-1], _name(one, VILLAGE)]
    return makings.chance.choice(heads) + _carrier(one) + _door(one)


def _full_width(one: Address, _makings: Makings) -> str:
    return (_upper(one) + _carrier(one) + _door(one)).translate(FULL_WIDTH)


def _numerals(one: Address, makings: Makings) -> str | None:
    parts = one.parts
    assert parts.number is not None
    number = _han(parts.number, makings.chance)
    if number is None or parts.building or parts.unit or parts.floor or parts.room:
        return None
    sub = parts.sub_number
    if sub and not (sub.isdigit() and int(sub) < 100):
        return None
    return _upper(one) + _carrier(one) + f"{number}号" + (f"之{han_of(int(sub))}" if sub else "")


def _han(number: int, chance: random.Random) -> str | None:
    if number < 100:
        return han_of(number)
    spoken = "".join("〇一二三四五六七八九"[int(d)] for d in str(number))
    return spoken.replace("〇", "零") if chance.random() < 0.5 else spoken


@cache
def _confusable() -> dict[str, str]:
    """For a character, others that look or sound alike and are common."""
    found: dict[str, set[str]] = {}
    by_sound: dict[str, set[str]] = {}
    common = {c for group in LOOKALIKES.split() for c in group}
    for c in common:
        by_sound.setdefault(syllables(c)[0], set()).add(c)
    for group in LOOKALIKES.split():
        for c in group:
            found.setdefault(c, set()).update(set(group) - {c})
    for group in by_sound.values():
        for c in group:
            found.setdefault(c, set()).update(group - {c})
    return {c: "".join(sorted(others)) for c, others in found.items()}


def _wrong(one: Address, makings: Makings) -> str | None:
    """One character of the carrier's specific part replaced by one that looks or sounds alike."""
    name = _carrier(one)
    places = [at for at in range(len(name) - 1) if name[at] in _confusable()]
    if len(name) < 3 or not places:
        return None
    at = makings.chance.choice(places)
    other = makings.chance.choice(_confusable()[name[at]])
    wrong = name[:at] + other + name[at + 1 :]
    if any(makings.gazetteer.named(name_key(wrong))) or not likeness(other, name[at]):
        return None
    return _upper(one) + wrong + _door(one)


def _other_word(one: Address, makings: Makings) -> str | None:
    building = one.parts.building
    word = next((w for w in ("号楼", "栋", "幢", "座") if building and building.endswith(w)), None)
    if building is None or word is None:
        return None
    others = [w for w in ("栋", "幢", "座", "号楼") if w != word]
    other = building.removesuffix(word) + makings.chance.choice(others)
    return _upper(one) + _carrier(one) + _door(one).replace(building, other)


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2t")


def _traditional(one: Address, _makings: Makings) -> str | None:
    text = _upper(one) + _carrier(one) + _door(one)
    written = str(_to_traditional().convert(text)).replace("号", "號")
    return written if written != text else None


def _extra(one: Address, makings: Makings) -> str:
    text = _upper(one) + _carrier(one) + _door(one)
    if makings.chance.random() < 0.4:
        return makings.chance.choice(LEAD_INS) + text
    return text + makings.chance.choice(TRAILING)


def _former_town(one: Address, makings: Makings) -> str | None:
    """Under a township the address once belonged to and does not any more."""
    gazetteer, on = makings.gazetteer, makings.at.valid_on
    now = {link.name for link in one.chain}
    former = [
        held.period.name
        for held in gazetteer.ancestors_ever(one.chain[0].division_id)
        if held.period.level == TOWNSHIP and not holds(held.period, on)
    ]
    old = [name for name in dict.fromkeys(former) if name not in now]
    if not old:
        return None
    return _name(one, COUNTY) + makings.chance.choice(old) + _carrier(one) + _door(one)


def _former_road(one: Address, makings: Makings) -> str | None:
    """Under another name of its carrier."""
    assert one.carrier is not None
    named = makings.gazetteer.held.carriers.get(one.carrier.named_place_id, ())
    others = [c.name for c in named if c.name != one.carrier.text]
    if not others:
        return None
    return _upper(one) + makings.chance.choice(others) + _door(one)


def _pinyin(one: Address, makings: Makings) -> str | None:
    parts = one.parts
    if parts.building or parts.unit or parts.floor or parts.room or parts.sub_number:
        return None
    county = " ".join(syllables(_name(one, COUNTY).removesuffix("区")))
    carrier = syllables(_carrier(one))
    joined = "".join(carrier) if makings.chance.random() < 0.5 else " ".join(carrier)
    return f"{county} {joined} {parts.number}"


def _reordered(one: Address, makings: Makings) -> str:
    county, city = _name(one, COUNTY), _name(one, 2)
    ways = (
        f"{_carrier(one)}{_door(one)},{county},{city}",
        f"{_carrier(one)}{_door(one)} {county}",
        f"{city}{_carrier(one)}{_door(one)}({county})",
    )
    return makings.chance.choice(ways)


def _no_number(one: Address, makings: Makings) -> str:
    assert one.carrier is not None
    taken = makings.numbers.get(str(one.carrier.named_place_id), frozenset())
    most = max(taken, default=1)
    free = [n for n in range(1, most + 200) if n not in taken]
    return _upper(one) + _carrier(one) + f"{makings.chance.choice(free)}号"


def _no_road(one: Address, makings: Makings) -> str:
    generic = _carrier(one)[-1]
    while True:
        specific = "".join(makings.chance.choices(MEANINGLESS, k=2))
        if not any(makings.gazetteer.named(name_key(specific + generic))):
            return _upper(one) + specific + generic + _door(one)


@cache
def _far() -> Sequence[str]:
    return sorted(name for name in national_names() if name.endswith(("市", "县")))


def _other_city(one: Address, makings: Makings) -> str:
    own = {link.name for link in one.chain}
    while True:
        far = makings.chance.choice(_far())
        known = any(makings.gazetteer.named(name_key(far)))
        if far not in own and not known:
            return far + _carrier(one) + _door(one)


Write = Callable[[Address, Makings], str | None]
NOISES: dict[str, Write] = {
    "exact": _exact,
    "missing parts": _missing,
    "full width": _full_width,
    "numerals": _numerals,
    "one wrong character": _wrong,
    "other word for a building": _other_word,
    "traditional": _traditional,
    "extra words": _extra,
    "former town": _former_town,
    "former road": _former_road,
    "pinyin": _pinyin,
    "reordered": _reordered,
    "nonexistent number": _no_number,
    "nonexistent road": _no_road,
    "other city": _other_city,
}


def by_noise(corpus: Sequence[Case]) -> Iterator[tuple[str, list[Case]]]:
    """The cases of each class, in the order of the classes."""
    for noise in NOISES:
        yield noise, [case for case in corpus if case.noise == noise]
