"""Which steps are to be done now: a pure function of the steps and of the answers given so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from veilleur.features.procedures.form import Step

#: Calls whose result can be that nobody decided, and those that go to somebody else than the site.
CALLS = frozenset({"call_site", "call_contact", "call_next_contact"})
#: Calls for help that no unanswerable call may hold back.
RESCUE = frozenset({"call_fire", "call_medical"})
CONTACT_CALLS = frozenset({"call_contact", "call_next_contact"})

#: The current act is a set of at most three, each with its clock (practice, «Naive otherwise»).
MOST_CURRENT = 3


@dataclass(frozen=True)
class Answer:
    """What became of a step. `result` None: skipped with a motif."""

    result: str | None


@dataclass(frozen=True)
class Progress:
    """Where a procedure stands. `ruled_out`: another branch was taken; `waiting`: their turn will come."""

    current: tuple[str, ...]
    waiting: tuple[str, ...]
    ruled_out: frozenset[str]

    def open_mandatory(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """Mandatory steps neither done nor skipped, in order: they keep the dossier open."""
        still = {*self.current, *self.waiting}
        return tuple(step.key for step in steps if step.mandatory and step.key in still)


def subscribed(steps: Sequence[Step], services: Collection[str]) -> tuple[Step, ...]:
    """The steps a contract pays for: the others are absent, not skipped (practice, need 3).

    Conditions lose what they say of absent steps. An alternative left empty is dropped; when none is left, a
    mandatory step comes in any case and an optional one goes with what it depended on.
    """
    kept: list[Step] = []
    absent: set[str] = set()
    for step in steps:
        left = tuple({key: wanted for key, wanted in each.items() if key not in absent} for each in step.when)
        real = tuple(each for each in left if each)
        orphan = bool(step.when) and not real and not step.mandatory
        if orphan or (step.needs is not None and step.needs not in services):
            absent.add(step.key)
        else:
            kept.append(replace(step, when=real))
    return tuple(kept)


def without_site_call(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of a procedure that sends rescue, on a site whose file holds no number: calling it cannot be done, and
    what cannot be done does not stand in front of the fire service. What follows from «nobody answered» follows.
    """
    gone = {step.key for step in steps if step.act == "call_site"}
    if not gone or not any(step.act in RESCUE for step in steps):
        return tuple(steps)
    kept: list[Step] = []
    for step in steps:
        possible = [each for each in step.when if all("no_answer" in each[key] for key in gone & each.keys())]
        left = tuple({key: each[key] for key in each if key not in gone} for each in possible)
        if step.key in gone or (step.when and not possible):
            gone.add(step.key)
        else:
            kept.append(replace(step, when=left if all(left) else ()))
    return tuple(kept)


def progress(steps: Sequence[Step], answers: Mapping[str, Answer], *, corroborate: bool = False) -> Progress:
    """Where a procedure stands once these answers are given.

    Steps come in their order. A mandatory step that is not `parallel` holds the following ones back, save a call to
    the police, fire or medical services: the `parallel` steps right behind it run beside it. At most MOST_CURRENT
    are current, mandatory ones first. Only a *result given* rules a mandatory step out: when what
    its condition asks was skipped, a mandatory step comes all the same and an optional one is dropped.

    `corroborate`: somebody said that an offence is under way and the police call is still «à justifier» (P4). Then
    whatever a call of the cascade gave, the next one comes, and holds nothing back: the police call stays beside it.
    """
    ready: list[Step] = []
    waiting: list[str] = []
    fate: dict[str, Verdict] = {}
    held = beside = False
    acts = {step.key: step.act for step in steps}
    for step in steps:
        if step.key in answers:
            continue
        second = corroborate and _goes_on(step, answers, acts)
        verdict = "yes" if second else _verdict(step, answers, fate)
        if verdict in ("no", "dropped"):
            fate[step.key] = verdict
        elif verdict == "undecided" or (held and not (beside and step.parallel)):
            waiting.append(step.key)  # undecided: what it depends on is still to come; it holds nobody back
            beside = beside and step.parallel
        else:
            ready.append(step)
            if not held and step.mandatory and not step.parallel and not second:
                held, beside = True, step.urgent
    first = sorted(ready, key=lambda step: not step.mandatory)[:MOST_CURRENT]
    current = tuple(step.key for step in ready if step in first)
    late = [step.key for step in ready if step not in first]
    order = {step.key: place for place, step in enumerate(steps)}
    return Progress(current, tuple(sorted([*waiting, *late], key=order.__getitem__)), frozenset(fate))


def _goes_on(step: Step, answers: Mapping[str, Answer], acts: Mapping[str, str]) -> bool:
    """Whether the step is the next of a cascade whose earlier call was made: it asks what «nobody answered» leads to."""
    if step.act not in CONTACT_CALLS:
        return False
    return any(
        all(
            acts[earlier] in CALLS
            and "no_answer" in wanted
            and earlier in answers
            and answers[earlier].result is not None
            for earlier, wanted in each.items()
        )
        for each in step.when
    )


#: `no`: a result given says otherwise. `dropped`: what an optional step depended on was skipped.
Verdict = Literal["yes", "no", "undecided", "dropped"]


def _verdict(step: Step, answers: Mapping[str, Answer], fate: Mapping[str, Verdict]) -> Verdict:
    """Whether one of the step's alternatives holds."""
    if not step.when:
        return "yes"
    said = {_alternative(each, answers, fate) for each in step.when}
    if "yes" in said:
        return "yes"
    if "undecided" in said:
        return "undecided"
    if "dropped" in said:
        return "yes" if step.mandatory else "dropped"
    return "no"


def _alternative(
    wanted: Mapping[str, frozenset[str]], answers: Mapping[str, Answer], fate: Mapping[str, Verdict]
) -> Verdict:
    said: set[Verdict] = set()
    for earlier, results in wanted.items():
        answer = answers.get(earlier)
        if answer is None:
            said.add(fate.get(earlier, "undecided"))
        elif answer.result is None:
            said.add("dropped")
        else:
            said.add("yes" if answer.result in results else "no")
    order: tuple[Verdict, ...] = ("no", "undecided", "dropped")
    return next((word for word in order if word in said), "yes")
