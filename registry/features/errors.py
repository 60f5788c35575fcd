"""Rules a request for features can break."""

from registry.errors import RegistryError


class FilterIsInvalid(RegistryError):
    """A filter must be CQL2 over the collection's queryables; the message says what is not."""

    code = "filter-is-invalid"

    def __init__(self, why: str) -> None:
        super().__init__(f"the filter cannot be used: {why}", why=why)
