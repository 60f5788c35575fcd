"""What the authors of a plan say themselves (请示正文): free texts that no registry can write."""

from datetime import date

import msgspec


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Texts for the report that goes with a submission for approval; what is missing is left to
    be filled in by hand, and said to be missing.

    Source: 行政区划管理条例 (Order 704) art 13, which lists the papers.
    """

    submitted_by: str | None = None
    """呈报机关."""
    submitted_to: str | None = None
    """主送机关."""
    reference: str | None = None
    """发文字号."""
    dated_on: date | None = None
    situation: str | None = None
    """基本情况: history, geography, nationalities, economy, resources."""
    reasons: str | None = None
    """调整理由."""
    feasibility: str | None = None
    """必要性和可行性."""
    risk: str | None = None
    """社会稳定风险评估."""
    experts: str | None = None
    """专家论证."""
    opinions: str | None = None
    """征求社会公众意见."""
    consultation: str | None = None
    """征求有关部门意见."""
    implementation: str | None = None
    """组织实施."""
    attachments: tuple[str, ...] = ()
