"""Telephone numbers as they are kept: E.164; French national numbers are completed."""

from __future__ import annotations

import re

from veilleur.features.sites.errors import NotAPhoneError

#: What people put between digits.
SEPARATORS = re.compile(r"[\s.\-/()\u00a0\u202f]+")
E164 = re.compile(r"\+[1-9]\d{6,14}")
FRENCH = re.compile(r"0[1-9]\d{8}")
#: 15, 17, 18, 112, 3237…: only a service's directory holds such numbers.
SHORT = re.compile(r"\d{2,4}")


def normal_phone(text: str) -> str | None:
    """A number in E.164, or None when it is not one: «06 39 98 12 34» and «0033 6 39…» are +33639981234."""
    digits = SEPARATORS.sub("", text.replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if FRENCH.fullmatch(digits):
        digits = f"+33{digits[1:]}"
    if digits.startswith("+33") and len(digits) != 12:
        return None
    return digits if E164.fullmatch(digits) else None


def short_number(text: str) -> str | None:
    """A service's short number, or None."""
    digits = SEPARATORS.sub("", text)
    return digits if SHORT.fullmatch(digits) else None


def parse_phone(text: str, *, field: str) -> str:
    """A number in E.164. Raises NotAPhoneError naming the field."""
    number = normal_phone(text)
    if number is None:
        raise NotAPhoneError(f"«{text}» is not a telephone number.", field=field, value=text)
    return number
