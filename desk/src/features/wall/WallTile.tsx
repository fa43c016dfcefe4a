import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useState, useSyncExternalStore, type DragEvent } from "react";
import type { CameraView } from "../../core/cameras";
import { LiveTile } from "../../video/tile";
import { LiftMark } from "../../video/liftMark";
import { lifts, putBack } from "../../video/lifts";
import type { LivePicture } from "../../video/live";
import type { LiveViewings } from "../../video/tickets";
import { usePictureState } from "../../video/tileVerdict";
import { Button } from "../../ui/Button";
import { TalkButton } from "../talk/TalkButton";
import { NearLabel } from "./NearLabel";
import { PtzPlate, PtzSurface } from "./PtzPlate";
import { streamFor, type Placed, type TileSpec } from "./layout";
import { cameraOf, changeTile, pictures, select, setWall, viewings, wall } from "./wallStore";
import { openEvent, replay, turnMask } from "./acts";
import classes from "./wall.module.css";

/** What a dragged camera carries. */
export const DRAGGED = "application/x-veilleur-camera";

interface Props {
  place: Placed;
  spec: TileSpec;
  camera: CameraView | null;
  selected: boolean;
  full: boolean;
  columns: number;
}

/** One place of the wall: its camera live, or why there is none and what to do. */
export function WallTile({ place, spec, camera, selected, full, columns }: Props) {
  const { t } = useLingui();
  const { index } = place;
  const name = camera?.name ?? (spec.hotspot ? t`Point chaud` : t`Vue libre`);
  const drop = (event: DragEvent): void => {
    const dragged = Number(event.dataTransfer.getData(DRAGGED));
    if (dragged > 0) {
      event.preventDefault();
      changeTile(index, { camera: dragged, sequence: [], hotspot: false });
      select(index);
    }
  };
  return (
    <section
      className={classes.tile}
      data-tile={index}
      data-full={full || undefined}
      aria-label={t`Vue ${index + 1} : ${name}`}
      aria-current={selected ? "true" : undefined}
      tabIndex={selected ? 0 : -1}
      style={full ? undefined : area(place)}
      onFocus={() => selected || setWall({ selected: index })}
      onPointerDown={() => selected || select(index)}
      onDoubleClick={() => setWall({ selected: index, full: !wall.get().full })}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()}
      onDrop={drop}
    >
      {camera === null ? (
        <EmptyTile spec={spec} index={index} />
      ) : (
        <Live
          key={camera.id}
          index={index}
          camera={camera}
          selected={selected}
          view={streamFor(full ? columns : place.span, columns, selected)}
        />
      )}
      <span className={classes.tileName}>
        {name}
        {camera?.ptz ? <span className={classes.quiet}> · PTZ</span> : null}
        {spec.sequence.length > 0 ? (
          <span className={classes.quiet}>
            {" · "}
            <Trans>séquence de {spec.sequence.length + (spec.camera === null ? 0 : 1)}</Trans>
          </span>
        ) : null}
        {spec.hotspot ? <span className={classes.hot}>{t`point chaud`}</span> : null}
      </span>
    </section>
  );
}

/** Grid lines begin at 1. Set by script, as the page's policy wants. */
function area({ column, row, span }: Placed): { gridArea: string } {
  return { gridArea: `${row + 1} / ${column + 1} / span ${span} / span ${span}` };
}

function Live(props: { index: number; camera: CameraView; selected: boolean; view: "main" | "sub" }) {
  const { index, camera, selected, view } = props;
  const [shown, setShown] = useState<LivePicture | null>(null);
  const masked = usePictureState(shown, (state) => state.masked);
  const lift = useSyncExternalStore(lifts.subscribe, () => lifts.get().get(camera.id) ?? null);
  const keep = useCallback(
    (picture: LivePicture | null) => {
      setShown(picture);
      if (picture === null) {
        pictures.delete(index);
      } else {
        pictures.set(index, picture);
      }
    },
    [index],
  );
  const steers = selected && camera.ptz && camera.abilities.includes("ptz");
  return (
    <LiveTile
      camera={camera}
      viewings={lift?.viewings ?? viewings}
      view={view}
      steered={steers}
      onPicture={keep}
    >
      {steers ? <PtzSurface index={index} camera={camera} /> : null}
      {lift ? <LiftMark until={lift.until} onPutBack={() => putBack(camera.id)} /> : null}
      {selected ? (
        <Hands camera={camera} viewings={lift?.viewings ?? viewings} masked={masked} />
      ) : (
        <NearLabel camera={camera} />
      )}
    </LiveTile>
  );
}

/** What can be done with the picture worked on. */
function Hands(props: { camera: CameraView; viewings: LiveViewings; masked: boolean }) {
  const { camera, viewings: looking, masked } = props;
  return (
    <div className={classes.hands}>
      {camera.ptz ? <PtzPlate camera={camera} /> : null}
      <span className={classes.handRow}>
        <TalkButton camera={camera} viewings={looking} small />
        {masked ? (
          <Button tabIndex={-1} hotkey="Alt+L" onClick={() => turnMask()}>
            <Trans>Lever le masque…</Trans>
          </Button>
        ) : null}
        {camera.abilities.includes("recorded") ? (
          <Button tabIndex={-1} hotkey="Backspace" onClick={() => replay(camera)}>
            <Trans>Revoir 2 min</Trans>
          </Button>
        ) : null}
        {camera.abilities.includes("event") ? (
          <Button tabIndex={-1} tone="go" hotkey="F4" onClick={() => openEvent()}>
            <Trans>Événement</Trans>
          </Button>
        ) : null}
      </span>
    </div>
  );
}

function EmptyTile({ spec, index }: { spec: TileSpec; index: number }) {
  const asked = cameraOf(wall.get(), index);
  return (
    <div className={classes.emptyTile}>
      {spec.hotspot ? (
        <>
          <b>
            <Trans>Rien à montrer</Trans>
          </b>
          <span>
            <Trans>Cette vue suit l’alarme qui sonne ou le dossier affiché au poste.</Trans>
          </span>
        </>
      ) : asked !== null ? (
        <>
          <b>
            <Trans>Caméra n° {asked} absente</Trans>
          </b>
          <span>
            <Trans>Elle n’est pas de votre périmètre, ou a été retirée.</Trans>
          </span>
        </>
      ) : (
        <span>
          <Trans>Tapez le nom d’une caméra, ou glissez-la ici.</Trans>
        </span>
      )}
    </div>
  );
}
