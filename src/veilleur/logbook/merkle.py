"""The Merkle tree of RFC 6962 (§2.1), pure: hashes, appending, roots, inclusion and consistency proofs.

A node (level, index) covers the leaves [index · 2^level, (index + 1) · 2^level); level 0 are the leaves.
Functions that need stored hashes take `node(level, index) -> bytes`, so that they work on a table or a list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """The root over leaf hashes: for a batch that is not kept as a tree (an intake's frames)."""
    row = hashes or [EMPTY_ROOT]
    while len(row) > 1:
        # A last one without a neighbour moves up as it is: the subtrees are those of RFC 6962's recursion.
        alone = row[len(row) & ~1 :]
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)] + alone
    return row[0]


@dataclass
class Frontier:
    """The right edge of a growing tree: the complete subtrees of `size`, widest first."""

    size: int = 0
    edge: list[tuple[int, bytes]] = field(default_factory=list)

    @classmethod
    def load(cls, size: int, node: Node) -> Frontier:
        """The edge of a stored tree."""
        return cls(size, [(level, node(level, index)) for level, index in complete_subtrees(size)])

    def append(self, value: bytes) -> list[tuple[int, int, bytes]]:
        """Adds a leaf hash; returns the nodes (level ≥ 1, index, hash) that it completed."""
        completed: list[tuple[int, int, bytes]] = []
        index = self.size
        self.edge.append((0, value))
        while len(self.edge) > 1 and self.edge[-1][0] == self.edge[-2][0]:
            level, right = self.edge.pop()
            _, left = self.edge.pop()
            index //= 2
            completed.append((level + 1, index, node_hash(left, right)))
            self.edge.append((level + 1, completed[-1][2]))
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root over everything appended so far."""
        if not self.edge:
            return EMPTY_ROOT
        value = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            value = node_hash(left, value)
        return value


def complete_subtrees(size: int) -> list[tuple[int, int]]:
    """The complete subtrees that make up a tree of `size` leaves, left to right, as (level, index)."""
    found: list[tuple[int, int]] = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def range_hash(start: int, end: int, node: Node) -> bytes:
    """The hash of the subtree over [start, end), as RFC 6962's recursion would give it."""
    width = end - start
    if width & (width - 1) == 0 and start % width == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    split = 1 << ((width - 1).bit_length() - 1)
    return node_hash(range_hash(start, start + split, node), range_hash(start + split, end, node))


def root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return range_hash(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1). Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < split:
            path.append(range_hash(split, end, node))
            end = split
        else:
            path.append(range_hash(start, split, node))
            start = split
    return path[::-1]


def root_from_proof(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162 §2.1.3.2).

    Raises ValueError for a path of wrong length.
    """
    inner, last, value = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if inner & 1 or inner == last:
            value = node_hash(step, value)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            value = node_hash(value, step)
        inner, last = inner >> 1, last >> 1
    if last != 0:
        raise ValueError("the proof is too short")
    return value


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """That the tree of `old` leaves is the beginning of the tree of `new` (RFC 6962 §2.1.2).

    Raises ValueError when `old` is not within [1, new].
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    return _subproof(old, 0, new, node, whole=True)


def _subproof(old: int, start: int, end: int, node: Node, *, whole: bool) -> list[bytes]:
    width = end - start
    if old == width:
        return [] if whole else [range_hash(start, end, node)]
    split = 1 << ((width - 1).bit_length() - 1)
    if old <= split:
        return [
            *_subproof(old, start, start + split, node, whole=whole),
            range_hash(start + split, end, node),
        ]
    return [
        *_subproof(old - split, start + split, end, node, whole=False),
        range_hash(start, start + split, node),
    ]
