"""The tree, its proofs and their checks, against the plainest implementation there is."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.log.merkle import (
    GrowingTree,
    Place,
    completed,
    consistency_holds,
    consistency_path,
    frontier,
    inclusion_holds,
    inclusion_path,
    leaf_hash,
    root_of,
)
from tests.registry.log import independent

SIZES = st.integers(1, 130)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


class Stored:
    """Complete subtrees of a log, as the database keeps them."""

    def __init__(self, size: int) -> None:
        self.leaves = leaves_of(size)
        self.nodes: dict[Place, bytes] = {}
        for index, leaf in enumerate(self.leaves):
            self.nodes |= completed(index, leaf, self.nodes)

    def fetch(self, places: Sequence[Place]) -> dict[Place, bytes]:
        return {place: self.nodes[place] for place in places}


class TheTree:
    @given(size=st.integers(0, 130))
    def test_has_the_root_of_the_plain_one(self, size: int) -> None:
        stored = Stored(size)
        tree = GrowingTree()
        for leaf in stored.leaves:
            tree.add(leaf)

        assert root_of(size, stored.fetch) == independent.root(stored.leaves) == tree.root()
        assert set(tree.nodes) == set(frontier(size))

    @given(size=SIZES, pick=st.data())
    def test_goes_on_from_its_frontier(self, size: int, pick: st.DataObject) -> None:
        stop = pick.draw(st.integers(0, size))
        stored = Stored(size)
        first = GrowingTree()
        for leaf in stored.leaves[:stop]:
            first.add(leaf)
        again = GrowingTree(stop, first.nodes)
        for leaf in stored.leaves[stop:]:
            again.add(leaf)

        assert again.root() == independent.root(stored.leaves)


class EveryProof:
    @given(size=SIZES, pick=st.data())
    def test_of_a_change_holds_and_no_altered_one_does(
        self, size: int, pick: st.DataObject
    ) -> None:
        index = pick.draw(st.integers(0, size - 1))
        stored = Stored(size)
        path, root = inclusion_path(index, size, stored.fetch), root_of(size, stored.fetch)
        leaf = stored.leaves[index]

        assert inclusion_holds(leaf=leaf, index=index, size=size, path=path, root=root)
        assert not inclusion_holds(leaf=root, index=index, size=size, path=path, root=leaf) or (
            size == 1
        )
        other = (index + 1) % size
        if other != index:
            assert not inclusion_holds(leaf=leaf, index=other, size=size, path=path, root=root)
        assert not inclusion_holds(leaf=leaf, index=index, size=size, path=[*path, leaf], root=root)
        for place in range(len(path)):
            wrong = [*path]
            wrong[place] = bytes([wrong[place][0] ^ 1]) + wrong[place][1:]
            assert not inclusion_holds(leaf=leaf, index=index, size=size, path=wrong, root=root)
            shorter = path[:place] + path[place + 1 :]
            assert not inclusion_holds(leaf=leaf, index=index, size=size, path=shorter, root=root)

    @given(size=SIZES, pick=st.data())
    def test_of_growth_holds_and_no_altered_one_does(self, size: int, pick: st.DataObject) -> None:
        first = pick.draw(st.integers(0, size))
        stored = Stored(size)
        path = consistency_path(first, size, stored.fetch)
        roots = independent.root(stored.leaves[:first]), independent.root(stored.leaves)

        def holds(one: bytes, other: bytes, steps: list[bytes]) -> bool:
            return consistency_holds(
                first=first, first_root=one, second=size, second_root=other, path=steps
            )

        assert holds(*roots, path)
        forged = hashlib.sha256(b"forged").digest()
        assert not holds(forged, roots[1], path)
        assert first == 0 or not holds(roots[0], forged, path)
        for place in range(len(path)):
            assert not holds(*roots, [*path[:place], forged, *path[place + 1 :]])

    def test_backwards_never_holds(self) -> None:
        stored = Stored(9)
        one, other = independent.root(stored.leaves[:4]), independent.root(stored.leaves)

        assert not consistency_holds(first=9, first_root=other, second=4, second_root=one, path=[])
        assert not inclusion_holds(leaf=one, index=4, size=4, path=[], root=one)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 64, 65])
def test_a_tree_needs_no_more_than_its_complete_parts(size: int) -> None:
    assert len(frontier(size)) == size.bit_count()
