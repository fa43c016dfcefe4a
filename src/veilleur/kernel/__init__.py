"""The vocabulary everything else stands on: clock, ids, errors, text codes. Imports nothing of ours."""
