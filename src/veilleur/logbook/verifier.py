"""Vérifie une main courante de Veilleur, sans rien de Veilleur : bibliothèque standard et «cryptography» seules.

    python verifier.py EXTRACTION [--checkpoint FICHIER]… [--key CLÉ]…

EXTRACTION : un fichier .jsonl, son dossier, ou la preuve d'une entrée. Format : docs/reference/logbook.md.
Arbre de Merkle SHA-256 (RFC 6962), signé Ed25519 (notes C2SP). Sans --key, la clé est celle que dit le fichier :
un faux signé de sa propre clé est cohérent. Code de sortie : 0 conforme, 1 non conforme, 2 illisible.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "veilleur-logbook/1"
unbase64 = partial(base64.b64decode, validate=True)
SHOWN = 50  # anomalies écrites ; les suivantes sont comptées
MAX_LINE = 16_000_000  # caractères d'une ligne : la plus longue porte toutes les phrases


class BadFileError(Exception):
    """Ce n'est pas une extraction, une empreinte ou une clé lisible."""


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Tree:
    """Le bord droit de l'arbre de Merkle : les sous-arbres complets, du plus large au plus étroit."""

    def __init__(self) -> None:
        self.size, self.edge = 0, list[tuple[int, bytes]]()

    def append(self, leaf_hash: bytes) -> None:
        self.edge.append((0, leaf_hash))
        self.size += 1
        while len(self.edge) > 1 and self.edge[-1][0] == self.edge[-2][0]:
            (level, right), (_, left) = self.edge.pop(), self.edge.pop()
            self.edge.append((level + 1, sha(b"\x01", left, right)))

    def root(self) -> bytes:
        value = self.edge[-1][1] if self.edge else sha()
        for _, left in reversed(self.edge[:-1]):
            value = sha(b"\x01", left, value)
        return value


def root_by_path(index: int, size: int, value: bytes, path: list[str]) -> bytes:
    """RFC 9162 §2.1.3.2 : la racine à laquelle mène une preuve ; rien, hors de l'arbre."""
    last = size - 1 if 0 <= index < size else -1
    for step in map(unbase64, path):
        left = bool(index & 1 or index == last)
        value = sha(b"\x01", step, value) if left else sha(b"\x01", value, step)
        while left and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    return b"" if last else value


class Key(NamedTuple):
    name: str
    identifier: bytes
    public: bytes

    @classmethod
    def read(cls, text: str) -> Key:
        """`nom+identifiant+base64(0x01 ‖ clé)`, ou un fichier qui contient cela."""
        with suppress(OSError, ValueError):
            text = Path(text).read_text("utf-8") if Path(text).is_file() else text
            name, identifier, encoded = text.strip().split("+", 2)
            blob = unbase64(encoded)
            expected = sha(name.encode(), b"\n", blob)[:4]
            if (blob[:1], len(blob), expected.hex()) == (b"\x01", 33, identifier):
                return cls(name, expected, blob[1:])
        raise BadFileError(f"«{text[:60]}» n'est pas une clé publique")


class Note(NamedTuple):  # une empreinte signée, et l'heure que le centre y a écrite
    size: int
    root: bytes
    time: str

    @classmethod
    def read(cls, note: str, keys: list[Key]) -> Note:
        """Lit une note et vérifie sa signature. Lève BadFileError."""
        body, separator, signatures = note.partition("\n\n")
        lines = body.split("\n")
        if not separator or len(lines) < 3 or not lines[1].isdecimal():
            raise BadFileError("ce n'est pas une empreinte")
        times = [line[5:] for line in lines[3:] if line.startswith("time ")]
        for line in signatures.splitlines():
            dash, name, encoded = [*line.split(" "), "", "", ""][:3]
            try:
                blob, root = unbase64(encoded), unbase64(lines[2])
                for key in keys:
                    if (dash, name, blob[:4]) == ("—", key.name, key.identifier) and lines[0] == name:
                        Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], body.encode() + b"\n")
                        return cls(int(lines[1]), root, times[0] if times else "heure inconnue")
            except (InvalidSignature, ValueError):
                raise BadFileError("la signature est fausse") from None
        raise BadFileError("elle n'est signée par aucune des clés connues")


