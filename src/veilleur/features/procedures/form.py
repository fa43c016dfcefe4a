"""The form of a step, as an import writes it and as a dossier keeps it.

A procedure is a list of steps, each a mapping:

| key | meaning | default |
|---|---|---|
| `key` | its name inside the procedure: letters, digits, `_` | required |
| `act` | what is done: one of ACTS | required |
| `label` | the words on the screen | the act's own |
| `rank` | for `call_contact`: 1 is the first contact to be told | 1 |
| `parallel` | true: the following steps do not wait for this one | false |
| `mandatory` | true: the dossier does not close before it is done or skipped with a motif | true |
| `results` | `[{key, label}]`, or a list of keys; the keys a later `when` may name | the act's own |
| `when` | `{earlier step: result or [results]}`: all must hold; a list of such mappings: one must | always |
| `needs` | subscribed service without which the step is absent (one of SERVICES), or `none` | the act's own |
| `timer` | seconds after which a current step shows as late | none |
| `say` | words to read aloud | none |
| `hint` | words for the operator alone | none |
| `wording` | words of the catalogue (vocabulary `step`) in place of `label`; for the built-in ones | none |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from veilleur.kernel.errors import InvalidError
from veilleur.locale.render import catalogue, render

#: At most this many steps in a procedure: more is read by nobody at 3 a.m., and bounds what an import brings.
MAX_STEPS = 40
#: At most this many characters in a text of a step.
MAX_TEXT = 600
#: A step's timer is at most a day (seconds).
MAX_TIMER = 86_400

SERVICES = ("intervention", "video", "guarding", "listen_in")

#: What a call in the order of practice P6 can end in (see `call_outcome`).
CALL_RESULTS = ("mistake", "offence", "informed", "not_obtained", "wrong_word", "duress", "no_answer")
#: What a call to a public service can end in: the outcomes of ServiceCall for that service.
POLICE_RESULTS = ("coming", "noted", "refused", "no_answer", "on_site", "arrest", "nothing_found")
FIRE_RESULTS = ("coming", "noted", "refused", "no_answer", "on_site", "mastered", "helped", "nothing_found")
MEDICAL_RESULTS = ("coming", "advised", "refused", "no_answer", "on_site", "helped", "nothing_found")

#: act → (results, subscribed service it needs). A step's own `results` and `needs` win.
ACTS: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "view_clip": (("person", "nothing", "unclear", "unavailable"), "video"),
    "call_site": (CALL_RESULTS, None),
    "call_contact": (CALL_RESULTS, None),
    "call_next_contact": (CALL_RESULTS, None),
    "listen": (("heard", "nothing", "unclear", "unavailable"), "listen_in"),
    "ask": (("yes", "no", "unknown"), None),
    "send_agent": (("engaged", "none_available", "declined"), "intervention"),
    "call_police": (POLICE_RESULTS, None),
    "call_fire": (FIRE_RESULTS, None),
    "call_medical": (MEDICAL_RESULTS, None),
    "note": (("done",), None),
    "advise": (("done", "second_level"), None),
    "return_to_normal": (("normal", "deferred"), None),
}

#: Results that a procedure or a dossier written earlier may name, besides its act's own: they are still read.
EARLIER: Mapping[str, tuple[str, ...]] = {"call_fire": POLICE_RESULTS, "call_medical": POLICE_RESULTS}

#: Skipping one of these rings at once for the chef de salle (practice, «Naive otherwise»).
URGENT_ACTS = frozenset({"call_police", "call_fire", "call_medical"})

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
TEXTS = ("label", "wording", "say", "hint")
KEYS = frozenset({"key", "act", "rank", "parallel", "mandatory", "results", "when", "needs", "timer", *TEXTS})

#: Alternatives, one of which must hold: {earlier step: wanted results}.
When = tuple[Mapping[str, frozenset[str]], ...]


@dataclass(frozen=True)
class Result:
    """One answer a step may have. `label` None: the word of the catalogue (vocabulary `step_result`)."""

    key: str
    label: str | None = None


@dataclass(frozen=True)
class Step:
    """A step of a procedure. `label` None: the word of the catalogue (vocabulary `step`), under `wording`."""

    key: str
    act: str
    label: str | None = None
    wording: str | None = None
    rank: int | None = None
    parallel: bool = False
    mandatory: bool = True
    results: tuple[Result, ...] = ()
    when: When = ()
    needs: str | None = None
    timer: int | None = None
    say: str | None = None
    hint: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether skipping it rings for the chef de salle."""
        return self.act in URGENT_ACTS


