"""What this feature refuses; the sentences are in `locale/*/authorisations.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, InvalidError


class AuthorisationKnownError(ConflictError):
    """An authorisation with this reference exists already: renew that one."""

    code = "authorisation_known"


class AuthorisationOverError(ConflictError):
    """This authorisation has ended already."""

    code = "authorisation_over"


class AuthorisationRuleError(InvalidError):
    """No préfet grants such an authorisation: see `rule` and `field`."""

    code = "authorisation_rule"
