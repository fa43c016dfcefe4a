from __future__ import annotations
from veilleur.features.incidents import commands as c
def test_smoke(room):
    i = room.open()
    room.do("Ana", c.take, i)
    print(room.entries(i), {k: s.state for k, s in room.steps(i).items()}, room.due(i))
    room.finish_steps(i, "Ana")
    print({k: s.state for k, s in room.steps(i).items()})
