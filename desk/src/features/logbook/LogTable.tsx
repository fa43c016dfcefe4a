import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { sentence } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import { dateTime } from "../../core/time";
import type { LogLine } from "../../core/views";
import { Button } from "../../ui/Button";
import { Correction } from "./Correction";
import { ProofCard } from "./ProofCard";
import classes from "./logbook.module.css";

type Opened = { id: number; what: "correct" | "proof" } | null;

/** Kinds that a person wrote and may correct by a new entry. */
const FREE = new Set(["log.entry", "entry.corrected", "incident.noted", "note.entered"]);

export function LogTable({ lines }: { lines: readonly LogLine[] }) {
  const { t } = useLingui();
  const me = useMe();
  const [opened, setOpened] = useState<Opened>(null);
  const zone = me.centre.timezone;
  const toggle = (id: number, what: "correct" | "proof"): void =>
    setOpened((held) => (held?.id === id && held.what === what ? null : { id, what }));
  return (
    <table className={classes.table}>
      <caption className="sr">{t`Main courante`}</caption>
      <thead>
        <tr>
          <th scope="col">{t`N°`}</th>
          <th scope="col">{t`Heure`}</th>
          <th scope="col">{t`Entrée`}</th>
          <th scope="col">{t`Site`}</th>
          <th scope="col">{t`Par`}</th>
          <th scope="col" className={classes.noPrint}>
            <span className="sr">{t`Actes`}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id} className={line.corrects ? classes.correction : ""}>
            <td className="faint">{line.position ?? "…"}</td>
            <td className={classes.time}>
              {dateTime(line.happened_at, zone)}
              {line.late ? (
                <span className={classes.lateMark}>
                  <Trans>saisie différée, entrée à {dateTime(line.entered_at, zone)}</Trans>
                </span>
              ) : null}
            </td>
            <td>
              {sentence(line)}
              {opened?.id === line.id ? (
                opened.what === "proof" ? (
                  <ProofCard entry={line.id} />
                ) : (
                  <Correction line={line} onDone={() => setOpened(null)} />
                )
              ) : null}
            </td>
            <td>
              {line.site?.name}
              {line.incident ? (
                <Link
                  to="/dossier/$id"
                  params={{ id: String(line.incident.id) }}
                  className={classes.reference}
                >
                  {line.incident.reference}
                </Link>
              ) : null}
            </td>
            <td>{line.actor_name ?? <span className="faint">{t`Veilleur`}</span>}</td>
            <td className={`${classes.noPrint} ${classes.acts}`}>
              {FREE.has(line.kind) && can(me, "logbook.correct") ? (
                <Button tone="plain" onClick={() => toggle(line.id, "correct")}>
                  <Trans>Corriger</Trans>
                </Button>
              ) : null}
              {can(me, "logbook.prove") && line.position !== null ? (
                <Button tone="plain" onClick={() => toggle(line.id, "proof")}>
                  <Trans>Preuve</Trans>
                </Button>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
