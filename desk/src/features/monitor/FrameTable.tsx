import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Fragment, useState } from "react";
import { word, zone } from "../../app/i18n";
import { offset } from "../../core/signals";
import { clockTime } from "../../core/time";
import { eventWords } from "../dossier/words";
import { FrameDetail } from "./FrameDetail";
import type { FrameEvent, FrameView } from "./frames";
import classes from "./monitor.module.css";

const eventText = (event: FrameEvent): string =>
  eventWords({
    ...event,
    label_code: word("signal_code", event.code) === event.code ? null : event.code,
    zone_name: null,
  });

/** A signal that the station made itself: no line nor address brought it. */
const OWN: ReadonlySet<string> = new Set(["internal"]);

/** Verdicts whose words already say that the frame is encrypted. */
const SAYS_ENCRYPTED: ReadonlySet<string> = new Set(["no_key"]);

export function FrameTable({ frames }: { frames: readonly FrameView[] }) {
  const { t } = useLingui();
  const [opened, setOpened] = useState<number | null>(null);
  return (
    <table className={classes.table}>
      <caption className="sr">{t`Trames reçues`}</caption>
      <thead>
        <tr>
          <th scope="col">{t`Heure`}</th>
          <th scope="col">{t`Ligne`}</th>
          <th scope="col">{t`Transmetteur`}</th>
          <th scope="col">{t`Site`}</th>
          <th scope="col">{t`Contenu`}</th>
          <th scope="col">{t`Verdict`}</th>
          <th scope="col">{t`Adresse`}</th>
        </tr>
      </thead>
      <tbody>
        {frames.map((frame) => (
          <Fragment key={frame.id}>
            <tr>
              <td className={classes.nowrap}>
                <button
                  type="button"
                  className={classes.open}
                  aria-expanded={opened === frame.id}
                  onClick={() => setOpened(opened === frame.id ? null : frame.id)}
                >
                  {clockTime(frame.received_at, zone.get())}
                </button>
              </td>
              <td>{OWN.has(frame.line) ? t`station` : frame.line}</td>
              <td>
                <b>{frame.account ?? "—"}</b>
              </td>
              <td>
                {frame.site?.name ?? (
                  <span className="faint">{frame.verdict === "ghost" ? t`à adopter` : "—"}</span>
                )}
              </td>
              <td>
                {frame.events.length > 0 ? frame.events.map(eventText).join(" ; ") : frame.token}
                {frame.copies > 0 ? (
                  <span className="faint">
                    {" "}
                    · {plural(frame.copies, { one: "# répétition", other: "# répétitions" })}
                  </span>
                ) : null}
              </td>
              <td className={frame.verdict === "accepted" ? "dim" : classes.refused}>
                {word("verdict", frame.verdict)}
                {frame.encrypted && !SAYS_ENCRYPTED.has(frame.verdict) ? (
                  <span className="faint"> · {t`chiffrée`}</span>
                ) : null}
                <Doubts frame={frame} />
              </td>
              <td className="faint">{OWN.has(frame.peer) ? "—" : frame.peer}</td>
            </tr>
            {opened === frame.id ? (
              <tr>
                <td colSpan={7}>
                  <FrameDetail frame={frame} />
                </td>
              </tr>
            ) : null}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** What a frame that was taken is marked for all the same. */
function Doubts({ frame }: { frame: FrameView }) {
  const { t } = useLingui();
  return (
    <>
      {frame.drift === null ? null : (
        <span className={classes.doubt}> · {t`écart d’horloge ${offset(frame.drift)}`}</span>
      )}
      {frame.inner_account === null ? null : (
        <span className={classes.doubt}> · {t`compte intérieur différent : ${frame.inner_account}`}</span>
      )}
    </>
  );
}
