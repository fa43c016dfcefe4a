/** What was done by exception and waits to be read by somebody answerable (S19). */

export interface ReviewItem {
  kind: string;
  id: number;
  at: string | null;
  by: string | null;
  incident: { id: number; reference: string } | null;
  site: { id: number; name: string } | null;
  what: string;
  /** The vocabulary of `what`; null: it is in words. */
  what_list: string | null;
  motif: string | null;
  motif_list: string | null;
  /** It rings for the chef until it is read. */
  urgent: boolean;
  /** The reader's own act: reading it will say so. */
  own: boolean;
  reviewed_at: string | null;
  may_mark: boolean;
}

export interface ReviewList {
  count: number;
  oldest: string | null;
  pending: ReviewItem[];
  done: ReviewItem[];
}

/** ms: duty S19, an act by exception is reviewed within 24 hours. */
export const REVIEW_WITHIN = 24 * 3_600_000;

/** Whether the oldest has waited longer than it may. `now` in ms; unknown before the first sign of the server. */
export const overdue = (oldest: string | null, now: number): boolean =>
  oldest !== null && now - Date.parse(oldest) > REVIEW_WITHIN;
