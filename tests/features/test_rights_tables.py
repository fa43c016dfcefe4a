"""Rights tables and the routes that stand on them: default deny, at import."""

from __future__ import annotations

import pytest

from veilleur.features.http import allow, feature_router
from veilleur.kernel.ports import Perimeter, Policy, Reader, Scope

TABLE = Policy.read("""
                  operator  lead  auditor
    dossier.read  yes       yes   yes
    dossier.take  post      post  -
    dossier.claim -         yes   -
""")


def reader(*roles: str, post: int | None = None) -> Reader:
    return Reader(1, "Test", frozenset(roles), post_id=post)


def test_what_the_table_does_not_say_is_refused() -> None:
    assert not TABLE.allows(reader("administrator", post=1), "dossier.read")
    assert not TABLE.allows(reader(), "dossier.read")
    assert TABLE.abilities(reader("auditor", post=1)) == ["dossier.read"]


def test_a_post_cell_asks_for_a_post() -> None:
    assert not TABLE.allows(reader("operator"), "dossier.take")
    assert TABLE.allows(reader("operator", post=3), "dossier.take")


def test_roles_add_up() -> None:
    assert TABLE.abilities(reader("operator", "lead")) == ["dossier.read", "dossier.claim"]


@pytest.mark.parametrize(
    "text",
    [
        "operator janitor\na.b yes yes",
        "operator lead\na.b yes",
        "operator lead\na.b yes maybe",
        "operator\na.b yes\na.b -",
    ],
)
def test_a_bad_table_fails_at_import(text: str) -> None:
    with pytest.raises(ValueError, match="rights table"):
        Policy.read(text)


def test_a_route_without_a_declared_right_cannot_exist() -> None:
    router = feature_router()
    with pytest.raises(TypeError, match="declares no right"):

        @router.get("/nothing")
        def nothing() -> None: ...


def test_a_right_must_be_a_line_of_the_table() -> None:
    with pytest.raises(ValueError, match=r"dossier\.burn"):
        allow(TABLE, "dossier.burn")


def test_a_perimeter_holds_what_each_of_its_lists_holds() -> None:
    perimeter = Perimeter(customers=frozenset({1}), communes=frozenset({"99001"}))
    assert perimeter.holds(Scope(customer_id=1, commune="99001"))
    assert not perimeter.holds(Scope(customer_id=1, commune="99002"))
    assert not perimeter.holds(Scope(commune="99001"))
    assert Perimeter().holds(Scope())
