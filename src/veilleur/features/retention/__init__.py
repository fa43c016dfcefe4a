"""How long personal data are kept, by which text, and how they go (RGPD art. 5(1)(e))."""
