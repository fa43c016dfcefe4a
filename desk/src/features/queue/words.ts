/** A dossier's first signal in words: «Intrusion zone 3 — quai de livraison». */
import { t } from "@lingui/core/macro";
import { word } from "../../app/i18n";
import type { Headline, IncidentRow } from "../../core/views";
import { hourMinute } from "../../core/time";

/** The code's own words when the catalogue has them, else the station's own, else the category. */
function natureText({ label_code, code, category }: Headline): string {
  const own = code === null ? "" : word("internal_code", code);
  return label_code
    ? word("signal_code", label_code)
    : own !== "" && own !== code
      ? own
      : word("category", category);
}

/** «Intrusion point 015 Quai de livraison»; a point called «Autosurveillance du boîtier» says its nature itself. */
export function headlineText(headline: Headline, nature = natureText(headline)): string {
  // Zone 000 is the panel itself.
  const zone = headline.zone && !/^0+$/.test(headline.zone) ? headline.zone : null;
  const place = [zone ? t`point ${zone}` : "", headline.zone_name ?? ""].filter(Boolean).join(" ");
  const text = headline.text && headline.text !== headline.zone_name ? headline.text : "";
  const named = headline.zone_name !== null && folded(headline.zone_name).startsWith(folded(nature));
  return named
    ? [headline.zone_name, zone ? t`(point ${zone})` : "", text].filter(Boolean).join(" ")
    : [capital(nature), place, text].filter(Boolean).join(" ");
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** Where the dossier stands, when it says more than its group does. */
export function stateText(row: IncidentRow, me: number): string | null {
  if (row.state === "parked" && row.parked_until) {
    return t`en attente jusqu’à ${hourMinute(row.parked_until, row.site.timezone)}`;
  }
  if (row.offered_to) {
    return row.offered_to.id === me
      ? t`proposé par ${row.owner?.name ?? ""}`
      : t`proposé à ${row.offered_to.name}`;
  }
  if (row.owner && row.state === "new") {
    return row.owner.id === me ? t`à reprendre` : t`tenu par ${row.owner.name}`;
  }
  if (row.owner && row.owner.id !== me) {
    return t`pris par ${row.owner.name}`;
  }
  if (row.returned_from && row.state === "new") {
    return t`rendu par ${row.returned_from.name}`;
  }
  return row.state === "new" || row.state === "taken" ? null : word("state", row.state);
}

/** What comes next in a dossier: the words people wrote, else the act's or the step's. */
export function nextText(row: IncidentRow): string {
  const { label } = row.next;
  if (label === null) {
    return headlineText(row.headline);
  }
  const act = word("next_act", label.key);
  return label.text ?? (act === label.key ? word("step", label.key) : act);
}

/**
 * Why it rings, when that says more than its newness. All posts ring before the limit is passed (P1 and P2 at 30 s), and
 * a raise begins it anew: until then nothing is said of being late.
 */
export function ringText(row: IncidentRow, late: boolean): string | null {
  if (row.ringing_since === null || row.ring_reason === null || row.ring_reason === "opened") {
    return null;
  }
  return row.ring_reason === "overdue" && !late
    ? word("untaken_level", "room")
    : word("ring_reason", row.ring_reason);
}
