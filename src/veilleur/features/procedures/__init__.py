"""Procedures: the form of a step, its validation, the progression through steps, the built-in ones. Pure."""
