import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { word } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import { day } from "../../core/time";
import type { EndingTitle } from "../people/accounts";
import { Heading } from "../../ui/parts";
import classes from "./room.module.css";

/** Titles that end within six months and that nothing takes over (S4), for who looks after them. */
export function EndingTitles() {
  const { t } = useLingui();
  const me = useMe();
  const asked = useQuery({
    queryKey: ["titles", "ending"],
    queryFn: () => api.get<EndingTitle[]>("/api/titles/ending"),
    enabled: can(me, "title.manage"),
  });
  const titles = asked.data ?? [];
  if (titles.length === 0) {
    return null;
  }
  return (
    <section aria-label={t`Titres qui prennent fin`}>
      <Heading>
        <Trans>Titres qui prennent fin · {titles.length}</Trans>
      </Heading>
      <ul className={classes.rows}>
        {titles.map((title) => (
          <li key={`${title.user_id}:${title.number}`}>
            <span className={classes.open}>
              <b>{title.name}</b>
              <span className={title.months_left <= 3 ? "late" : "dim"}>
                {word("title_kind", title.kind)} n° {title.number} ·{" "}
                <Trans>dernier jour le {day(title.last_day)}</Trans>
              </span>
              {title.renew_by ? (
                <span className="dim">
                  <Trans>renouvellement à demander avant le {day(title.renew_by)} (R612-17)</Trans>
                </span>
              ) : null}
            </span>
            {title.held ? <span className={classes.warn}>{t`au poste`}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
