"""What is to be said of a plate, in words and a colour: one standing for everything found."""

from enum import StrEnum
from typing import Final

from api.language import Language
from qr.verification import Finding


class Standing(StrEnum):
    """How a plate stands, as people need to know it."""

    GENUINE = "genuine"
    OLD_NAME = "old-name"
    """Genuine; it shows what the door was called."""
    REPLACED = "replaced"
    """Genuine once; another plate took its place."""
    REVOKED = "revoked"
    WRONG_DOOR = "wrong-door"
    FORGED = "forged"
    UNKNOWN = "unknown"
    """Nobody here can tell: not a plate code, or made with a key that is not known or trusted."""


TONES: Final[dict[Standing, tuple[str, str]]] = {
    Standing.GENUINE: ("good", "✓"),
    Standing.OLD_NAME: ("good", "✓"),
    Standing.REPLACED: ("warn", "!"),
    Standing.REVOKED: ("bad", "✕"),
    Standing.WRONG_DOOR: ("bad", "✕"),
    Standing.FORGED: ("bad", "✕"),
    Standing.UNKNOWN: ("plain", "?"),
}
"""Colour and sign; the sign and the words say the same to those who see no colour."""

SAYINGS: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    "zh": {
        Standing.GENUINE: ("真牌，有效", "由本登记库核发，现在有效，属于下面这扇门。请核对门上的字与下面所示是否一致。"),
        Standing.OLD_NAME: ("真牌，旧名仍有效", "由本登记库核发。牌上是旧名称，门牌仍然有效，不必更换；现在的名称见下。"),
        Standing.REPLACED: ("旧牌，已换发新牌", "这块门牌已由新牌替换。若它还挂在门上，请报告，社区会来更换。"),
        Standing.REVOKED: ("已作废的门牌", "这块门牌已被收回，不能作为凭证。若它还挂在门上，请报告。"),
        Standing.WRONG_DOOR: ("挂错了门", "这是另一扇门的真牌，可能被移挂或翻印。请勿据此认门，请报告。"),
        Standing.FORGED: ("假牌", "不是本登记库核发，或内容被改动。请勿相信牌上的任何内容，请报告。"),
        Standing.UNKNOWN: ("无法核验", "这不是能核验的门牌码，或所用密钥不可信。请重新扫描，或输入码下印的地址代码。"),
        "unscanned": ("标准地址", "已在地名地址登记库登记。要核验门上的牌子，请扫描牌上的二维码。"),
        "certificate": ("真证明", "由本登记库出具，内容未被改动。它说的是所载日期的情况。"),
        "address-code": ("有这个地址", "地址代码正确。只凭代码不能判断门牌真伪，请扫描牌上的二维码。"),
    },
    "en": {
        Standing.GENUINE: ("Genuine plate", "Issued by this registry, in force, and of the door below. Check that the door shows what is shown below."),
        Standing.OLD_NAME: ("Genuine; old name still valid", "Issued by this registry. It shows a former name and stays valid: it need not be changed. The present name is below."),
        Standing.REPLACED: ("Replaced by a newer plate", "A newer plate took its place. If it still hangs at the door, please report it and the community will see to it."),
        Standing.REVOKED: ("Plate called back", "This plate was called back and proves nothing any more. If it still hangs at the door, please report it."),
        Standing.WRONG_DOOR: ("At the wrong door", "A genuine plate of another door; it may have been moved or copied. Do not rely on it here, and please report it."),
        Standing.FORGED: ("Forged plate", "Not issued by this registry, or altered. Do not believe anything it says, and please report it."),
        Standing.UNKNOWN: ("Cannot be verified", "Not a plate code that can be verified, or made with a key that is not to be trusted. Scan it again, or type the address code printed below the symbol."),
        "unscanned": ("Standard address", "Recorded in this registry. To check the plate at the door, scan its QR code."),
        "certificate": ("Genuine certificate", "Issued by this registry and not altered. It speaks of the day it names."),
        "address-code": ("There is such an address", "The address code is right. A code alone says nothing of the plate: scan the QR code on it."),
    },
}  # fmt: skip
"""Title and meaning of every standing, and of what is no plate."""


def standing_of(finding: Finding, *, outdated: bool, replaced: bool) -> Standing:
    """How a plate stands, from what verification found.

    Args:
        outdated: it shows a former name.
        replaced: it was called back because another took its place.
    """
    if finding is Finding.GENUINE:
        return Standing.OLD_NAME if outdated else Standing.GENUINE
    if finding is Finding.REVOKED:
        return Standing.REPLACED if replaced else Standing.REVOKED
    return {
        Finding.WRONG_DOOR: Standing.WRONG_DOOR,
        Finding.FORGED: Standing.FORGED,
    }.get(finding, Standing.UNKNOWN)
