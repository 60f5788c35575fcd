"""The verifiable log (可验证日志): a Merkle tree over the records of all changes, signed."""
