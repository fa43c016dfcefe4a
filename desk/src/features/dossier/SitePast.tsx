import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client";
import { sentence, word } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import type { DeferralView } from "../../core/dossier";
import { dayHour } from "../../core/time";
import type { LogLine } from "../../core/views";
import { now } from "../../live/hooks";
import { Heading, Problem } from "../../ui/parts";
import type { PastFound } from "../palette/results";
import { pointText } from "./words";
import classes from "./site.module.css";

interface Props {
  siteId: number;
  zone: string;
}

interface Past extends PastFound {
  priority: number;
  opened_at: string;
  points: string[];
  closed_by: string | null;
}

const DOSSIERS_SHOWN = 6;
const LINES_SHOWN = 5;

/** What happened here lately: dossiers with how they ended, then the last lines of the main courante. */
export function SitePast(props: Props) {
  return (
    <>
      <Waiting {...props} />
      <Dossiers {...props} />
      {can(useMe(), "logbook.read") ? <Lines {...props} /> : null}
    </>
  );
}

/** What is not yet back to normal since earlier dossiers: who sees to it, until when (duty S12). */
function Waiting({ siteId, zone }: Props) {
  const { t } = useLingui();
  const found = useQuery({
    queryKey: ["site", siteId, "deferrals"],
    queryFn: () => api.get<DeferralView[]>(`/api/deferrals?site=${siteId}`),
  });
  const waiting = found.data ?? [];
  if (waiting.length === 0) {
    return <Problem of={found.error} />;
  }
  return (
    <section aria-label={t`Suivis en attente`}>
      <Heading>
        <Trans>Suivis en attente</Trans>
      </Heading>
      <ul className={classes.past}>
        {waiting.map((each) => (
          <li key={each.id}>
            <b>{each.what}</b> · {each.who} ·{" "}
            <span className={Date.parse(each.until) < now() ? classes.loud : "dim"}>
              <Trans>jusqu’à {dayHour(each.until, zone, now())}</Trans>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Dossiers({ siteId, zone }: Props) {
  const { t } = useLingui();
  const found = useQuery({
    queryKey: ["site", siteId, "past"],
    queryFn: () => api.get<Past[]>(`/api/incidents?site=${siteId}`),
  });
  const past = found.data?.slice(0, DOSSIERS_SHOWN) ?? [];
  return (
    <section aria-label={t`Derniers dossiers`}>
      <Heading>
        <Trans>Derniers dossiers</Trans>
      </Heading>
      <Problem of={found.error} />
      {found.isSuccess && past.length === 0 ? (
        <p className="dim">
          <Trans>Aucun dossier sur ce site.</Trans>
        </p>
      ) : null}
      <ul className={classes.past}>
        {past.map((each) => (
          <li key={each.id}>
            <div>
              <span className="dim">{dayHour(each.opened_at, zone, now())}</span>{" "}
              <Link to="/dossier/$id" params={{ id: String(each.id) }}>
                {each.reference}
              </Link>{" "}
              P{each.priority} {word("category", each.category)}
              {each.points.length > 0 ? (
                <span className="dim"> — {each.points.map(pointText).join(", ")}</span>
              ) : null}
            </div>
            <div>
              <Ended of={each} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Ended({ of }: { of: Past }) {
  if (of.closed_at === null) {
    return (
      <b>
        <Trans>En cours</Trans>
      </b>
    );
  }
  return (
    <>
      {of.outcome ? word("outcome", of.outcome) : <Trans>clos</Trans>}
      {of.closed_by ? <span className="dim"> · {of.closed_by}</span> : null}
    </>
  );
}

function Lines({ siteId, zone }: Props) {
  const { t } = useLingui();
  const found = useQuery({
    queryKey: ["site", siteId, "lines"],
    queryFn: () => api.get<{ lines: LogLine[] }>(`/api/logbook?site=${siteId}`),
  });
  return (
    <section aria-label={t`Dernières entrées`}>
      <Heading>
        <Trans>Dernières entrées</Trans>
      </Heading>
      <Problem of={found.error} />
      <ul className={classes.past}>
        {(found.data?.lines ?? []).slice(0, LINES_SHOWN).map((line) => (
          <li key={line.id}>
            <span className="dim">{dayHour(line.happened_at, zone, now())}</span> {sentence(line)}
          </li>
        ))}
      </ul>
    </section>
  );
}
