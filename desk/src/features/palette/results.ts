/** What the command bar finds: actions, open dossiers, sites (asked of the server). */
import { t } from "@lingui/core/macro";
import { findActions, fold } from "../../core/actions";
import { word, zone } from "../../app/i18n";
import { byUrgency, numbered } from "../../core/queue";
import { dateTime } from "../../core/time";
import type { IncidentRow, SiteFound } from "../../core/views";
import { headlineText } from "../queue/words";
import type { DeskAction, DeskContext } from "../shell/context";
import { setUi } from "../shell/ui";

export interface Found {
  key: string;
  group: string;
  title: string;
  detail: string;
  keys?: readonly string[];
  /** It shows a dossier: the hands go there. */
  opens?: boolean;
  perform: () => void;
}

/** A closed dossier, as a list of the past names it. */
export interface PastFound {
  id: number;
  reference: string;
  site: { id: number; name: string };
  category: string;
  outcome: string | null;
  closed_at: string | null;
}

const DOSSIERS_SHOWN = 8;
const ACTIONS_SHOWN = 12;

/** Who telephones: the dossier's own people, then sites by whatever of them was recognised. */
export function findCaller(
  context: DeskContext,
  own: readonly Found[],
  query: string,
  sites: readonly SiteFound[],
): Found[] {
  const here = context.inView?.site;
  const found = sites.filter((site) => own.length === 0 || site.id !== here?.id);
  const offered =
    query.trim() === "" && own.length === 0 && here
      ? [{ ...here, customer: null, matched: "name", open_incidents: 1, on_test: false }]
      : found;
  return [...own, ...placed(context, offered, true)];
}

export function find(
  actions: readonly DeskAction[],
  context: DeskContext,
  query: string,
  sites: readonly SiteFound[],
  past: readonly PastFound[],
): Found[] {
  const wanted = query.replace(/^:\s*/, "").trim();
  const { grave, theirs, faults } = dossiers(context, wanted, sites);
  return [
    ...grave,
    ...placed(context, sites),
    ...theirs,
    ...faults,
    ...intents(actions, context, wanted),
    ...closed(context, past),
  ];
}

/** Closed dossiers, found by number or site: they open as they were left. */
function closed(context: DeskContext, past: readonly PastFound[]): Found[] {
  return past.slice(0, DOSSIERS_SHOWN).map((dossier) => ({
    key: `past:${dossier.id}`,
    group: t`Dossiers clos`,
    title: `${dossier.reference} · ${dossier.site.name}`,
    detail: [
      word("category", dossier.category),
      dossier.outcome ? word("outcome", dossier.outcome) : null,
      dossier.closed_at ? dateTime(dossier.closed_at, zone.get()) : null,
    ]
      .filter(Boolean)
      .join(" · "),
    opens: true,
    perform: () => context.open(dossier.id),
  }));
}

/** A fault that nobody has in hand: a site is not looked for because of it. */
const isFault = (row: IncidentRow): boolean => row.band === 4 && row.owner === null;

/** Open dossiers, the gravest first; faults in nobody's hands come behind the sites' files. */
function dossiers(
  context: DeskContext,
  wanted: string,
  sites: readonly SiteFound[],
): { grave: Found[]; theirs: Found[]; faults: Found[] } {
  const words = fold(wanted).split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return { grave: [], theirs: [], faults: [] };
  }
  const asked = words.join(" ");
  const rows = context.rows
    .filter((row) => {
      const text = fold(`${row.site.name} ${row.site.town ?? ""} ${headlineText(row.headline)}`);
      return words.every((each) => text.includes(each)) || numbered(row.reference, asked);
    })
    .sort(byUrgency)
    .slice(0, DOSSIERS_SHOWN);
  const found = (row: IncidentRow): Found => ({
    key: `incident:${row.id}`,
    group: isFault(row) ? t`Défauts ouverts` : t`Dossiers ouverts`,
    title: row.site.name,
    detail: `P${row.priority} · ${headlineText(row.headline)} · ${row.reference}`,
    opens: true,
    perform: () => context.open(row.id),
  });
  // A site known by a number, an account or a person shows its dossiers below it: who telephones comes first (need 4).
  const theirs = context.rows.filter(
    (row) => !rows.includes(row) && !isFault(row) && sites.some((site) => site.id === row.site.id),
  );
  return {
    grave: rows.filter((row) => !isFault(row)).map(found),
    theirs: theirs.sort(byUrgency).slice(0, DOSSIERS_SHOWN).map(found),
    faults: rows.filter(isFault).map(found),
  };
}

const RECOGNISED: Record<string, () => string> = {
  contact: () => t`par un destinataire`,
  phone: () => t`par le numéro`,
  account: () => t`par le n° de transmetteur`,
};

/** `calling`: a dossier that is not mine does not stand in the way of the site's file, where the call is entered. */
function placed(context: DeskContext, sites: readonly SiteFound[], calling = false): Found[] {
  const firstOf = (site: SiteFound): IncidentRow | null => {
    const first = context.rows.filter((row) => row.site.id === site.id).sort(byUrgency)[0];
    const mine = first?.owner?.id === context.me.user.id;
    return first && !isFault(first) && (mine || !calling) ? first : null;
  };
  return sites.map((site) => ({
    key: `site:${site.id}`,
    opens: firstOf(site) !== null,
    group: t`Sites`,
    title: site.name,
    detail: [
      site.town,
      site.customer,
      site.reference,
      RECOGNISED[site.matched]?.(),
      site.on_test ? t`en essai` : null,
    ]
      .filter(Boolean)
      .join(" · "),
    perform: () => {
      const first = firstOf(site);
      if (first !== null) {
        context.open(first.id);
        // A site is looked for because somebody telephones about it (need 4).
        if (first.owner?.id === context.me.user.id) {
          setUi({ calling: first.id, pane: 1 });
        }
      } else {
        setUi({ calling: null });
        context.openSite(site.id);
      }
    },
  }));
}

function intents(actions: readonly DeskAction[], context: DeskContext, wanted: string): Found[] {
  return findActions(actions, wanted, context)
    .slice(0, ACTIONS_SHOWN)
    .map((action) => ({
      key: action.id,
      group: action.group,
      title: action.label(),
      detail: "",
      ...(action.keys ? { keys: action.keys } : {}),
      perform: () => action.perform(context),
    }));
}
