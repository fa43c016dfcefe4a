"""Looking: viewing sessions with their motif (R253-5), tickets, walls, marks and holds, événements, PTZ, patrols."""
