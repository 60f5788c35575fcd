"""Tables of the verifiable log (可验证日志): records, the tree over them, keys and checkpoints."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
)

from registry.changes.tables import metadata

log_entry = Table(
    "log_entry",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False, comment="the leaf, byte for byte as it was hashed"),
)
"""One a change. `change.number` refers to it, checked at commit: no change without its record."""

log_node = Table(
    "log_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Hashes of complete subtrees; level 0 are the leaves, place 0 the first change."""

log_key = Table(
    "log_key",
    metadata,
    Column("key_id", Text, primary_key=True, comment="four bytes, hexadecimal"),
    Column("origin", Text, nullable=False, comment="the name it signs under"),
    Column("public_key", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("since_size", BigInteger, nullable=False, comment="size of the log when it came"),
    Column("introduction", Text, comment="note by which its forerunner vouches for it"),
    Column("retired_at", DateTime(timezone=True)),
)
"""Public halves only; the private ones are files of whoever runs the registry."""

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("key_id", Text, ForeignKey("log_key.key_id"), primary_key=True),
    Column("note", Text, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Everything that was ever signed, so that two stories about one size would show."""
