/** What the desk reads of recordings, marks and a dossier's images (docs/design/video.md). Times: RFC 3339 UTC. */
export interface MarkView {
  id: number;
  version: number;
  camera: { id: number; name: string };
  from: string;
  until: string;
  label: string | null;
  incident: { id: number; reference: string } | null;
  made_by: string;
  made_at: string;
  /** Gel conservatoire: disk pressure may not erase it, never beyond the retention. */
  hold: { reason: string; until: string } | null;
  abilities: string[];
}

/** Pictures asked of the customer's own recorder. */
export interface ClipView {
  id: number;
  state: string;
  fault: string | null;
  clock_offset_ms: number | null;
  from: string;
  until: string;
}

export interface ImageView {
  /** The rest of it is the view «camera» of the stream. */
  camera: {
    id: number;
    reference: string;
    name: string;
    place: string | null;
    regime: string;
    ptz: boolean;
  };
  /** The detection point that the camera sees. */
  zone: string | null;
  alarm_at: string;
  from: string;
  until: string;
  preset: string | null;
  /** The camera was lost before the alarm: a clue (practice). */
  lost_before: { since: string; fault: string } | null;
  source: "recorder" | "customer";
  clip: ClipView | null;
}

export interface Images {
  cameras: ImageView[];
}
