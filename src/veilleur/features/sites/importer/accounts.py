"""Who holds which account while a file is taken: practice P9, across the file and the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from veilleur.db.engine import WriteSession
from veilleur.features.sites.adoption import claim_account
from veilleur.features.sites.importer.fields import Issue
from veilleur.features.sites.importer.rows import Holder
from veilleur.protocols.dc09 import canonical_account


@dataclass(frozen=True, slots=True)
class Conflict:
    """A panel whose account somebody else has: its line, which code, with which parameters."""

    line: int | None
    code: str
    params: dict[str, Any]

    def told(self, site: str) -> Issue:
        """The fault, at the account's own field. `site`: where its site stands in the file."""
        return Issue(self.line, f"{site}.panels[{self.params['account']}].account", self.code, self.params)


@dataclass(frozen=True, slots=True)
class Claim:
    """An account that a site of the file took."""

    line: str | None
    reference: str
    at: int


@dataclass
class Accounts:
    """Accounts of the file's accepted sites, and of the database's others."""

    claims: dict[str, list[Claim]] = field(default_factory=dict)
    holders: dict[str, list[Holder]] = field(default_factory=dict)
    released: set[int] = field(default_factory=set)

    def hold(self, holders: Iterable[Holder]) -> None:
        """What the database says of some accounts, replacing what it said before."""
        fresh: dict[str, list[Holder]] = {}
        for holder in holders:
            fresh.setdefault(holder.canonical, []).append(holder)
        self.holders |= fresh

    def conflicts(self, draft: Mapping[str, Any], reference: str) -> list[Conflict]:
        """Panels of a site whose account another site of the file or of the database holds."""
        found: list[Conflict] = []
        for canonical, line, row in wanted_accounts(draft):
            for claim in self.claims.get(canonical, ()):
                if claim.reference != reference and same_line(claim.line, line):
                    params = {
                        "account": row["account"],
                        "line": line,
                        "site": claim.reference,
                        "first": claim.at,
                    }
                    found.append(Conflict(row["_line"], "account_twice_in_file", params))
        asked = {canonical for canonical, _, _ in wanted_accounts(draft)}
        about = [holder for canonical in asked for holder in self.holders.get(canonical, ())]
        return found or self.refused_by(about, draft, reference)

    def refused_by(
        self, holders: Iterable[Holder], draft: Mapping[str, Any], reference: str
    ) -> list[Conflict]:
        """Panels whose account a panel of another site answers to; those already given up do not count."""
        known = list(holders)
        return [
            Conflict(
                row["_line"],
                "account_held",
                {"account": row["account"], "line": line, "site": holder.site_reference},
            )
            for canonical, line, row in wanted_accounts(draft)
            for holder in known
            if holder.canonical == canonical
            and holder.site_reference != reference
            and holder.panel_id not in self.released
            and same_line(holder.line, line)
        ]

    def take(self, draft: Mapping[str, Any], reference: str, released: Iterable[int]) -> None:
        """A site was accepted: its accounts are its own, those it gave up are free."""
        self.released |= set(released)
        for canonical, line, row in wanted_accounts(draft):
            self.claims.setdefault(canonical, []).append(Claim(line, reference, row["_line"]))

    @staticmethod
    def claim(session: WriteSession, draft: Mapping[str, Any]) -> None:
        """Keeps other transactions from giving these accounts away meanwhile; always in the same order."""
        for canonical in sorted({canonical for canonical, _, _ in wanted_accounts(draft)}):
            claim_account(session, canonical)


def wanted_accounts(draft: Mapping[str, Any]) -> list[tuple[str, str | None, Mapping[str, Any]]]:
    """Canonical account, line and draft of each panel that a site keeps."""
    rows = draft.get("panels") or ()
    return [
        (canonical_account(row["account"]), row.get("line"), row) for row in rows if not row.get("removed")
    ]


def accounts_of(draft: Mapping[str, Any]) -> set[str]:
    """The canonical accounts that a draft asks for."""
    return {canonical for canonical, _, _ in wanted_accounts(draft)}


def same_line(one: str | None, other: str | None) -> bool:
    """No line is any line."""
    return one is None or other is None or one == other
