"""docs/reference/import.md describes the whole form, and its example is one that imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from veilleur.features.sites.importer import form
from veilleur.protocols.events import Category

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "import.md").read_text("utf-8")
SAID = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))

FORMS = {
    name: value
    for name, value in vars(form).items()
    if isinstance(value, dict) and name.isupper() and name != "SECTIONS"
}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_field_is_described(name):
    assert set(FORMS[name]) - SAID == set()


def test_every_section_and_category_is_described():
    assert set(form.SECTIONS) - SAID == set()
    assert {category.value for category in Category} - SAID == set()


def test_the_example_imports_without_a_notice(world):
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    report = world.taken(example[1])
    assert report.notices == []
    assert world.taken(world.export()).total("changed") == 0


def test_the_least_of_the_page_imports(world):
    least = re.search(r"The least that makes a site: `([^`]+)`", PAGE)
    assert least is not None
    world.taken(least[1])
