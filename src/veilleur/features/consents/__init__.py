"""A person at home lets the operator who has him on the telephone look for some minutes (practice, regime «home»)."""
