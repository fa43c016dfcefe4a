"""The perimeter in SQL: the same rule as `kernel.ports.Perimeter.holds`, for queries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, true

from veilleur.db.base import Perimeter as PerimeterColumns
from veilleur.kernel.ports import Perimeter


def within(perimeter: Perimeter, table: type[PerimeterColumns]) -> ColumnElement[bool]:
    """The condition that keeps the rows of `table` inside a perimeter; true when nothing is outside."""
    kept: list[ColumnElement[bool]] = [true()]
    if perimeter.organisations is not None:
        kept.append(table.organisation.in_(sorted(perimeter.organisations)))
    if perimeter.customers is not None:
        kept.append(table.customer_id.in_(sorted(perimeter.customers)))
    if perimeter.communes is not None:
        kept.append(table.commune.in_(sorted(perimeter.communes)))
    return and_(*kept)
