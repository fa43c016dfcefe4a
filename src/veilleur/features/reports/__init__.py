"""A dossier on paper, for the customer, the préfet, the house."""
