import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMe } from "../../app/session";
import { dateTime } from "../../core/time";
import { useSecond } from "../../live/hooks";
import type { Filter } from "./filter";
import classes from "./logbook.module.css";

/** What a sheet of paper must say by itself: whose logbook, printed when and by whom, and what was asked for. */
export function PrintHead({ filter, count, whole }: { filter: Filter; count: number; whole: boolean }) {
  const { t } = useLingui();
  const me = useMe();
  const second = useSecond();
  if (second === 0) {
    return null;
  }
  const at = dateTime(new Date(second * 1000).toISOString(), me.centre.timezone);
  const local = (said: string): string => said.replace("T", " ");
  const asked = [
    filter.words.trim() === "" ? null : t`«${filter.words.trim()}»`,
    filter.site === "" ? null : filter.siteName.trim(),
    filter.from === "" ? null : t`depuis ${local(filter.from)}`,
    filter.to === "" ? null : t`jusqu’à ${local(filter.to)}`,
  ].filter((each) => each !== null);
  return (
    <div className={classes.printHead}>
      <h1>
        <Trans>Main courante – {me.centre.name}</Trans>
      </h1>
      {me.centre.demo ? (
        <p>
          <b>{t`DÉMONSTRATION`}</b>
        </p>
      ) : null}
      <p>
        <Trans>
          Imprimé le {at} par {me.user.name}
        </Trans>
        {asked.length > 0 ? ` · ${asked.join(", ")}` : null} ·{" "}
        {whole ? (
          <Plural value={count} one="# entrée" other="# entrées" />
        ) : (
          <Plural value={count} one="la dernière entrée" other="les # dernières entrées" />
        )}
      </p>
    </div>
  );
}
