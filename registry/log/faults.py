"""What can be wrong with a log (日志疑点), in words."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The kinds of fault a verification finds."""

    ROWS_DIFFER = "rows-differ"
    """Rows of a change are not those its record binds."""
    RECORD_DIFFERS = "record-differs"
    """The change or its decree does not read as its record says."""
    RECORD_MISSING = "record-missing"
    """A change without a record, or a record without a change."""
    TREE_DIFFERS = "tree-differs"
    """A stored hash is not the hash of what it covers."""
    CHECKPOINT_DIFFERS = "checkpoint-differs"
    """A signed checkpoint names another root than the records give."""
    SIGNATURE_FALSE = "signature-false"
    """A note is not signed by a key that is trusted."""
    ROWS_OF_NOBODY = "rows-of-nobody"
    """Rows that no change of the log wrote or closed."""
    OUT_OF_ORDER = "out-of-order"
    """Numbers have a gap, or a later change is not later."""
    CUT_SHORT = "cut-short"
    """A file ends before it says that it ends."""


SENTENCES = {
    FaultKind.ROWS_DIFFER: ("变更 {change} 的数据行与记录不符", "change {change}: rows differ"),
    FaultKind.RECORD_DIFFERS: ("变更 {change} 与其记录不符", "change {change}: record differs"),
    FaultKind.RECORD_MISSING: ("变更 {change} 缺少记录", "change {change}: record missing"),
    FaultKind.TREE_DIFFERS: ("变更 {change} 处的哈希树不符", "change {change}: tree differs"),
    FaultKind.CHECKPOINT_DIFFERS: (
        "长度 {change} 的检查点与记录不符",
        "checkpoint of size {change}: another root",
    ),
    FaultKind.SIGNATURE_FALSE: (
        "长度 {change} 的签名不可信",
        "size {change}: signature not trusted",
    ),
    FaultKind.ROWS_OF_NOBODY: ("有数据行不属于任何变更", "rows no change accounts for"),
    FaultKind.OUT_OF_ORDER: ("变更 {change} 次序有误", "change {change}: out of order"),
    FaultKind.CUT_SHORT: ("文件不完整", "the file is cut short"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: of which kind, at which change (or size), and what was seen."""

    kind: FaultKind
    change: int | None
    seen: str

    def sentence(self, language: str) -> str:
        """One line for people; `language` is zh or en."""
        chinese, english = SENTENCES[self.kind]
        said = (chinese if language == "zh" else english).format(change=self.change)
        return f"{said}: {self.seen}"
