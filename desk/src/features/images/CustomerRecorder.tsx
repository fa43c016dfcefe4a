import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import type { ClipView, ImageView } from "../../core/recordings";
import { machineNow } from "../../core/clock";
import { Button } from "../../ui/Button";
import { tell } from "../shell/ui";
import { faultWord } from "../cameras/words";
import classes from "./images.module.css";

/** ms between looks at a request. */
const LOOK = 700;
/** s without an answer after which the recorder is said not to answer. */
const SILENT = 5;

const over = (clip: ClipView | null): boolean => clip?.state === "kept" || clip?.state === "failed";

/** The customer's own recorder: asked, receiving, received; unreachable is said within 5 s; its clock is compared. */
export function CustomerRecorder({ incident, image }: { incident: number; image: ImageView }) {
  const client = useQueryClient();
  const [clip, setClip] = useState<ClipView | null>(image.clip);
  const [askedAt, setAskedAt] = useState<number | null>(null);
  const [spent, setSpent] = useState(0);
  const running = clip !== null && !over(clip);
  useEffect(() => {
    if (clip === null || !running) {
      return undefined;
    }
    const look = setInterval(() => {
      setSpent((machineNow() - (askedAt ?? machineNow())) / 1000);
      api
        .get<ClipView>(`/api/incidents/${incident}/images/pull/${clip.id}`)
        .then((fresh) => {
          setClip(fresh);
          if (fresh.state !== clip.state) {
            void client.invalidateQueries({ queryKey: ["images", incident] });
          }
        })
        .catch(() => undefined);
    }, LOOK);
    return () => clearInterval(look);
  }, [clip, running, askedAt, incident, client]);
  const ask = async (): Promise<void> => {
    setAskedAt(machineNow());
    setSpent(0);
    try {
      setClip(
        await api.post<ClipView>(`/api/incidents/${incident}/images/pull`, { camera: image.camera.id }),
      );
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
  return (
    <div className={classes.customer} role="status">
      <b>{image.camera.name}</b>
      <span>
        <Trans>enregistreur du client</Trans>
      </span>
      <State clip={clip} spent={spent} />
      <Offset clip={clip} />
      {clip === null || over(clip) ? (
        <Button onClick={() => void ask()}>
          {clip === null ? <Trans>Demander les images</Trans> : <Trans>Redemander</Trans>}
        </Button>
      ) : null}
    </div>
  );
}

function State({ clip, spent }: { clip: ClipView | null; spent: number }) {
  if (clip === null) {
    return (
      <span className="dim">
        <Trans>images non demandées</Trans>
      </span>
    );
  }
  if (clip.state === "failed") {
    const known = word("clip_ending", clip.fault);
    const why = known === clip.fault ? faultWord(clip.fault ?? "") : known;
    return (
      <span className="late">
        <Trans>images non obtenues : {why}</Trans>
      </span>
    );
  }
  if (clip.state === "asked") {
    return spent > SILENT ? (
      <span className="late">
        <Trans>injoignable depuis {Math.floor(spent)} s : l’essai continue</Trans>
      </span>
    ) : (
      <span>
        <Trans>demandées, attente de la première image…</Trans>
      </span>
    );
  }
  return clip.state === "receiving" ? (
    <span>
      <Trans>première image reçue, réception en cours…</Trans>
    </span>
  ) : (
    <span>
      <Trans>images reçues</Trans>
    </span>
  );
}

/** «horloge de l’enregistreur : +41 s»: hours written in its pictures are that much ahead. */
function Offset({ clip }: { clip: ClipView | null }) {
  const { t } = useLingui();
  if (clip === null || clip.clock_offset_ms === null) {
    return null;
  }
  const seconds = Math.round(clip.clock_offset_ms / 1000);
  const said = `${seconds < 0 ? "−" : "+"}${Math.abs(seconds)}`;
  return <span className={seconds === 0 ? "dim" : "soon"}>{t`horloge de l’enregistreur : ${said} s`}</span>;
}
