import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import { can, useMe } from "../../app/session";
import type { CameraView } from "../../core/cameras";
import { useEscape } from "../../ui/escape";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import { Empty, Field, Heading } from "../../ui/parts";
import shell from "../shell/shell.module.css";
import { capacity, GRIDS, type GridShape, type Layout } from "./layout";
import { useLayoutActs, useLayouts } from "./layouts";
import { TileForm } from "./TileForm";
import classes from "./wall.module.css";
import { changeGrid, showFirst, showLayout, wall } from "./wallStore";

/** F3: go to another wall, change the grid, save, rename, remove. */
export function WallsSheet({ cameras, onDone }: { cameras: readonly CameraView[]; onDone: () => void }) {
  const { t } = useLingui();
  const saved = useLayouts();
  const sheet = useRef<HTMLDivElement>(null);
  const state = useSyncExternalStore(wall.subscribe, wall.get);
  const all = saved.data ?? [];
  useEscape(onDone);
  useEffect(() => sheet.current?.focus(), []);
  const go = (layout: Layout): void => {
    showLayout(layout);
    onDone();
  };
  const press = (event: KeyboardEvent): void => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const chosen = all[Number(digit ?? 0) - 1];
    if (chosen && !(event.target instanceof HTMLInputElement) && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      go(chosen);
    }
  };
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && onDone()}>
      <div
        ref={sheet}
        className={shell.sheet}
        role="dialog"
        aria-label={t`Murs et grilles`}
        tabIndex={-1}
        onKeyDown={press}
      >
        <header>
          <Trans>Murs et grilles</Trans>
        </header>
        <div className={classes.sheetBody} tabIndex={0} role="region" aria-label={t`Murs et grilles`}>
          <Heading>
            <Trans>Murs enregistrés</Trans>
          </Heading>
          <Saved all={all} current={state.id} go={go} />
          <Button tone="plain" onClick={() => showFirst(cameras)}>
            <Trans>Repartir d’un mur neuf</Trans>
          </Button>
          <Heading>
            <Trans>Grille</Trans>
          </Heading>
          <div className={classes.grids}>
            {GRIDS.map((shape) => (
              <Grid key={shape.key} shape={shape} />
            ))}
          </div>
          <Heading>
            <Trans>Vue {state.selected + 1}</Trans>
          </Heading>
          <TileForm index={state.selected} cameras={cameras} />
          <Heading>
            <Trans>Enregistrer ce mur</Trans>
          </Heading>
          <Saving key={state.id ?? 0} />
        </div>
      </div>
    </div>
  );
}

function Saved(props: { all: readonly Layout[]; current: number | null; go: (layout: Layout) => void }) {
  const { t } = useLingui();
  const { all, current, go } = props;
  const acts = useLayoutActs();
  const [removed, setRemoved] = useState<Layout | null>(null);
  return (
    <>
      {removed === null ? null : (
        <p className={classes.undo} role="status">
          <Trans>« {removed.name} » retiré.</Trans>{" "}
          <Button onClick={() => void acts.restore(removed).then((done) => done && setRemoved(null))}>
            <Trans>Annuler le retrait</Trans>
          </Button>
        </p>
      )}
      {all.length === 0 ? (
        <Empty title={<Trans>Aucun mur enregistré</Trans>}>
          <p>
            <Trans>Choisissez une grille, glissez-y des caméras, puis donnez-lui un nom ci-dessous.</Trans>
          </p>
        </Empty>
      ) : (
        <ul className={classes.choices}>
          {all.map((layout, index) => (
            <li key={layout.id} data-current={layout.id === current || undefined}>
              <button type="button" onClick={() => go(layout)}>
                {index < 9 ? <Kbd of={`Digit${index + 1}`} /> : null} <b>{layout.name}</b>{" "}
                <span className="dim">{layout.shared ? t`partagé` : t`à moi`}</span>
              </button>
              {layout.mine ? (
                <Button
                  tone="plain"
                  aria-label={t`Retirer le mur ${layout.name}`}
                  onClick={() => void acts.remove(layout).then((done) => done && setRemoved(layout))}
                >
                  <Trans>Retirer</Trans>
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Grid({ shape }: { shape: GridShape }) {
  const { t } = useLingui();
  const views = capacity(shape);
  const on = useSyncExternalStore(wall.subscribe, () => {
    const { body } = wall.get();
    const same = body.columns === shape.columns && body.rows === shape.rows && body.tiles.length === views;
    return same && body.tiles.every((tile, index) => tile.span === (shape.spans[index] ?? 1));
  });
  return (
    <button
      type="button"
      aria-pressed={on}
      aria-label={t`${shape.key} : grille de ${views} vues`}
      onClick={() => changeGrid(shape)}
    >
      {shape.key}
    </button>
  );
}

/** A name saves; another name renames, or makes another wall. */
function Saving() {
  const { t } = useLingui();
  const { id, mine, body } = useSyncExternalStore(wall.subscribe, wall.get);
  const acts = useLayoutActs();
  const mayShare = can(useMe(), "layout.share");
  const [name, setName] = useState(body.name);
  const [shared, setShared] = useState(body.shared && mayShare);
  const own = id !== null && mine;
  const save = (another: boolean): void => void acts.save(name.trim(), shared, another);
  return (
    <form
      className={classes.saving}
      onSubmit={(event) => {
        event.preventDefault();
        save(!own);
      }}
    >
      <Field
        label={t`Nom du mur`}
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <label className={classes.check}>
        <input
          type="checkbox"
          checked={shared}
          disabled={!mayShare}
          onChange={(event) => setShared(event.target.checked)}
        />
        <Trans>partagé avec la salle</Trans>
        {mayShare ? null : (
          <span className="faint">
            <Trans>(le chef de salle partage)</Trans>
          </span>
        )}
      </label>
      <Button type="submit" tone="go" disabled={name.trim() === ""}>
        {own ? <Trans>Enregistrer</Trans> : <Trans>Enregistrer comme nouveau mur</Trans>}
      </Button>
      {own ? (
        <Button disabled={name.trim() === ""} onClick={() => save(true)}>
          <Trans>En faire un autre mur</Trans>
        </Button>
      ) : null}
    </form>
  );
}
