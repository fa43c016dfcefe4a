"""Whatever a site holds, export(import(x)) imports again without a change and exports the same."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from veilleur.features.sites.importer.export import dump

WORDS = st.text(st.sampled_from("abcéœ'\"#:-{}[]*&!%@`| 0159\t\\~"), min_size=1, max_size=12).filter(
    lambda word: word.strip() == word and word.strip()
)
CLOCKS = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.integers(0, 59))
PERIODS = st.lists(
    st.fixed_dictionaries(
        {"from": CLOCKS, "to": CLOCKS}, optional={"days": st.lists(st.integers(1, 7), min_size=1, max_size=3)}
    ),
    max_size=2,
)
PHONES = st.integers(0, 99).map(lambda n: f"+33 6 39 98 00 {n:02d}")
CONTACT = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "rank": st.integers(1, 9), "phones": st.lists(PHONES, max_size=3), "availability": PERIODS, "note": WORDS,
        "authorised": st.sampled_from(["yes", "non"]), "code_word": st.sampled_from(["lilas", "NO", "015", "***a"]),
        "user": st.sampled_from(["1", "003"]),
    },
)  # fmt: skip
ZONE = st.fixed_dictionaries(
    {"number": st.integers(0, 30).map(lambda n: f"{n:03d}")},
    optional={"name": WORDS, "area": st.sampled_from(["1", "02"]), "kind": st.sampled_from(["fire", "intrusion"]),
              "sends_restores": st.sampled_from(["yes", "no", "on_disarm", "unknown"])},
)  # fmt: skip
PANEL = st.fixed_dictionaries(
    {"account": st.from_regex(r"\A[0-9a-zA-Z]{4,8}\Z"), "line": st.sampled_from(["R1", "R2"])},
    optional={"zones": st.lists(ZONE, max_size=4, unique_by=lambda z: z["number"]), "key": st.just("0123456789abcdef"),
              "paths": st.just([{"name": "a", "interval": 60, "match": {"g": "1"}}, {"match": {"g": "2"}}])},
)  # fmt: skip
SITE = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "address": st.fixed_dictionaries({}, optional={"town": WORDS, "postcode": st.just("01000"), "street": WORDS}),
        "contacts": st.lists(CONTACT, max_size=3, unique_by=lambda c: c["name"].casefold()),
        "panels": st.lists(PANEL, max_size=2), "schedule": PERIODS, "risks": WORDS, "phone": PHONES,
        "instructions": st.lists(
            st.fixed_dictionaries({"text": WORDS}, optional={"from": st.just("2026-10-25 02:30"), "schedule": PERIODS}),
            max_size=2, unique_by=lambda i: i["text"],
        ),
        "services": st.lists(st.sampled_from(["video", "intervention"]), max_size=3), "police_zone": WORDS,
    },
)  # fmt: skip


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sites=st.lists(SITE, min_size=1, max_size=3))
def test_what_is_exported_imports_without_a_change(world, sites):
    counter = world.__dict__.setdefault("counter", itertools.count(1))
    rows = [{"reference": f"P-{next(counter)}", **site} for site in sites]
    report = world.load(dump({"sites": rows}))
    refused = {issue.code for issue in report.issues}
    assert refused <= {"account_twice", "account_twice_in_file", "account_held", "control", "twice"}, (
        report.issues
    )
    for with_secrets in (False, True):
        exported = world.export(with_secrets=with_secrets)
        before = world.entries()
        again = world.load(exported)
        assert again.ok, [issue.sentence("fr") for issue in again.issues]
        assert again.total("added") + again.total("changed") == 0
        assert world.entries() == before
        assert world.export(with_secrets=with_secrets) == exported
