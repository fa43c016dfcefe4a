"""One package per job of the room, all of the same shape; `commands` and `queries` are the only doors."""
