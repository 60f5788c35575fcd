"""How the registry refuses what surveyors ask: one class per broken rule."""

from collections.abc import Mapping, Sequence

from registry.errors import RegistryError


class BoundaryUpdateIsUnknown(RegistryError):
    """No boundary update has that id."""

    code = "boundary-update-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no boundary update {wanted}", wanted=wanted)


class EdgeIsTaken(RegistryError):
    """Another surveyor's open draft touches the same edge; agree with them, or wait for it."""

    code = "edge-is-taken"

    def __init__(self, drafts: Sequence[Mapping[str, object]]) -> None:
        names = ", ".join(f"{one['update_id']} of {one['author']}" for one in drafts)
        super().__init__(
            f"another surveyor is at work on this edge: {names}", drafts=list(drafts), names=names
        )


class FeatureIsTaken(RegistryError):
    """Another surveyor's open draft says something of the same feature; agree with them, or wait."""

    code = "feature-is-taken"

    def __init__(self, feature: str, drafts: Sequence[Mapping[str, object]]) -> None:
        names = ", ".join(f"{one['update_id']} of {one['author']}" for one in drafts)
        super().__init__(
            f"another surveyor is at work on {feature}: {names}",
            feature=feature,
            drafts=list(drafts),
            names=names,
        )


class FeatureIsThere(RegistryError):
    """What would be created is there already; replace it."""

    code = "feature-is-there"

    def __init__(self, *, feature: str, href: str) -> None:
        super().__init__(
            f"{feature} is there already: replace it with PUT or PATCH at {href}",
            feature=feature,
            href=href,
        )


class FeatureBeginsElsewhere(RegistryError):
    """Features of this collection do not begin by being drawn; what is drawn is where they lie."""

    code = "feature-begins-elsewhere"

    def __init__(self, *, collection: str, wanted: str, where: str) -> None:
        super().__init__(
            f"{collection} has no {wanted} in force: {collection} begin at {where}; only "
            "their geometry is drawn here",
            collection=collection,
            wanted=wanted,
            where=where,
        )


class MarkerLineIsUnclear(RegistryError):
    """No single recorded line passes where the marker would stand; say which, in `line_id`."""

    code = "marker-line-is-unclear"

    def __init__(self, *, number: str) -> None:
        super().__init__(
            f"no single line passes within ten metres of where {number} would stand, or none whose "
            "number it begins with: say `line_id`",
            number=number,
        )


class FeatureHasMoved(RegistryError):
    """The feature was changed after the version you edited; fetch it again and edit that."""

    code = "feature-has-moved"

    def __init__(self, *, feature: str, expected: int, actual: int) -> None:
        super().__init__(
            f"{feature} was changed by change {actual}; you edited what change {expected} left",
            feature=feature,
            expected=expected,
            actual=actual,
        )


class BoundaryHasMoved(RegistryError):
    """What the update is based on changed meanwhile; rebase it."""

    code = "boundary-has-moved"

    def __init__(self, *, based_on: int, moved: Sequence[str]) -> None:
        super().__init__(
            f"drawn on change {based_on}; since then these moved: {', '.join(moved)}; rebase it",
            based_on=based_on,
            moved=list(moved),
        )


class EditsConflict(RegistryError):
    """You and a later change both altered the same ground; decide each, and deliver it again."""

    code = "edits-conflict"

    def __init__(self, conflicts: Sequence[Mapping[str, object]]) -> None:
        names = ", ".join(str(one["name"]) for one in conflicts)
        super().__init__(
            f"both sides changed the same ground of {names}",
            conflicts=list(conflicts),
            names=names,
        )


class CoverageIsBroken(RegistryError):
    """The territories would not fit together; accept repairs, or draw them again."""

    code = "coverage-is-broken"

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__(
            f"{len(findings)} defects must be mended first: {'; '.join(findings[:5])}",
            findings=list(findings),
            count=len(findings),
        )


class DoorsWouldMove(RegistryError):
    """Drawing better must not move doors to another division; say `doors`: move or stay."""

    code = "doors-would-move"

    def __init__(self, *, count: int, codes: Sequence[str]) -> None:
        super().__init__(
            f"{count} doors would lie in another division, {', '.join(codes[:5])}: "
            "say whether they `move` or `stay`",
            count=count,
            codes=list(codes),
        )


class DecreeIsMissing(RegistryError):
    """A legal change of a boundary names the decision it carries out."""

    code = "decree-is-missing"

    def __init__(self) -> None:
        super().__init__(
            "a legal change needs its decree: authority and number; if nothing moved in the "
            "world, the reason is re_digitisation or correction"
        )


class RepairIsUnknown(RegistryError):
    """No such repair is offered (any more); read the report again."""

    code = "repair-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no repair {wanted} is offered", wanted=wanted)


class UpdateChangesNothing(RegistryError):
    """What was delivered is what the registry holds already."""

    code = "update-changes-nothing"

    def __init__(self) -> None:
        super().__init__("everything delivered is already recorded so")


class UpdateBelongsToAnother(RegistryError):
    """A draft is altered, submitted and withdrawn by the surveyor it belongs to."""

    code = "update-belongs-to-another"

    def __init__(self, *, author: str) -> None:
        super().__init__(f"this draft belongs to {author}", author=author)


class CollectionIsNotEditable(RegistryError):
    """Features of this collection are not altered this way."""

    code = "collection-is-not-editable"

    def __init__(self, *, collection: str, why: str) -> None:
        super().__init__(f"{collection} cannot be edited so: {why}", collection=collection, why=why)


class CheckoutIsUnknown(RegistryError):
    """Nothing was taken along under that id."""

    code = "checkout-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no checkout {wanted}", wanted=wanted)


class UploadIsTooLarge(RegistryError):
    """The file is larger than a survey needs to be; deliver it in parts, or more simply drawn."""

    code = "upload-is-too-large"

    def __init__(self, *, what: str, limit: int, unit: str) -> None:
        super().__init__(
            f"{what} exceeds the limit of {limit:,} {unit}", what=what, limit=limit, unit=unit
        )


class UploadIsForbidden(RegistryError):
    """The file tries to reach beyond itself, or hides another; deliver plain data."""

    code = "upload-is-forbidden"

    def __init__(self, *, file: str, why: str) -> None:
        super().__init__(f"{file} is refused: {why}", file=file, why=why)


class FormatIsUnknown(RegistryError):
    """Not one of the formats surveyors may deliver."""

    code = "format-is-unknown"

    def __init__(self, *, file: str, formats: Sequence[str]) -> None:
        super().__init__(
            f"{file} is none of {', '.join(formats)}", file=file, formats=list(formats)
        )


class CrsIsUnknown(RegistryError):
    """The file does not say its coordinate system; name it in `crs`: EPSG:4548, or zone 39."""

    code = "crs-is-unknown"

    def __init__(self, *, given: str | None) -> None:
        said = "it does not say its coordinate system" if given is None else f"{given!r} is none"
        super().__init__(f"{said}: name one in `crs`, like EPSG:4548 or zone 39", given=given)


class CrsDoesNotFit(RegistryError):
    """In that coordinate system the territories lie far from where they are recorded."""

    code = "crs-does-not-fit"

    def __init__(self, *, given: str, looks_like: Sequence[str]) -> None:
        hint = "; ".join(looks_like) if looks_like else "no zone or axis order fits either"
        super().__init__(
            f"in {given} they would lie far from where they are recorded: {hint}",
            given=given,
            looks_like=list(looks_like),
            hint=hint,
        )
