import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../../api/client";
import { useMe } from "../../app/session";
import type { CameraView } from "../../core/cameras";
import type { Dossier } from "../../core/dossier";
import type { Images, ImageView } from "../../core/recordings";
import { useCameras } from "../../live/hooks";
import { Empty, Problem } from "../../ui/parts";
import type { Send } from "../dossier/useDossier";
import { useClip } from "./clip";
import { Consent } from "./Consent";
import { CustomerRecorder } from "./CustomerRecorder";
import { Stage } from "./Stage";
import classes from "./images.module.css";

/** ms: a customer's recorder, a camera that comes back: seen within this delay. */
const AFRESH = 3000;

export interface Linked {
  image: ImageView;
  /** Null: not among the cameras of this reader's screen any more. */
  camera: CameraView | null;
}

/** Pane 3: what the cameras of the dossier's points recorded around the alarm, and what they see now. */
export function ImagesPane({ dossier, send }: { dossier: Dossier; send: Send }) {
  const incident = dossier.row.id;
  const query = useQuery({
    queryKey: ["images", incident],
    queryFn: () => api.get<Images>(`/api/incidents/${incident}/images`),
    refetchInterval: AFRESH,
  });
  if (query.error && !query.data) {
    return <Problem of={query.error} />;
  }
  if (!query.data) {
    return null;
  }
  return query.data.cameras.length === 0 ? (
    <NoCamera />
  ) : (
    <Shown dossier={dossier} send={send} images={query.data.cameras} />
  );
}

function NoCamera() {
  return (
    <Empty title={<Trans>Aucune caméra ne voit ces points</Trans>}>
      <p>
        <Trans>
          La levée de doute se fait par le téléphone, l’écoute, l’agent ou un témoin ; ce qui est vu par un
          autre moyen se note comme indice (Ctrl+I). Une caméra se rattache à un point dans sa fiche, page
          Caméras.
        </Trans>
      </p>
    </Empty>
  );
}

function Shown({ dossier, send, images }: { dossier: Dossier; send: Send; images: readonly ImageView[] }) {
  const all = useCameras();
  const mine = dossier.row.owner?.id === useMe().user.id;
  const key = JSON.stringify(images);
  // Asked again every few seconds: the same answer is the same clip.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const held = useMemo(() => images, [key]);
  const linked = useMemo(
    () =>
      held.map((image): Linked => ({ image, camera: all.find(({ id }) => id === image.camera.id) ?? null })),
    [held, all],
  );
  const played = linked.filter(
    ({ image, camera }) => camera?.abilities.includes("recorded") && playable(image),
  );
  const asked = linked.filter(({ image }) => image.source === "customer");
  // Another camera, or another beginning, is another consultation.
  const consultation = played.map(({ image }) => `${image.camera.id}:${image.from}`).join(",");
  return (
    <div className={classes.pane}>
      <Consent incident={dossier.row.id} mine={mine} linked={linked} zone={dossier.site.timezone} />
      {asked.map(({ image }) => (
        <CustomerRecorder key={image.camera.id} incident={dossier.row.id} image={image} />
      ))}
      {played.length > 0 ? (
        <Playing key={consultation} dossier={dossier} send={send} linked={linked} played={played} />
      ) : asked.length > 0 ? null : (
        <Closed linked={linked} />
      )}
    </div>
  );
}

function Playing({
  dossier,
  send,
  linked,
  played,
}: {
  dossier: Dossier;
  send: Send;
  linked: readonly Linked[];
  played: readonly Linked[];
}) {
  const images = useMemo(() => played.map(({ image }) => image), [played]);
  const cameras = played.flatMap(({ camera }) => (camera ? [camera] : []));
  const session = useClip(dossier.row.id, images, cameras);
  return <Stage dossier={dossier} send={send} linked={linked} session={session} />;
}

/** Pictures that are here: recorded by us, or received from the customer's recorder. */
const playable = (image: ImageView): boolean =>
  image.source === "recorder" || image.clip?.state === "kept" || image.clip?.state === "receiving";

/** Cameras are there and none may be looked back at: which, and what to do. */
function Closed({ linked }: { linked: readonly Linked[] }) {
  return (
    <Empty title={<Trans>Les images de ce dossier ne vous sont pas ouvertes</Trans>}>
      <p>{linked.map(({ image }) => image.camera.name).join(", ")}</p>
      <p>
        <Trans>
          Il faut tenir un poste, avec un titre en cours qui couvre ces caméras. Votre chef de salle peut les
          regarder et vous dire ce qu’il voit.
        </Trans>
      </p>
    </Empty>
  );
}
