"""Findings: what a plan breaks, what should be looked at, what is only told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Severity(StrEnum):
    """What follows from a finding; see docs/registry.md."""

    ERROR = "E"
    """The plan is refused."""
    WARNING = "W"
    """Accepted, but a person should have looked."""
    NOTICE = "I"
    """Told, no more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and what the plan has to do with it; the sentences say what to change."""

    rule: str
    """Id of the rule: V.. and N.. as in the field's rules, L12 for the laws of lineage."""
    severity: Severity
    zh: str
    en: str
    divisions: tuple[UUID, ...] = ()
    addresses: tuple[str, ...] = ()
    """Address codes."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.en}"

    def facts(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "zh": self.zh,
            "en": self.en,
            "divisions": [str(one) for one in self.divisions],
            "addresses": list(self.addresses),
        }


def error(rule: str, en: str, zh: str, *divisions: UUID) -> Finding:
    """A breach."""
    return Finding(rule, Severity.ERROR, zh, en, divisions)


def warning(rule: str, en: str, zh: str, *divisions: UUID) -> Finding:
    """A warning."""
    return Finding(rule, Severity.WARNING, zh, en, divisions)


def notice(rule: str, en: str, zh: str, *divisions: UUID) -> Finding:
    """Something only told."""
    return Finding(rule, Severity.NOTICE, zh, en, divisions)
