/** What the page asks of the logbook's search. */
export interface Filter {
  words: string;
  /** A site's id; empty for all, and as long as no site has the name that is typed. */
  site: string;
  siteName: string;
  /** A kind's noun: «call», «incident»… */
  kind: string;
  person: string;
  /** Local, as an <input type="datetime-local"> gives it. */
  from: string;
  to: string;
}

export const NO_FILTER: Filter = {
  words: "",
  site: "",
  siteName: "",
  kind: "",
  person: "",
  from: "",
  to: "",
};

/** The address's query. Hours are the centre's, sent as UTC. */
export function queryOf(filter: Filter, zone: string): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string): void => {
    if (value !== "") {
      query.set(name, value);
    }
  };
  put("q", filter.words.trim());
  put("site", filter.site);
  put("kind", filter.kind);
  put("person", filter.person);
  put("from", utcOf(filter.from, zone));
  put("to", utcOf(filter.to, zone));
  return query.toString();
}

/** «2026-11-23T03:14» in a zone, as a UTC instant; empty for none. */
export function utcOf(local: string, zone: string): string {
  const naive = Date.parse(`${local}Z`);
  if (local === "" || Number.isNaN(naive)) {
    return "";
  }
  // Two passes settle the hours around a change of summer time.
  let at = naive;
  for (let pass = 0; pass < 2; pass += 1) {
    at = naive - offsetAt(at, zone);
  }
  return new Date(at).toISOString();
}

/** ms that a zone is ahead of UTC at an instant. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(at / 1000) * 1000;
}
