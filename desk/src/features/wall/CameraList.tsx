import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { CameraView } from "../../core/cameras";
import { Age } from "../../ui/Age";
import { Empty, Heading } from "../../ui/parts";
import { findCameras } from "./find";
import { showCamera } from "./wallStore";
import { DRAGGED } from "./WallTile";
import classes from "./wall.module.css";

/** The centre's cameras: click or drag one onto the wall. */
export function CameraList({
  cameras,
  shown,
}: {
  cameras: readonly CameraView[];
  shown: ReadonlySet<number>;
}) {
  const { t } = useLingui();
  const [query, setQuery] = useState("");
  const found = findCameras(cameras, query);
  return (
    <section className={classes.list} aria-label={t`Caméras`}>
      <Heading aside={<Trans>cliquer ou glisser sur une vue</Trans>}>
        <Trans>Caméras · {cameras.length}</Trans>
      </Heading>
      {cameras.length === 0 ? (
        <Empty title={<Trans>Aucune caméra dans votre périmètre</Trans>}>
          <p>
            <Trans>
              Elles se déclarent à la page Caméras ; votre titre (carte ou désignation) dit lesquelles vous
              voyez.
            </Trans>
          </p>
        </Empty>
      ) : (
        <>
          <input
            className={classes.search}
            value={query}
            aria-label={t`Filtrer les caméras`}
            placeholder={t`Filtrer…`}
            onChange={(event) => setQuery(event.target.value)}
          />
          <ul tabIndex={0} aria-label={t`Caméras`}>
            {found.map((camera) => (
              <li key={camera.id}>
                <button
                  type="button"
                  draggable
                  data-shown={shown.has(camera.id) || undefined}
                  onDragStart={(event) => event.dataTransfer.setData(DRAGGED, String(camera.id))}
                  onClick={() => showCamera(camera.id)}
                >
                  <StateDot camera={camera} />
                  <span>{camera.name}</span>
                  <span className="faint">
                    {camera.state === "online"
                      ? camera.ptz
                        ? "PTZ"
                        : ""
                      : word("camera_state", camera.state)}
                    {camera.state === "remote" && camera.last_frame_at !== null ? (
                      <>
                        {" · "}
                        <Age since={camera.last_frame_at} />
                      </>
                    ) : null}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Shape beside colour: a disc is online, a square is not. */
export function StateDot({ camera }: { camera: CameraView }) {
  return <i className={classes.dot} data-state={camera.state} aria-hidden="true" />;
}
