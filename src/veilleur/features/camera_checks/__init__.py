"""The test of cameras and recorders at the start of a shift: looked at together, ticked one by one, signed (C1.1)."""
