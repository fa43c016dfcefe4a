import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { word } from "../../app/i18n";
import { useMe } from "../../app/session";
import { day } from "../../core/time";
import { now, useSecond } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Problem } from "../../ui/parts";
import { Adding, AUTHORISATIONS, Renewal, Withdrawal, type Line } from "./AuthorisationForms";
import { daysLeft } from "./filter";
import classes from "./cameras.module.css";

type Verb = "renew" | "withdraw";

/** Days before its end from which an authorisation is shown as ending: four months of silence are a refusal (R252-15). */
const ENDING = 120;
/** Cameras named on a line; its tooltip has them all. */
const NAMED = 3;

/** The préfet's authorisations, the first to end first: added, renewed, closed before their end. */
export function Authorisations() {
  const { t } = useLingui();
  const me = useMe();
  const known = useSecond() !== 0;
  const may = me.abilities.includes("authorisation.read");
  const keeps = me.abilities.includes("authorisation.keep");
  const [open, setOpen] = useState<{ id: number; verb: Verb } | "new" | null>(null);
  const read = useQuery({
    queryKey: AUTHORISATIONS,
    queryFn: () => api.get<Line[]>("/api/authorisations"),
    enabled: may,
  });
  if (!may || !known) {
    return null;
  }
  const lines = read.data ?? [];
  const close = (): void => setOpen(null);
  return (
    <section className={classes.card} aria-labelledby="authorisations">
      <h2 id="authorisations">
        <Trans>Autorisations préfectorales</Trans>
      </h2>
      {read.error ? <Problem of={read.error} /> : null}
      {read.data && lines.length === 0 ? (
        <p className="dim">
          <Trans>Aucune. Une caméra de vidéoprotection en demande une (L252-1).</Trans>
        </p>
      ) : null}
      <ul aria-label={t`Autorisations préfectorales`}>
        {lines.map((line) => (
          <li key={line.id} data-authorisation={line.reference}>
            <What line={line} />
            {keeps ? (
              <span className={classes.row}>
                <Button onClick={() => setOpen({ id: line.id, verb: "renew" })}>
                  <Trans>Renouveler…</Trans>
                </Button>
                {line.stage === "ended" ? null : (
                  <Button onClick={() => setOpen({ id: line.id, verb: "withdraw" })}>
                    <Trans>Clore avant sa fin…</Trans>
                  </Button>
                )}
              </span>
            ) : null}
            {open !== null && open !== "new" && open.id === line.id ? (
              open.verb === "renew" ? (
                <Renewal line={line} onDone={close} />
              ) : (
                <Withdrawal line={line} onDone={close} />
              )
            ) : null}
          </li>
        ))}
      </ul>
      {keeps ? (
        open === "new" ? (
          <Adding onDone={close} />
        ) : (
          <Button onClick={() => setOpen("new")}>
            <Trans>Ajouter une autorisation…</Trans>
          </Button>
        )
      ) : null}
    </section>
  );
}

function What({ line }: { line: Line }) {
  const left = daysLeft(line.expires_on, now());
  const tone = left === null || left >= ENDING ? "dim" : left < 0 ? "late" : "soon";
  const names = line.cameras.map(({ name }) => name);
  const more = names.length - NAMED;
  return (
    <p>
      <b>{line.system}</b> · {line.number} · {line.authority}
      <br />
      <span className={tone}>
        <Trans>fin le {day(line.expires_on)}</Trans> · {word("authorisation_stage", line.stage)}
      </span>{" "}
      · <Trans>{line.retention_days} jours au plus</Trans>
      {" · "}
      <span title={names.join(", ")}>
        <Plural value={names.length} _0="aucune caméra" one="# caméra" other="# caméras" />
        {names.length > 0 ? ` : ${names.slice(0, NAMED).join(", ")}${more > 0 ? "…" : ""}` : ""}
      </span>
    </p>
  );
}
