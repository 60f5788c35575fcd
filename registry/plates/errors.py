"""How the registry refuses what is asked of a plate (门楼牌): one class per broken rule."""

from registry.errors import RegistryError


class PlateIsUnknown(RegistryError):
    """No plate has that id or serial; look the address up first."""

    code = "plate-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no plate {wanted}", wanted=wanted)


class PlateStateForbids(RegistryError):
    """The plate's state does not allow the step; a revoked plate is reissued as a new one."""

    code = "plate-state-forbids"

    def __init__(self, *, step: str, state: str) -> None:
        super().__init__(f"cannot make a plate {step} that is {state}", step=step, state=state)


class PlateAlreadyIssued(RegistryError):
    """The door has a plate; revoke it, or reissue it in one step."""

    code = "plate-already-issued"

    def __init__(self, *, address: str, serial: int) -> None:
        super().__init__(
            f"address {address} already has plate {serial}: revoke it, or reissue",
            address=address,
            serial=serial,
        )


class AddressBearsNoPlate(RegistryError):
    """Only a current address with a door number gets a plate; approve it first."""

    code = "address-bears-no-plate"

    def __init__(self, *, address: str, why: str) -> None:
        super().__init__(f"address {address} bears no plate: {why}", address=address, why=why)


class PlateCodeIsMistyped(RegistryError):
    """Not a plate code; scan the plate again, or read the address code printed under it."""

    code = "plate-code-is-mistyped"

    def __init__(self, given: str) -> None:
        super().__init__(f"{given[:40]!r} is not a plate code", given=given[:40])


class SymbolIsTooFine(RegistryError):
    """The code does not fit the plate in modules that last; shorten PUBLIC_URL, or use a larger plate."""

    code = "symbol-is-too-fine"

    def __init__(self, *, kind: str, version: int, module_mm: float) -> None:
        super().__init__(
            f"on a {kind} plate the symbol (version {version}) would have modules of "
            f"{module_mm:.2f} mm; shorten PUBLIC_URL, or choose the short form or a larger plate",
            kind=kind,
            version=version,
            module_mm=round(module_mm, 2),
        )


class PlateHasNoSignedForm(RegistryError):
    """A signed code has no room for what the plate says; print the short form."""

    code = "plate-has-no-signed-form"

    def __init__(self, *, address: str, serial: int, why: str) -> None:
        super().__init__(
            f"plate {serial} of {address} cannot have a signed code: {why}; print the short form",
            address=address,
            serial=serial,
            why=why,
        )


class PhotoIsUnreadable(RegistryError):
    """Not a picture (JPEG or PNG) of reasonable size; take it again."""

    code = "photo-is-unreadable"

    def __init__(self, why: str) -> None:
        super().__init__(f"the photo cannot be used: {why}", why=why)


class PlateKeyIsMissing(RegistryError):
    """The plate keys' secret halves are not on this machine; ask the issuing registry."""

    code = "plate-key-is-missing"

    def __init__(self, file: str) -> None:
        super().__init__(f"the secret plate key {file} is not here", file=file)


class WorkOrderIsUnknown(RegistryError):
    """No work order has that id."""

    code = "work-order-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no work order {wanted}", wanted=wanted)