@dataclass(frozen=True)
class Problem:
    """Something wrong in a procedure: which step (from 1), which field, a code and its parameters."""

    step: int
    name: str
    code: str
    params: Mapping[str, Any]

    def sentence(self, language: str) -> str:
        """The problem in words, with what to do."""
        pattern = catalogue(language, "errors")[f"step.{self.code}"]
        return render(language, pattern, {"step": self.step, "name": self.name or None, **self.params})


def validate_steps(steps: object, language: str = "fr") -> list[str]:
    """Every problem of a procedure's steps, in words; an empty list means that it can be followed."""
    return [problem.sentence(language) for problem in problems(steps)]


def parse_steps(steps: object) -> tuple[Step, ...]:
    """The steps of a procedure. Raises InvalidError (`problems`: sentences) when there is any problem."""
    if sentences := validate_steps(steps):
        raise InvalidError("; ".join(sentences), problems=sentences)
    rows: Sequence[Mapping[str, Any]] = steps  # type: ignore[assignment]  # checked by problems()
    return tuple(_step(row) for row in rows)


def problems(steps: object) -> list[Problem]:
    """Every problem of a procedure's steps, in their order."""
    if not isinstance(steps, list | tuple) or not steps:
        return [Problem(0, "", "no_steps", {})]
    if len(steps) > MAX_STEPS:
        return [Problem(0, "", "too_many", {"count": len(steps), "most": MAX_STEPS})]
    found: list[Problem] = []
    seen: dict[str, frozenset[str]] = {}
    for number, row in enumerate(steps, 1):
        if not isinstance(row, Mapping):
            found.append(Problem(number, "", "not_a_mapping", {}))
            continue
        name = str(row.get("key") or "")
        found += [Problem(number, name, code, params) for code, params in _of_step(row, name, seen)]
        known = frozenset(result.key for result in _results(row))
        seen.setdefault(name, known | frozenset(EARLIER.get(str(row.get("act")), ())))
    return found


Found = list[tuple[str, dict[str, Any]]]


def _of_step(row: Mapping[str, Any], name: str, seen: Mapping[str, frozenset[str]]) -> Found:
    found: Found = [("unknown_field", {"field": field}) for field in sorted(set(row) - KEYS)]
    if not NAME.match(name):
        found.append(("bad_key", {}))
    elif name in seen:
        found.append(("twice", {}))
    act = row.get("act")
    if act not in ACTS:
        found.append(("unknown_act", {"act": act, "known": list(ACTS)}))
    for flag in ("parallel", "mandatory"):
        if _flag(row.get(flag, False)) is None:
            found.append(("not_a_flag", {"field": flag, "value": row[flag]}))
    for text in TEXTS:
        if (value := row.get(text)) is not None and not (
            isinstance(value, str) and 0 < len(value) <= MAX_TEXT
        ):
            found.append(("bad_text", {"field": text, "most": MAX_TEXT}))
    found += _numbers(row)
    needs = row.get("needs")
    if needs not in (None, "none", *SERVICES):
        found.append(("unknown_service", {"value": needs, "known": ["none", *SERVICES]}))
    return found + _of_results(row) + _of_when(row, seen)


def _numbers(row: Mapping[str, Any]) -> Found:
    found: Found = []
    if row.get("rank") is not None:
        if row.get("act") != "call_contact":
            found.append(("rank_without_call", {}))
        elif not 1 <= (_whole(row["rank"]) or 0) <= 99:
            found.append(("bad_rank", {"value": row["rank"]}))
    if row.get("timer") is not None and not 1 <= (_whole(row["timer"]) or 0) <= MAX_TIMER:
        found.append(("bad_timer", {"value": row["timer"], "most": MAX_TIMER}))
    return found


