"""What is done in a dossier: calls, verification, calls to the services, interventions."""
