"""Secrets as files of whoever runs the registry: never in the database, readable by nobody else."""

import os
from pathlib import Path


def write_secret(file: Path, body: bytes) -> None:
    """Write a new secret and see that it is on the disk.

    Raises:
        FileExistsError: there is such a file; a secret is never written over.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
