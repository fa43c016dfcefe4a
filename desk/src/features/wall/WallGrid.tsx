import { Trans, useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef, useSyncExternalStore } from "react";
import type { CameraView } from "../../core/cameras";
import { Empty } from "../../ui/parts";
import { place } from "./layout";
import { WallTile } from "./WallTile";
import classes from "./wall.module.css";
import { cameraOf, wall } from "./wallStore";

/** The tiles; arrows move between them (the actions), typing finds a camera. */
export function WallGrid({ byId, known }: { byId: ReadonlyMap<number, CameraView>; known: boolean }) {
  const { t } = useLingui();
  const state = useSyncExternalStore(wall.subscribe, wall.get);
  const grid = useRef<HTMLDivElement>(null);
  const { columns, rows, tiles } = state.body;
  useLayoutEffect(() => {
    grid.current?.style.setProperty("--columns", String(columns));
    grid.current?.style.setProperty("--rows", String(rows));
  }, [columns, rows, known]);
  useLayoutEffect(() => {
    if (known && document.activeElement === document.body) {
      grid.current?.querySelector<HTMLElement>('[aria-current="true"]')?.focus({ preventScroll: true });
    }
  }, [known]);
  if (!known) {
    return (
      <Empty title={<Trans>Aucune caméra à montrer</Trans>}>
        <p>
          <Trans>
            Aucune caméra de votre périmètre n’est déclarée, ou votre titre ne les ouvre pas. Le chef de salle
            les déclare à la page Caméras.
          </Trans>
        </p>
      </Empty>
    );
  }
  const placed = place(tiles, columns, rows);
  return (
    <div
      ref={grid}
      className={classes.grid}
      data-keyscope="list"
      data-single={state.full || undefined}
      role="group"
      aria-label={t`Vues`}
    >
      {placed.map((at) => {
        const spec = tiles[at.index];
        const camera = byId.get(cameraOf(state, at.index) ?? 0) ?? null;
        const selected = at.index === state.selected;
        return spec ? (
          <WallTile
            key={at.index}
            place={at}
            spec={spec}
            camera={camera}
            selected={selected}
            full={selected && state.full}
            columns={columns}
          />
        ) : null;
      })}
    </div>
  );
}
