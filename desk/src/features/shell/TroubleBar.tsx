import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import type { Trouble, Untaken } from "../../core/chain";
import { clockTime } from "../../core/time";
import { Age } from "../../ui/Age";
import { tell } from "./ui";
import classes from "./shell.module.css";
import { watching } from "./watching";

async function answer(): Promise<void> {
  try {
    await api.post("/api/station/answer", {});
  } catch (failure) {
    tell(failureText(failure), "bad");
  }
}

/** What is wrong with the room itself, over everything: nobody to take an alarm, or a chain that is not proved. */
export function TroubleBar({ zone }: { zone: string }) {
  const { troubles } = useSyncExternalStore(watching.subscribe, watching.get);
  return troubles.map((trouble) => (
    <div key={trouble.kind === "post" ? trouble.post : trouble.kind} className={classes.trouble}>
      <Line trouble={trouble} zone={zone} />
    </div>
  ));
}

function Line({ trouble, zone }: { trouble: Trouble; zone: string }) {
  const since = trouble.since === null ? "—" : clockTime(trouble.since, zone);
  switch (trouble.kind) {
    case "unheld":
      return (
        <>
          <b>
            <Trans>STATION NON TENUE depuis {since}</Trans>
          </b>
          <Trans>personne ne peut prendre une alarme</Trans>
          {trouble.silent ? <Trans>· les transmetteurs ne sont plus acquittés</Trans> : null}
        </>
      );
    case "untaken":
      return <NobodyTook dossiers={trouble.dossiers} />;
    case "calling":
      return <Calling trouble={trouble} since={since} />;
    case "chain":
      return (
        <b>
          <Trans>CHAÎNE NON VÉRIFIÉE depuis {since} : le signal d’essai de la station n’arrive plus</Trans>
        </b>
      );
    case "post":
      return (
        <b>
          <Trans>
            CHAÎNE NON VÉRIFIÉE sur {trouble.post} depuis {since}
          </Trans>
        </b>
      );
    case "asleep":
      return (
        <b>
          <Trans>Êtes-vous là ? Une touche suffit, sinon ce poste ne comptera plus</Trans>
        </b>
      );
  }
}

/** As many as a line holds. */
const NAMED = 3;

function NobodyTook({ dossiers }: { dossiers: readonly Untaken[] }) {
  const more = dossiers.length - NAMED;
  return (
    <>
      <b>
        <Trans>STATION NON TENUE : personne n’a pris</Trans>
      </b>
      {dossiers.slice(0, NAMED).map(({ id, name, reference, since }) => (
        <span key={id}>
          {name} ({reference}) <Age since={since} />
        </span>
      ))}
      {more > 0 ? plural(more, { one: "et # autre", other: "et # autres" }) : null}
    </>
  );
}

function Calling({ trouble, since }: { trouble: Extract<Trouble, { kind: "calling" }>; since: string }) {
  const { takenBy, told, failed, nobody } = trouble;
  const may = can(useMe(), "station.answer");
  return (
    <>
      <b>
        <Trans>APPEL À L’EXTÉRIEUR depuis {since}</Trans>
      </b>
      {takenBy === null ? (
        <>
          {nobody ? (
            <Trans>
              mais la liste d’astreinte est vide : personne n’est prévenu. Prévenez le chef, inscrivez
              quelqu’un (page Astreinte).
            </Trans>
          ) : (
            <Trans>
              messages partis : {told}, échoués : {failed}
            </Trans>
          )}
          {may ? (
            <button type="button" onClick={() => void answer()}>
              <Trans>Je m’en occupe</Trans>
            </button>
          ) : null}
        </>
      ) : (
        <Trans>pris par {takenBy}</Trans>
      )}
    </>
  );
}
