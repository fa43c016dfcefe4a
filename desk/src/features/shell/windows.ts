/** The window of the desk: what a wall opens goes there, and the wall keeps its pictures. */
export const DESK_WINDOW = "veilleur-poste";
