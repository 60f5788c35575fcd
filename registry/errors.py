"""Every way the registry refuses: one class per broken rule, with the facts and what to do next.

`code` is published under `/problems/{code}` and never renamed. Messages are English; the web
front translates by `code` and `facts`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar


class RegistryError(Exception):
    """A rule of the registry was broken; nothing has been changed."""

    code: ClassVar[str] = "registry-error"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class PeriodIsEmpty(RegistryError):
    """A period must end after it begins; give a later end."""

    code = "period-is-empty"

    def __init__(self, *, start: date, end: date) -> None:
        super().__init__(f"the period {start} to {end} holds no day", start=start, end=end)


class DateIsInvalid(RegistryError):
    """Not a calendar date (YYYY-MM-DD) or moment (RFC 3339) that exists."""

    code = "date-is-invalid"

    def __init__(self, given: str) -> None:
        super().__init__(f"{given!r} is not a date that exists; write YYYY-MM-DD", given=given)


class NotInForce(RegistryError):
    """Nothing held on that day, so it cannot change on that day."""

    code = "not-in-force"

    def __init__(self, *, on: date | None, what: str = "it") -> None:
        super().__init__(f"{what} was not in force on {on}", on=on, what=what)


class LaterActExists(RegistryError):
    """A later act already stands; annul or correct that one first."""

    code = "later-act-exists"

    def __init__(self, *, on: date | None, later: date | None, what: str = "it") -> None:
        super().__init__(
            f"cannot change {what} from {on}: a later act on {later} already stands",
            on=on,
            later=later,
            what=what,
        )
        self.later = later


class ChangeIsUnknown(RegistryError):
    """No change bears that number (yet)."""

    code = "change-is-unknown"

    def __init__(self, *, number: int, head: int) -> None:
        super().__init__(
            f"there is no change {number}; the latest is {head}",
            number=number,
            head=head,
        )


class AlreadyDone(RegistryError):
    """A work with this source key has been recorded; it is not done twice."""

    code = "already-done"

    def __init__(self, *, source_key: str, change: int) -> None:
        super().__init__(
            f"{source_key} was recorded as change {change}",
            key=source_key,
            change=change,
        )


class DivisionIsUnknown(RegistryError):
    """No division answers to that id or code, now or ever."""

    code = "division-is-unknown"

    def __init__(self, reference: str) -> None:
        super().__init__(f"no division {reference!r}", reference=reference)


class CodeIsUnknown(RegistryError):
    """No division ever bore that code in that scheme."""

    code = "code-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no division ever bore the code {wanted!r}", wanted=wanted)


class AddressIsUnknown(RegistryError):
    """No address ever bore that code."""

    code = "address-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no address bears the code {wanted!r}", wanted=wanted)


class RestructuringIsUnknown(RegistryError):
    """No restructuring has that id."""

    code = "restructuring-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no restructuring {wanted!r}", wanted=wanted)


class GeometryIsInvalid(RegistryError):
    """A territory's rings cross themselves or are not an area; the message says where."""

    code = "geometry-is-invalid"

    def __init__(self, why: str) -> None:
        super().__init__(f"the territory is invalid: {why}", why=why)


class PlanIsMalformed(RegistryError):
    """The plan's text cannot be read: a field is missing, unknown or of the wrong form."""

    code = "plan-is-malformed"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"plan, {where}: {why}", where=where, why=why)


class PlanBreaksRules(RegistryError):
    """The plan would break the registry's rules; every breach is listed."""

    code = "plan-breaks-rules"

    def __init__(
        self, breaches: Sequence[str], findings: Sequence[Mapping[str, object]] = ()
    ) -> None:
        """`findings`: the same breaches as values, with their rules and Chinese sentences."""
        super().__init__(
            "; ".join(breaches),
            breaches=list(breaches),
            breaches_zh=[one["zh"] for one in findings] or list(breaches),
            findings=list(findings),
        )


class DivisionMovesTwice(RegistryError):
    """A plan may move a division once; say where it ends up."""

    code = "division-moves-twice"

    def __init__(self, division: str) -> None:
        super().__init__(f"the plan moves {division} twice", division=division)


class CodeWasUsed(RegistryError):
    """A code ever used is never given again; take the next free number."""

    code = "code-was-used"

    def __init__(self, code: str, *, by: str) -> None:
        super().__init__(
            f"code {code} was already used by {by} and is never reused",
            used=code,
            by=by,
        )


class CodeOutsideBlock(RegistryError):
    """The code's number does not lie in the block of its kind (GB/T 10114)."""

    code = "code-outside-block"


class PlanIsStale(RegistryError):
    """What the plan touches changed after it was previewed; preview and approve it again."""

    code = "plan-is-stale"

    def __init__(
        self,
        *,
        drawn_at: int,
        head: int,
        moved: list[str],
        objects: list[dict[str, object]] | None = None,
    ) -> None:
        """`objects`: what moved, one by one: object, id, name, changes that touched it, why."""
        super().__init__(
            f"the plan was drawn up at change {drawn_at}, the registry is at {head}; moved: {', '.join(moved)}",
            drawn_at=drawn_at,
            head=head,
            moved=moved,
            objects=objects or [],
        )


class StateForbids(RegistryError):
    """The restructuring is not in a state that allows this step."""

    code = "state-forbids"

    def __init__(self, *, step: str, state: str) -> None:
        super().__init__(f"cannot {step}: the restructuring is {state}", step=step, state=state)


class ApproverIsAuthor(RegistryError):
    """A restructuring is approved by somebody other than its author."""

    code = "approver-is-author"

    def __init__(self, who: str) -> None:
        super().__init__(f"{who} drew the plan up and cannot approve it", who=who)


