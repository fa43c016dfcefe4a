"""The main courante: entries, sealing, Merkle tree, proofs, verification."""
