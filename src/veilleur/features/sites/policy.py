"""Who may what with the file of a site (issue 2 §3): read it, and what an operator changes at night."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                      operator  lead  administrator  auditor
    site.search       yes       yes   yes            yes
    site.read         yes       yes   yes            yes
    connection.read   yes       yes   yes            yes
    connection.accept post      post  yes            -
    connection.reopen -         yes   yes            -
    contact.add       post      post  -              -
    contact.review    -         yes   -              -
    instruction.add   post      post  -              -
    instruction.end   post      post  -              -
    on_test.start     post      post  -              -
    on_test.extend    post      post  -              -
    on_test.end       post      post  -              -
""")

#: The verb of each ability on a site's file, as the desk names it.
VERBS = {
    "contact.add": "contacts",
    "instruction.add": "instructions",
    "on_test.start": "on-test",
    "connection.accept": "connection",
    "connection.reopen": "reopen",
}
#: The same on a running test.
TEST_VERBS = {"on_test.extend": "extend", "on_test.end": "end"}