class SourceIsUnreadable(RegistryError):
    """A file is not what was announced: encoding, columns or a line are wrong."""

    code = "source-is-unreadable"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}", name=name, why=why)


class CursorIsInvalid(RegistryError):
    """The cursor was not made by this registry; start from the first page."""

    code = "cursor-is-invalid"

    def __init__(self, cursor: str) -> None:
        super().__init__("the cursor was not made by this registry", cursor=cursor)


class StageForbids(RegistryError):
    """The address is not in a stage of its life that allows this step."""

    code = "stage-forbids"

    def __init__(self, *, step: str, stage: str) -> None:
        super().__init__(f"cannot {step}: the address is {stage}", step=step, stage=stage)


class ReplayOutOfOrder(RegistryError):
    """Changes are replayed one after the other, none left out."""

    code = "replay-out-of-order"

    def __init__(self, *, expected: int, given: int) -> None:
        super().__init__(
            f"change {expected} comes next, not {given}", expected=expected, given=given
        )


class VerbDoesNotFit(RegistryError):
    """A change, a correction and a redigitisation are different works; open the right one."""

    code = "verb-does-not-fit"

    def __init__(self, *, expected: str, given: str) -> None:
        super().__init__(
            f"this is a {expected}, but the work was opened as a {given}",
            expected=expected,
            given=given,
        )


class NoteIsInvalid(RegistryError):
    """A signed note, key or checkpoint cannot be trusted; the reason says why."""

    code = "note-is-invalid"

    def __init__(self, why: str) -> None:
        super().__init__(f"the note cannot be trusted: {why}", why=why)


class SigningKeyIsMissing(RegistryError):
    """The private half of the log's key is not here; put its file back, or rotate the key."""

    code = "signing-key-is-missing"

    def __init__(self, *, key_id: str, file: str) -> None:
        super().__init__(
            f"the private half of the log's key {key_id} is missing: put {file} back, "
            "or rotate the key",
            key_id=key_id,
            file=file,
        )


class LogHasNoSuchSize(RegistryError):
    """A proof was asked for a tree the log never had, or a change outside it."""

    code = "log-has-no-such-size"

    def __init__(self, *, asked: str, size: int) -> None:
        super().__init__(
            f"the log has {size} changes: {asked} cannot be proven", asked=asked, size=size
        )


class TargetIsForbidden(RegistryError):
    """A webhook's address is malformed, cannot be resolved, or leads into a private network."""

    code = "target-is-forbidden"

    def __init__(self, why: str) -> None:
        super().__init__(f"nothing is sent to that address: {why}", why=why)


class WebhookKeyIsMissing(RegistryError):
    """The key that webhooks' secrets are made from is not here; put its file back."""

    code = "webhook-key-is-missing"

    def __init__(self, file: str) -> None:
        super().__init__(f"the key of the webhooks' secrets is missing: put {file} back", file=file)


class SubscriptionIsUnknown(RegistryError):
    """The holder of this key has no subscription with that id."""

    code = "subscription-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no subscription {wanted!r}", wanted=wanted)


class ChangeIsNotYetDelivered(RegistryError):
    """The change's turn has not come; it will be delivered without being asked for again."""

    code = "change-is-not-yet-delivered"

    def __init__(self, *, number: int, delivered_to: int) -> None:
        super().__init__(
            f"change {number} has not had its turn: the subscription is at {delivered_to}",
            number=number,
            delivered_to=delivered_to,
        )


class ConsumerBelongsToAnother(RegistryError):
    """A consumer's name belongs to whoever used it first; take another name."""

    code = "consumer-belongs-to-another"

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name!r} belongs to another holder", name=name)


class ConsumerIsUnknown(RegistryError):
    """Nobody acknowledged anything under that name."""

    code = "consumer-is-unknown"

    def __init__(self, name: str) -> None:
        super().__init__(f"no consumer {name!r}", name=name)


class AcknowledgementGoesBack(RegistryError):
    """What was acknowledged stays so; a consumer that starts over is removed first."""

    code = "acknowledgement-goes-back"

    def __init__(self, *, name: str, given: int, acknowledged: int) -> None:
        super().__init__(
            f"{name!r} has acknowledged change {acknowledged}; {given} lies before it",
            name=name,
            given=given,
            acknowledged=acknowledged,
        )


class KnowledgeRunsBackwards(RegistryError):
    """A comparison goes from what was known earlier to what was known later; swap the two."""

    code = "knowledge-runs-backwards"

    def __init__(self, *, start: int, end: int) -> None:
        super().__init__(
            f"`to` is known as after change {end}, before `from`, known as after change {start}: "
            "give the later one as `to`",
            start=start,
            end=end,
        )


class RegistryIsReplica(RegistryError):
    """This registry follows another one; works are done there."""

    code = "registry-is-replica"

    def __init__(self) -> None:
        super().__init__("this registry follows another one: do the work there")


class ReplicaDiffers(RegistryError):
    """A copy does not hold what its source holds; drop it and follow anew, and look for the cause."""

    code = "replica-differs"

    def __init__(self, *, change: int, where: str) -> None:
        super().__init__(
            f"the copy differs from its source at change {change}: {where}",
            change=change,
            where=where,
        )


class ReplicaFollowsAnother(RegistryError):
    """The target already holds something else; give an empty one."""

    code = "replica-follows-another"

    def __init__(self, *, target: str, holds: str) -> None:
        super().__init__(
            f"{target} holds {holds}: give an empty target", target=target, holds=holds
        )


class TextIsTooLong(RegistryError):
    """An address has at most so many characters; send one address at a time."""

    code = "text-is-too-long"

    def __init__(self, *, length: int, most: int) -> None:
        super().__init__(
            f"the text has {length} characters, an address has at most {most}",
            length=length,
            most=most,
        )
