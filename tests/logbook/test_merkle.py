"""The tree against the recursive definitions of RFC 6962 §2.1, written naively here."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.logbook import merkle

#: The test vectors of certificate-transparency-go (`merkle/testonly`): eight leaves and their roots.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(hashes: list[bytes]) -> bytes:
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    both = naive_root(hashes[:split]) + naive_root(hashes[split:])
    return hashlib.sha256(b"\x01" + both).digest()


def naive_path(index: int, hashes: list[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if index < split:
        return [*naive_path(index, hashes[:split]), naive_root(hashes[split:])]
    return [*naive_path(index - split, hashes[split:]), naive_root(hashes[:split])]


def naive_consistency(old: int, hashes: list[bytes], *, whole: bool = True) -> list[bytes]:
    if old == len(hashes):
        return [] if whole else [naive_root(hashes)]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if old <= split:
        return [*naive_consistency(old, hashes[:split], whole=whole), naive_root(hashes[split:])]
    return [*naive_consistency(old - split, hashes[split:], whole=False), naive_root(hashes[:split])]


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(n).encode()) for n in range(count)]


class Stored:
    """Nodes as the table keeps them."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.frontier = merkle.Frontier()
        self.nodes = {}
        for index, value in enumerate(hashes):
            self.nodes[0, index] = value
            for level, place, node in self.frontier.append(value):
                assert (level, place) not in self.nodes
                self.nodes[level, place] = node

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_vectors(size: int) -> None:
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert merkle.root_of(hashes).hex() == ROOTS[size - 1]


def test_the_empty_tree() -> None:
    assert merkle.Frontier().root() == merkle.EMPTY_ROOT == naive_root([])
    assert merkle.root(0, Stored([]).node) == merkle.EMPTY_ROOT


@given(st.integers(1, 300))
def test_roots_agree_with_the_definition(size: int) -> None:
    hashes = leaves(size)
    stored = Stored(hashes)
    assert stored.frontier.root() == naive_root(hashes)
    assert merkle.root(size, stored.node) == naive_root(hashes)


@given(st.integers(1, 200), st.integers(0, 200))
def test_a_loaded_edge_goes_on_like_the_first(before: int, more: int) -> None:
    hashes = leaves(before + more)
    stored = Stored(hashes[:before])
    loaded = merkle.Frontier.load(before, stored.node)
    assert loaded.edge == stored.frontier.edge
    for value in hashes[before:]:
        assert loaded.append(value) == stored.frontier.append(value)
    assert loaded.root() == naive_root(hashes)


@given(st.integers(1, 200), st.data())
def test_inclusion_proofs_agree_and_lead_to_the_root(size: int, data) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    path = merkle.inclusion_proof(index, size, Stored(hashes).node)
    assert path == naive_path(index, hashes)
    assert merkle.root_from_proof(index, size, hashes[index], path) == naive_root(hashes)


@given(st.integers(2, 120), st.data())
def test_a_wrong_proof_leads_elsewhere(size: int, data) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    path = merkle.inclusion_proof(index, size, Stored(hashes).node)
    root = naive_root(hashes)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    assert merkle.root_from_proof(index, size, hashes[other], path) != root
    bent = [bytes(32), *path[1:]]
    assert merkle.root_from_proof(index, size, hashes[index], bent) != root
    for wrong in (path[:-1], [*path, bytes(32)]):
        with pytest.raises(ValueError, match="proof is too"):
            merkle.root_from_proof(index, size, hashes[index], wrong)


@given(st.integers(1, 150), st.integers(0, 150))
def test_consistency_proofs_agree(old: int, more: int) -> None:
    hashes = leaves(old + more)
    assert merkle.consistency_proof(old, old + more, Stored(hashes).node) == naive_consistency(old, hashes)


def test_bounds() -> None:
    node = Stored(leaves(3)).node
    for index, size in ((3, 3), (-1, 3), (0, 0)):
        with pytest.raises(ValueError, match="not in a tree"):
            merkle.inclusion_proof(index, size, node)
    for old, new in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="no consistency"):
            merkle.consistency_proof(old, new, node)
