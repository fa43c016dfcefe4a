"""`veilleur sites import` and `export` as a person types them: one sentence for a fault, a non-zero exit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from veilleur.features.sites.cli import add_to
from veilleur.features.sites.importer.form import SECTIONS
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import VeilleurError
from veilleur.locale.render import catalogue


@dataclass
class Obj:
    """What the command line gives its commands."""

    world: Any

    def at(self, data_dir):
        return self

    existing = at

    def database(self):
        return self.world.database

    @property
    def clock(self):
        return self.world.clock

    @property
    def keys(self):
        return self.world.keys

    def line_names(self):
        return ["R1", "R2"]


@pytest.fixture
def veilleur(world, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    app = typer.Typer()
    add_to(app)

    @app.command()
    def other() -> None:
        """A second command, so that the group keeps its name."""

    def run(*arguments: str):
        return CliRunner().invoke(app, ["sites", *arguments], obj=Obj(world))

    return run


GOOD = "sites: [{reference: S-1, name: Un, address: {postcode: '99001'}, contacts: [{name: A, code_word: lilas}]}]\n"


def test_an_import_says_what_it_did(veilleur, world):
    path = world.folder / "sites.yaml"
    path.write_text(GOOD)
    done = veilleur("import", str(path), "--dry-run")
    assert done.exit_code == 0
    assert "rien n’a été changé" in done.stdout
    assert world.rows(Site) == []
    done = veilleur("import", str(path))
    assert done.exit_code == 0, done.output
    assert "Import terminé" in done.stdout
    assert "commune 99001" in done.stderr
    assert "lilas" not in done.output


def test_a_file_that_holds_nothing_says_so(veilleur, world):
    path = world.folder / "empty.yaml"
    path.write_text("")
    said = veilleur("import", str(path))
    assert "ne contient rien à importer" in said.output
    assert "Import terminé" not in said.output


def test_faults_are_printed_with_their_line_and_the_exit_is_not_zero(veilleur, world):
    path = world.folder / "sites.yaml"
    path.write_text("sites:\n  - {reference: S-1, name: Un}\n  - {reference: S-2, nane: Deux}\n")
    rejects = world.folder / "refus.yaml"
    done = veilleur("import", str(path), "--rejects", str(rejects))
    assert done.exit_code == 1
    assert "ligne 3, sites[S-2].nane : le champ «nane» est inconnu ; vouliez-vous écrire «name»" in " ".join(
        done.stderr.split()
    )
    assert "S-2" in rejects.read_text()
    done = veilleur("import", str(path), "--strict")
    assert done.exit_code == 1
    assert "rien n’a été changé" in done.stdout


def test_a_file_that_cannot_be_read_is_one_sentence(veilleur, world):
    done = veilleur("import", str(world.folder / "absent.yaml"))
    assert done.exit_code != 0
    assert isinstance(done.exception, VeilleurError), "the command line prints its message, never a traceback"
    assert "absent.yaml" in done.exception.message
    assert "\n" not in done.exception.message


def test_a_folder_is_no_file_and_rejects_do_not_replace_their_source(veilleur, world, monkeypatch):
    monkeypatch.chdir(world.folder)
    for folder in (".", "..", "/"):
        done = veilleur("import", folder)
        assert isinstance(done.exception, VeilleurError), done.exception
    path = world.folder / "sites.yaml"
    path.write_text("sites:\n  - {reference: S-1, name: Un}\n  - {reference: S-2, nane: Deux}\n")
    done = veilleur("import", str(path), "--rejects", "./sites.yaml")
    assert "est le fichier à importer" in str(
        getattr(done.exception, "message", "")
    ) or "file_refused" in repr(done.exception)
    assert "S-1" in path.read_text()
    assert world.rows(Site) == []


def test_an_export_goes_to_standard_output_or_to_a_private_file(veilleur, world):
    path = world.folder / "sites.yaml"
    path.write_text(GOOD)
    veilleur("import", str(path))
    done = veilleur("export")
    assert done.exit_code == 0
    assert "code_word: '***'" in done.stdout
    out = world.folder / "export.yaml"
    assert veilleur("export", "--with-secrets", "-o", str(out)).exit_code == 0
    assert "code_word: lilas" in out.read_text()
    assert out.stat().st_mode & 0o777 == 0o600
    assert world.entries("export.with_secrets") == 1
    done = veilleur("export", "-o", str(world.folder / "absent" / "x.yaml"))
    assert done.exit_code != 0
    assert isinstance(done.exception, VeilleurError)


def test_every_command_has_its_help(veilleur):
    for arguments in ([], ["import"], ["export"]):
        done = veilleur(*arguments, "--help")
        assert done.exit_code == 0
        assert "Usage" in done.output


def test_every_part_of_a_file_has_its_word_in_both_languages() -> None:
    """The report of an import counts by part: a part without a word would end it in a KeyError."""
    for language in ("fr", "en"):
        words = catalogue(language, "vocabulary")["import_section"]
        assert set(words) == set(SECTIONS)


def test_what_is_refused_is_kept_beside_the_file(veilleur, world):
    """Without --rejects: only when something is refused, never by a dry run; --rejects wins."""
    path = world.folder / "sites.yaml"
    kept = world.folder / "sites.rejets.yaml"
    path.write_text(GOOD, "utf-8")
    assert veilleur("import", str(path)).exit_code == 0
    assert not kept.exists()
    path.write_text("sites: [{reference: S-9, nom: Sans}]\n", "utf-8")
    veilleur("import", str(path), "--dry-run")
    veilleur("import", str(path), "--rejects", str(world.folder / "autre.yaml"))
    assert not kept.exists()
    done = veilleur("import", str(path))
    assert done.exit_code == 1
    assert "S-9" in kept.read_text("utf-8")
    assert "sites.rejets.yaml" in done.output.replace("\n", "")