class Check:
    """Ce que la lecture a établi."""

    def __init__(self, keys: list[Key], size: int) -> None:
        self.keys, self.announced = keys, size
        self.tree, self.next, self.last, self.ended = Tree(), 0, "—", False
        self.told, self.faults, self.fault_count = list[str](), list[str](), 0
        self.outside: dict[int, list[tuple[str, Note]]] = {}  # empreintes extérieures, par taille
        self.missing: dict[int, int] = {}  # entrées sans contenu → leur position
        self.erased: list[tuple[int, int]] = []  # entrée effacée, entrée qui l'efface
        self.signed = self.good = 0  # empreintes signées lues ; taille de la dernière qui est juste
        self.vouched = ""  # la dernière empreinte extérieure conforme
        self.unvouched: tuple[int, str] | None = None  # première entrée d'après
        self.texts: dict[str, Any] = {}  # une seule fois : un autre lecteur pourrait en croire une seconde
        self.declared: str | None = None  # empreinte des phrases, déclarée par la main courante

    def fault(self, sentence: str) -> None:
        self.fault_count += 1
        self.faults += [sentence] * (self.fault_count <= SHOWN)

    def line(self, item: dict[str, Any]) -> None:  # une ligne de l'extraction
        if item["type"] == "entry":
            self.entry(item)
        elif item["type"] == "checkpoint":
            self.checkpoint(item["note"])
        elif item["type"] == "texts" and not self.texts:
            self.texts = {"entries": item["entries"], "vocabulary": item["vocabulary"]}
        elif item["type"] != "end" or self.ended:
            self.fault(f"ligne inattendue : {item['type']}")
        self.ended = self.ended or item["type"] == "end"

    def entry(self, item: dict[str, Any]) -> None:
        """Une entrée : sa place, sa feuille scellée, son contenu s'il est là."""
        leaf = item["leaf"].encode("utf-8", "surrogateescape")
        sealed = json.loads(leaf)
        where = f"position {item['position']} (entrée {sealed['id']})"
        if item["position"] != self.next:
            self.fault(f"{where} : position {self.next} attendue ; ligne retirée, ajoutée ou déplacée")
        self.next, self.last = item["position"] + 1, sealed["entered_at"]
        value = sha(b"\x00", leaf)
        if value.hex() != item["hash"]:
            self.fault(f"{where} : la feuille scellée est modifiée")
        self.tree.append(value)
        self.unvouched = self.unvouched or (item["position"], self.last)
        self.compare(self.tree.size, self.tree.root)
        if item["payload"] is None or item["salt"] is None:
            self.missing[sealed["id"]] = item["position"]
        elif commitment(item) != sealed["commitment"]:
            self.fault(f"{where} : le contenu ou son sel n'est pas celui qui a été scellé")
        if sealed["kind"] == "entry.erased":
            if self.missing.pop(sealed["corrects"], None) is None:
                self.fault(f"{where} : dit effacer l'entrée {sealed['corrects']}, dont le contenu est là")
            self.erased.append((sealed["corrects"], sealed["id"]))
        elif sealed["kind"] == "logbook.texts" and item["payload"]:
            self.declared = json.loads(item["payload"])["params"]["digest"]

    def compare(self, size: int, root: Callable[[], bytes]) -> None:  # avec les empreintes extérieures
        for name, note in self.outside.get(size, []):
            if note.root != root():
                self.fault(f"{name} atteste {size} entrées, qui ne sont pas celles-ci")
            else:
                self.unvouched, self.vouched = None, f"{name}, {size} entrées, {note.time}"

    def checkpoint(self, text: str) -> None:  # de l'extraction : signature, taille, racine
        self.signed += 1
        note = self.read(f"empreinte jointe après {self.tree.size} entrées", text)
        if note and (note.size, note.root) == (self.tree.size, self.tree.root()):
            self.good = note.size
        elif note:
            self.fault(f"empreinte de {note.size} entrées : altération au-delà des {self.good} premières")

    def read(self, name: str, text: str) -> Note | None:
        try:
            return Note.read(text, self.keys)
        except BadFileError as error:
            self.fault(f"{name} : {error}")
            return None

    def finish(self) -> None:  # ce qui ne se voit qu'à la fin
        if not self.ended or self.announced != self.tree.size:
            self.fault(f"extraction tronquée : {self.tree.size} entrées, {self.announced} annoncées")
        if self.good != self.tree.size:
            self.fault(f"aucune signature juste ne couvre ce qui suit les {self.good} premières entrées")
        for size, notes in self.outside.items():
            for name, _ in notes if size > self.tree.size else []:
                self.fault(f"{name} atteste {size} entrées, l'extraction n'en a que {self.tree.size}")
        for entry, position in self.missing.items():
            self.fault(f"position {position} (entrée {entry}) : contenu manquant, sans effacement")
        canonical = json.dumps(self.texts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if self.declared not in (None, sha(canonical.encode()).hex()):
            self.fault("les phrases jointes ne sont pas celles que la main courante déclare")
        self.told = [
            f"Main courante : {self.tree.size} entrées, la dernière saisie le {self.last}",
            f"Racine : {base64.b64encode(self.tree.root()).decode()}",
            f"Empreintes signées jointes : {self.signed} ; la dernière juste couvre {self.good} entrées",
            f"Contenus effacés par une entrée scellée : {len(self.erased)}",
            *(f"  entrée {entry} : effacée par l'entrée {by}" for entry, by in self.erased[:SHOWN]),
        ]

    def proof(self, item: dict[str, Any]) -> None:
        """La preuve d'une seule entrée : son contenu, sa feuille, son chemin, l'empreinte. Lève BadFileError."""
        leaf = item["leaf"].encode("utf-8", "surrogateescape")
        sealed, note = json.loads(leaf), Note.read(item["checkpoint"], self.keys)
        if root_by_path(item["position"], note.size, sha(b"\x00", leaf), item["path"]) != note.root:
            raise BadFileError("l'entrée n'est pas dans la main courante que l'empreinte atteste")
        if item["payload"] is not None and commitment(item) != sealed["commitment"]:
            raise BadFileError("le contenu n'est pas celui qui a été scellé")
        said = "absent" if item["payload"] is None else "conforme"
        self.told = [f"Entrée {sealed['id']}, position {item['position']} sur {note.size} : contenu {said}"]
        if frame := item.get("frame"):  # du lot que l'entrée scelle ; d'une clé (K), l'empreinte seule
            batch, raw = json.loads(item["payload"])["params"], frame["raw"]
            value = unbase64(frame["leaf_hash"]) if raw is None else sha(b"\x00", bytes.fromhex(raw))
            if root_by_path(frame["index"], batch["count"], value, frame["path"]).hex() != batch["root"]:
                raise BadFileError("la trame n'est pas dans le lot que l'entrée scelle")
            self.told += [f"Trame {frame['index'] + 1} sur {batch['count']}, lot {batch['batch']} : conforme"]
        self.compare(note.size, lambda: note.root)
        for size, notes in self.outside.items():
            for name, _ in notes if size != note.size else []:
                self.told.append(f"{name} atteste {size} entrées et non {note.size} : n'en dit rien")

    def report(self, key_given: bool) -> list[str]:  # ce qui fut trouvé, de qui sont les signatures
        trusted = key_given or bool(self.vouched and not self.unvouched)
        after = [self.unvouched] if self.unvouched else []
        origin = "donnée à part" if key_given else "prise dans le fichier même : ne prouve que la cohérence"
        lines = [
            *self.told,
            *(f"Signataire : {key.name}, clé {sha(key.public).hex()} ({origin})" for key in self.keys),
            f"Dernière empreinte extérieure conforme : {self.vouched or 'aucune'}",
            *(f"Rien d'extérieur ne garantit la suite, depuis {n} ({at})." for n, at in after),
            *(f"ANOMALIE : {sentence}" for sentence in self.faults),
            *[f"… et {self.fault_count - SHOWN} autres anomalies"] * (self.fault_count > SHOWN),
        ]
        sound = "CONFORME" if trusted else "CONFORME À LA SEULE CLÉ DU FICHIER, qui peut être fausse"
        return [*lines, f"RÉSULTAT : {'NON CONFORME' if self.fault_count else sound}"]


def commitment(item: dict[str, Any]) -> str:
    """Ce que la feuille scelle du contenu : SHA-256(sel ‖ contenu). Le sel empêche de deviner ce qui est effacé."""
    return sha(bytes.fromhex(item["salt"]), item["payload"].encode("utf-8", "surrogateescape")).hex()


def run(path: Path, checkpoints: list[Path], given: list[str]) -> tuple[int, list[str]]:
    """Vérifie une extraction ou une preuve ; rend le code de sortie et le compte rendu."""
    with (path / "main-courante.jsonl" if path.is_dir() else path).open(encoding="utf-8") as file:
        first = json.loads(file.readline(MAX_LINE))
        check = Check([Key.read(key) for key in given or first["keys"]], first["size"])
        for each in checkpoints:
            if note := check.read(f"empreinte extérieure {each.name}", each.read_text("utf-8")):
                check.outside.setdefault(note.size, []).append((each.name, note))
        if first["type"] == "proof":
            check.proof(first)
        elif (first["type"], first["format"]) != ("logbook", FORMAT):
            raise BadFileError(f"{path} n'est pas une extraction {FORMAT}")
        else:
            try:
                while text := file.readline(MAX_LINE):
                    check.line(json.loads(text))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                check.fault(f"ligne illisible après {check.tree.size} entrées : la vérification s'y arrête")
            check.finish()
    return (1 if check.fault_count else 0), check.report(bool(given))


def main() -> int:
    parser = argparse.ArgumentParser(description="Vérifie une main courante de Veilleur.")
    parser.add_argument("extraction", type=Path)
    parser.add_argument("--checkpoint", type=Path, nargs="+", action="extend", default=[], metavar="FICHIER")
    parser.add_argument("--key", action="append", default=[], metavar="CLÉ", help="clé ou son fichier")
    given = parser.parse_args()
    try:
        code, lines = run(given.extraction, given.checkpoint, given.key)
    except BadFileError as error:
        code, lines = 1, [f"RÉSULTAT : NON CONFORME ({error})"]
    except OSError as error:
        code, lines = 2, [f"Illisible : «{error.filename}» ne peut pas être lu (erreur {error.errno})"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        code, lines = 2, [f"Illisible : ce n'est pas une extraction de Veilleur ({error})"]
    # Ce que dit le fichier ne commande pas l'écran, et n'y ajoute pas de ligne.
    sys.stdout.writelines("".join(c if c.isprintable() else "�" for c in line) + "\n" for line in lines)
    return code


if __name__ == "__main__":
    sys.exit(main())
