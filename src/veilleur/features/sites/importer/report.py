"""What an import did, or would do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from veilleur.features.sites.importer.fields import Issue

OUTCOMES = ("added", "changed", "unchanged", "rejected")


@dataclass
class ImportReport:
    """Counts by section and outcome (added, changed, unchanged, rejected), faults, and things to know.

    `committed` is False for a dry run, and for a strict import that found a fault: nothing was changed then.
    """

    dry_run: bool
    strict: bool
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    notices: list[Issue] = field(default_factory=list)
    committed: bool = False
    #: Where what was refused is written, when something was.
    rejects: Path | None = None

    def count(self, section: str, outcome: str) -> None:
        """One more."""
        self.counts.setdefault(section, Counter())[outcome] += 1

    def total(self, outcome: str) -> int:
        """How many objects of all sections had this outcome."""
        return sum(counter[outcome] for counter in self.counts.values())

    @property
    def ok(self) -> bool:
        """Whether everything in the file was acceptable."""
        return not self.issues

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """The report as data, its faults in words too."""
        return {
            "dry_run": self.dry_run,
            "strict": self.strict,
            "committed": self.committed,
            "counts": {name: {o: counter[o] for o in OUTCOMES} for name, counter in self.counts.items()},
            "issues": [issue_json(issue, language) for issue in self.issues],
            "notices": [issue_json(issue, language) for issue in self.notices],
        }


def issue_json(issue: Issue, language: str) -> dict[str, Any]:
    """One fault as data."""
    return {
        "line": issue.line,
        "where": issue.where,
        "code": issue.code,
        "params": dict(issue.params),
        "sentence": issue.sentence(language),
    }