def _of_results(row: Mapping[str, Any]) -> Found:
    given = row.get("results")
    if given is None:
        return []
    if not isinstance(given, list | tuple) or not given:
        return [("bad_results", {})]
    found: Found = []
    names = [item.get("key") if isinstance(item, Mapping) else item for item in given]
    for name in names:
        if not isinstance(name, str) or not NAME.match(name):
            found.append(("bad_result", {"value": name}))
    if len(set(map(str, names))) < len(names):
        found.append(("result_twice", {}))
    act = str(row.get("act"))
    if act.startswith("call_") and act in ACTS:
        own = ACTS[act][0]
        read = {*own, *EARLIER.get(act, ())}
        found += [("not_of_call", {"value": n, "known": list(own)}) for n in names if n not in read]
    return found


def _of_when(row: Mapping[str, Any], seen: Mapping[str, frozenset[str]]) -> Found:
    when = row.get("when")
    if when is None:
        return []
    alternatives = when if isinstance(when, list | tuple) else [when]
    if not alternatives or not all(isinstance(each, Mapping) and each for each in alternatives):
        return [("bad_when", {})]
    found: Found = []
    for earlier, wanted in [pair for each in alternatives for pair in each.items()]:
        if earlier not in seen:
            found.append(("when_unknown_step", {"value": earlier}))
            continue
        known = seen[earlier]
        found += [
            ("when_unknown_result", {"value": result, "earlier": earlier, "known": sorted(known)})
            for result in sorted(_wanted(wanted) - known)
        ]
        if not _wanted(wanted):
            found.append(("bad_when", {}))
    return found


def _when(value: object) -> When:
    given: Any = value or []
    alternatives = given if isinstance(given, list | tuple) else [given]
    return tuple({str(k): _wanted(v) for k, v in each.items()} for each in alternatives)


def _wanted(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else frozenset({str(value)})


def _flag(value: object) -> bool | None:
    """A flag, as YAML or the string loader of imports gives it."""
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "oui": True, "false": False, "no": False, "non": False}.get(
        str(value).strip().lower()
    )


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else None


def _results(row: Mapping[str, Any]) -> tuple[Result, ...]:
    given = row.get("results")
    if not isinstance(given, list | tuple):
        return tuple(Result(key) for key in ACTS.get(str(row.get("act")), ((), None))[0])
    return tuple(
        Result(str(item.get("key")), item.get("label")) if isinstance(item, Mapping) else Result(str(item))
        for item in given
    )


def _step(row: Mapping[str, Any]) -> Step:
    act = row["act"]
    needs = row.get("needs", ACTS[act][1])
    return Step(
        key=row["key"],
        act=act,
        label=row.get("label"),
        wording=row.get("wording"),
        rank=_whole(row.get("rank", 1)) if act == "call_contact" else None,
        parallel=bool(_flag(row.get("parallel", False))),
        mandatory=bool(_flag(row.get("mandatory", True))),
        results=_results(row),
        when=_when(row.get("when")),
        needs=None if needs == "none" else needs,
        timer=_whole(row["timer"]) if row.get("timer") is not None else None,
        say=row.get("say"),
        hint=row.get("hint"),
    )


def dump_step(step: Step) -> dict[str, Any]:
    """A step in plain JSON, every default written out: what a dossier keeps. `parse_steps` reads it back."""
    return {
        "key": step.key,
        "act": step.act,
        "label": step.label,
        "wording": step.wording,
        "rank": step.rank,
        "parallel": step.parallel,
        "mandatory": step.mandatory,
        "results": [{"key": result.key, "label": result.label} for result in step.results],
        "when": [{key: sorted(wanted) for key, wanted in each.items()} for each in step.when] or None,
        "needs": step.needs or "none",
        "timer": step.timer,
        "say": step.say,
        "hint": step.hint,
    }


def call_outcome(word: str | None, result: str | None, understood: str | None) -> str:
    """The result of a step for a call of practice P6: its word, what answered, what is understood."""
    if word == "duress":
        return "duress"
    if word == "wrong":
        return "wrong_word"
    if word == "right":
        return understood if understood in ("mistake", "offence") else "informed"
    return "not_obtained" if result == "answered" else "no_answer"
