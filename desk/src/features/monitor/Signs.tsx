import { Trans, useLingui } from "@lingui/react/macro";
import { zone } from "../../app/i18n";
import { dateTime } from "../../core/time";
import { Heading } from "../../ui/parts";
import { Few } from "./Few";
import type { SignOfLife } from "./frames";
import classes from "./monitor.module.css";

/** When panels were last heard, path by path: a link test makes no frame of the list below. */
export function Signs({ signs }: { signs: readonly SignOfLife[] }) {
  const { t } = useLingui();
  if (signs.length === 0) {
    return null;
  }
  return (
    <section className={classes.signs}>
      <Heading>
        <Trans>Derniers signes de vie</Trans>
      </Heading>
      <Few
        label={t`Derniers signes de vie`}
        items={signs.map((sign) => (
          <li key={sign.path_id}>
            <b>
              <Trans>
                {sign.account}, voie {sign.path}
              </Trans>
            </b>
            <span>
              {sign.kind === "link_test" ? (
                <Trans>dernier test de liaison reçu le {dateTime(sign.at, zone.get())}</Trans>
              ) : (
                <Trans>dernier signal reçu le {dateTime(sign.at, zone.get())}</Trans>
              )}
            </span>
            <span className="dim">
              {sign.site_name}
              {sign.line === null ? null : (
                <>
                  {" · "}
                  <Trans>ligne {sign.line}</Trans>
                </>
              )}
              {sign.interval === null ? null : (
                <>
                  {" · "}
                  <Trans>attendu toutes les {sign.interval} s</Trans>
                </>
              )}
            </span>
          </li>
        ))}
      />
    </section>
  );
}
