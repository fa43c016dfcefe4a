import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, type KeyboardEvent, type PointerEvent } from "react";
import type { Corner, MaskView } from "./cameraFile";
import { cornerAt, nudged, pointsOf } from "./polygon";
import classes from "./cameras.module.css";

/** One step of a corner by an arrow; with Shift, ten. */
const STEP = 0.005;

interface Props {
  picture: string | null;
  masks: readonly MaskView[];
  /** The mask that is being drawn; null: none. */
  draft: readonly Corner[] | null;
  onChange: (polygon: Corner[]) => void;
}

/** The picture with its masks; a click adds a corner, a drag or the arrows move it, Delete takes it away. */
export function MaskCanvas({ picture, masks, draft, onChange }: Props) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const at = (event: PointerEvent): Corner => {
    const { left, top, width, height } = (box.current as HTMLDivElement).getBoundingClientRect();
    return cornerAt(event.clientX - left, event.clientY - top, width, height);
  };
  const put = (n: number, corner: Corner): void => {
    onChange((draft ?? []).map((held, index) => (index === n ? corner : held)));
  };
  const press = (event: KeyboardEvent, n: number): void => {
    const held = draft?.[n];
    const moved = held ? nudged(held, event.key, event.shiftKey ? STEP * 10 : STEP) : null;
    if (moved) {
      event.preventDefault();
      put(n, moved);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onChange((draft ?? []).filter((_, index) => index !== n));
    }
  };
  return (
    <div className={classes.canvas}>
      <div
        ref={box}
        className={classes.picture}
        data-drawing={draft !== null || undefined}
        onPointerDown={(event) => {
          if (draft !== null && event.target instanceof Element && !event.target.matches("circle")) {
            onChange([...draft, at(event)]);
          }
        }}
      >
        {picture === null ? (
          <p className="dim">
            <Trans>Sans image : les masques sont montrés à leur place dans le cadre.</Trans>
          </p>
        ) : (
          <img src={picture} alt={t`Image de la caméra`} draggable={false} />
        )}
        <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="group" aria-label={t`Masques dessinés`}>
          {masks.map((mask) => (
            <polygon key={mask.id} points={pointsOf(mask.polygon)} data-kind={mask.kind}>
              <title>{mask.name}</title>
            </polygon>
          ))}
          {draft === null ? null : <polygon points={pointsOf(draft)} data-kind="draft" />}
          {draft?.map((corner, n) => (
            <circle
              key={n}
              cx={corner.x * 1000}
              cy={corner.y * 1000}
              r={9}
              tabIndex={0}
              role="button"
              aria-label={t`Coin ${n + 1}`}
              onKeyDown={(event) => press(event, n)}
              onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
              onPointerMove={(event) => {
                if (event.buttons === 1) {
                  put(n, at(event));
                }
              }}
            />
          ))}
        </svg>
      </div>
      {draft === null ? null : (
        <p className="dim">
          <Trans>Un clic ajoute un coin ; au clavier :</Trans>{" "}
          <button type="button" onClick={() => onChange([...draft, { x: 0.5, y: 0.5 }])}>
            <Trans>ajouter un coin au milieu</Trans>
          </button>
          , <Trans>puis les flèches le déplacent, Suppr l’enlève.</Trans>
        </p>
      )}
    </div>
  );
}
