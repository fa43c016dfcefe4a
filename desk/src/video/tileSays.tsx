import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useSyncExternalStore, type ReactNode } from "react";
import { failureText, word, zone } from "../app/i18n";
import { ApiError } from "../api/client";
import type { CameraView } from "../core/cameras";
import { clockTime, dayHour } from "../core/time";
import { now } from "../live/hooks";
import { Age } from "../ui/Age";
import type { Verdict } from "./liveState";
import classes from "./tile.module.css";

/** ms: younger than this, a time is told with its seconds. */
const YOUNG = 10 * 60_000;

function sinceText(at: number, shown: string): string {
  const present = now();
  return present - at < YOUNG ? clockTime(at, shown) : dayHour(new Date(at).toISOString(), shown, present);
}

/** DIRECT, blue, by the wall clock of the last frame: never to be taken for a recording (amber). */
export function LiveLabel({ at }: { at: number }) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  return (
    <span className={classes.live} data-mark="live">
      <b>
        <Trans>DIRECT</Trans>
      </b>{" "}
      {clockTime(at, shown)}
    </span>
  );
}

/** ENREGISTRÉ, amber, squared: for whoever plays a recording. */
export function RecordedLabel({ at }: { at: number }) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  return (
    <span className={classes.recorded} data-mark="recorded">
      <b>
        <Trans>ENREGISTRÉ</Trans>
      </b>{" "}
      {dayHour(new Date(at).toISOString(), shown, now()).replace(/\d\d:\d\d$/, "")}
      {clockTime(at, shown)}
    </span>
  );
}

function Banner(props: { title: ReactNode; at: number | null; detail?: ReactNode; tone: "bad" | "plain" }) {
  return (
    <div className={classes.banner} data-tone={props.tone}>
      <b>{props.title}</b>
      {props.at === null ? null : (
        <span>
          <Age since={new Date(props.at).toISOString()} />
        </span>
      )}
      {props.detail ? <span>{props.detail}</span> : null}
    </div>
  );
}

/** What stands in the way of a live picture, in words; null when there is a live one. */
export function TileBanner({ verdict, camera }: { verdict: Verdict; camera: CameraView }) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  if (camera.state === "suspended") {
    const why = camera.suspended_reason;
    const detail = why === null ? undefined : word("camera_suspension", why);
    return <Banner tone="plain" at={null} title={t`Caméra suspendue`} detail={detail} />;
  }
  if (camera.state === "remote") {
    const at = camera.last_frame_at === null ? null : Date.parse(camera.last_frame_at);
    const detail = at === null ? t`aucune image reçue` : t`âge de la dernière image reçue`;
    return <Banner tone="plain" at={at} title={t`Images chez le client`} detail={detail} />;
  }
  switch (verdict.kind) {
    case "live":
      return null;
    case "refused":
      return <Banner tone="plain" at={null} title={t`Image refusée`} detail={refusalText(verdict)} />;
    case "frozen": {
      const at = sinceOf(verdict.since, camera);
      const title = at === null ? t`IMAGE FIGÉE` : t`IMAGE FIGÉE depuis ${sinceText(at, shown)}`;
      return <Banner tone="bad" at={at} title={title} detail={<Faults camera={camera} />} />;
    }
    case "unreachable": {
      const at = sinceOf(verdict.since, camera);
      const title = at === null ? t`Injoignable` : t`Injoignable depuis ${sinceText(at, shown)}`;
      return <Banner tone="bad" at={at} title={title} detail={<Faults camera={camera} />} />;
    }
    case "silent": {
      const at = verdict.since;
      const title = at === null ? t`Enregistreur muet` : t`Enregistreur muet depuis ${sinceText(at, shown)}`;
      return <Banner tone="bad" at={at} title={title} detail={t`nouvel essai en cours`} />;
    }
    case "opening":
      return camera.state === "offline" ? (
        <Banner
          tone="bad"
          at={sinceOf(null, camera)}
          title={t`Injoignable`}
          detail={<Faults camera={camera} />}
        />
      ) : (
        <Banner tone="plain" at={null} title={t`Ouverture de l’image…`} />
      );
  }
}

/**
 * The centre knows better than a picture that has just been opened. A frozen camera goes on sending frames: what counts
 * is since when they are all the same.
 */
function sinceOf(
  since: number | null,
  { state, since: began, last_frame_at: last }: CameraView,
): number | null {
  const told = state === "online" ? null : state === "frozen" ? began : (last ?? began);
  const at = told === null ? Number.NaN : Date.parse(told);
  return Number.isNaN(at) ? since : Math.min(at, since ?? at);
}

/** What else is wrong with it; that it is frozen or lost is already said. */
function Faults({ camera }: { camera: CameraView }) {
  return camera.faults
    .filter((fault) => fault.kind !== "frozen" && fault.kind !== "unreachable")
    .slice(0, 2)
    .map((fault) => word("camera_fault", fault.kind))
    .join(" · ");
}

function refusalText({ code, params }: { code: string; params: Record<string, unknown> }): string {
  const ours: Record<string, string> = {
    live_revoked: t`Le visionnage a été fermé : session, titre ou motif.`,
    live_absent: t`Aucun enregistreur ne tient cette caméra.`,
    no_ticket: t`Le centre n’a pas donné d’accès. Nouvel essai en cours.`,
  };
  return ours[code] ?? failureText(new ApiError(403, code, params));
}
