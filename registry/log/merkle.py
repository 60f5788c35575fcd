"""The Merkle tree of the log: hashes, proofs and their checks.

Pure: hashes in, hashes out. Leaves are counted from 0, so change N is leaf N - 1.

Source: RFC 9162, sections 2.1.1 to 2.1.5.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a complete subtree stands: leaves `index * 2**level` to `(index + 1) * 2**level`."""

    level: int
    index: int


Nodes = Mapping[Place, bytes]
Fetch = Callable[[Sequence[Place]], Nodes]
"""Looks complete subtrees up; one call gets all a proof needs."""


def leaf_hash(record: bytes) -> bytes:
    """Hash of one leaf."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(index: int, leaf: bytes, nodes: Nodes) -> dict[Place, bytes]:
    """The leaf and every subtree it completes.

    Args:
        nodes: holds at least `frontier(index)`.
    """
    place, value = Place(0, index), leaf
    found = {place: value}
    while place.index & 1:
        value = node_hash(nodes[Place(place.level, place.index - 1)], value)
        place = Place(place.level + 1, place.index >> 1)
        found[place] = value
    return found


def frontier(size: int) -> list[Place]:
    """The complete subtrees a tree is made of: what it takes to let it grow."""
    return list(_pieces(0, size)) if size else []


def root_of(size: int, fetch: Fetch) -> bytes:
    """Root of the tree of the first `size` leaves."""
    if size == 0:
        return EMPTY_ROOT
    nodes = fetch(frontier(size))
    return _range_hash(0, size, nodes)


def inclusion_path(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """Audit path that proves a leaf in the tree of the first `size` leaves.

    Source: RFC 9162, section 2.1.3.1.
    """
    ranges = list(_path(index, 0, size))
    nodes = fetch([place for start, end in ranges for place in _pieces(start, end)])
    return [_range_hash(start, end, nodes) for start, end in ranges]


def consistency_path(first: int, second: int, fetch: Fetch) -> list[bytes]:
    """Proof that the tree of `second` leaves begins with the tree of `first`.

    Source: RFC 9162, section 2.1.4.1.
    """
    if first in (0, second):
        return []
    ranges = list(_subproof(first, 0, second, whole=True))
    nodes = fetch([place for start, end in ranges for place in _pieces(start, end)])
    return [_range_hash(start, end, nodes) for start, end in ranges]


def inclusion_holds(
    *, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether an audit path leads from a leaf to a root.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    number, last, value = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            value = node_hash(step, value)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            value = node_hash(value, step)
        number, last = number >> 1, last >> 1
    return last == 0 and value == root


def consistency_holds(
    *, first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a proof shows that one tree begins with the other.

    Source: RFC 9162, section 2.1.4.2.
    """
    if first == second:
        return not path and first_root == second_root
    if not 0 <= first < second:
        return False
    if first == 0:
        return not path and first_root == EMPTY_ROOT
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    return bool(steps) and _climb(first, second, steps) == (first_root, second_root)


def _climb(first: int, second: int, steps: list[bytes]) -> tuple[bytes, bytes] | None:
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if number & 1 or number == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, step)
        number, last = number >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(start: int, end: int) -> int:
    """Where RFC 9162 divides a range: after the largest power of two smaller than its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _is_stored(start: int, end: int) -> bool:
    length = end - start
    return length & (length - 1) == 0 and start % length == 0


def _pieces(start: int, end: int) -> Iterator[Place]:
    while not _is_stored(start, end):
        middle = _split(start, end)
        yield from _pieces(start, middle)
        start = middle
    level = (end - start).bit_length() - 1
    yield Place(level, start >> level)


def _range_hash(start: int, end: int, nodes: Nodes) -> bytes:
    if _is_stored(start, end):
        level = (end - start).bit_length() - 1
        return nodes[Place(level, start >> level)]
    middle = _split(start, end)
    return node_hash(_range_hash(start, middle, nodes), _range_hash(middle, end, nodes))


def _path(index: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start == 1:
        return
    middle = _split(start, end)
    if index < middle:
        yield from _path(index, start, middle)
        yield middle, end
    else:
        yield from _path(index, middle, end)
        yield start, middle


def _subproof(first: int, start: int, end: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    if first == end:
        if not whole:
            yield start, end
        return
    middle = _split(start, end)
    if first <= middle:
        yield from _subproof(first, start, middle, whole=whole)
        yield middle, end
    else:
        yield from _subproof(first, middle, end, whole=False)
        yield start, middle


class GrowingTree:
    """A tree that is fed leaf by leaf and remembers only what it needs to grow."""

    def __init__(self, size: int = 0, nodes: Nodes | None = None) -> None:
        """`nodes`: holds the frontier, when the tree has a size already."""
        self._size = size
        self._nodes = {place: (nodes or {})[place] for place in frontier(size)}

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._size

    @property
    def nodes(self) -> Nodes:
        """The frontier: all it takes to go on another day."""
        return self._nodes

    def add(self, leaf: bytes) -> dict[Place, bytes]:
        """Append the hash of a leaf; returns it and every subtree it completes."""
        found = completed(self._size, leaf, self._nodes)
        self._size += 1
        known = self._nodes | found
        self._nodes = {place: known[place] for place in frontier(self._size)}
        return found

    def root(self) -> bytes:
        """Root of the tree as it is now."""
        return root_of(self._size, lambda _places: self._nodes)
