import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier, PointView } from "../../core/dossier";
import { dateTime, hourMinute } from "../../core/time";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Field, Heading } from "../../ui/parts";
import type { Send } from "./useDossier";
import { pointText } from "./words";
import classes from "./dossier.module.css";

/** What is back to normal, by what; what is not, and who sees to it until when (P5, S12). */
export function ReturnCard({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const open = dossier.points.filter((point) => point.open);
  return (
    <section className={classes.card} aria-label={t`Retour à la normale`}>
      <Heading aside={open.length === 0 ? t`fait` : t`${open.length} en attente`}>
        <Trans>Retour à la normale</Trans>
      </Heading>
      <ul className={classes.people}>
        {dossier.points.map((point) => (
          <Point key={point.id} point={point} dossier={dossier} send={send} />
        ))}
        {dossier.deferrals.map((deferral) => (
          <li key={`d${deferral.id}`}>
            <span>
              <Trans>
                Suivi en attente : <b>{deferral.what}</b>, {deferral.who}, jusqu’au{" "}
                {dateTime(deferral.until, dossier.site.timezone)}
              </Trans>
            </span>
            {deferral.done_at ? (
              <span className="dim">
                <Trans>fait</Trans>
              </span>
            ) : dossier.abilities.includes("deferrals") ? (
              <Button tone="plain" onClick={() => void send(`deferrals/${deferral.id}/done`)}>
                <Trans>Fait</Trans>
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {dossier.abilities.includes("deferrals") ? <Defer dossier={dossier} send={send} /> : null}
    </section>
  );
}

function Point({ point, dossier, send }: { point: PointView; dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const by = (means: string): void => void send(`points/${point.id}/normal`, { by: means, note: null });
  return (
    <li>
      <span>
        <span aria-hidden="true">{point.open ? "○" : "✓"}</span> {pointText(point.label)}{" "}
        <span className="dim">
          {point.open
            ? t`ouvert depuis ${hourMinute(point.first_at, dossier.site.timezone)}`
            : t`normal par ${word("normal_by", point.normal_by)}`}
        </span>
      </span>
      {point.open && dossier.abilities.includes("normal") ? (
        <span className={classes.numbers}>
          <Button tone="plain" onClick={() => by("agent")}>
            <Trans>Constat d’agent</Trans>
          </Button>
          <Button tone="plain" onClick={() => by("contact")}>
            <Trans>Parole d’un destinataire</Trans>
          </Button>
        </span>
      ) : null}
    </li>
  );
}

const DEFER_HOURS = 12;

function Defer({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const [what, setWhat] = useState("");
  const [who, setWho] = useState("");
  const [hours, setHours] = useState(String(DEFER_HOURS));
  if (!open) {
    return (
      <Button tone="plain" onClick={() => setOpen(true)}>
        <Trans>Suivi en attente…</Trans>
      </Button>
    );
  }
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const until = new Date(now() + Number(hours) * 3_600_000).toISOString();
    if (await send("deferrals", { what, who, until })) {
      setOpen(false);
    }
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => void submit(event)}
      aria-label={dossier.row.reference}
    >
      <Field
        label={t`Ce qui reste à faire`}
        required
        autoFocus
        value={what}
        onChange={(event) => setWhat(event.target.value)}
      />
      <Field
        label={t`Qui s’en charge`}
        required
        value={who}
        onChange={(event) => setWho(event.target.value)}
      />
      <Field
        label={t`Dans combien d’heures`}
        required
        inputMode="numeric"
        pattern="\d{1,3}"
        value={hours}
        onChange={(event) => setHours(event.target.value)}
      />
      <Button type="submit" tone="go">
        <Trans>Inscrire</Trans>
      </Button>
    </form>
  );
}
