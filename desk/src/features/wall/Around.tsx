import { Trans, useLingui } from "@lingui/react/macro";
import type { KeyboardEvent } from "react";
import type { CameraView } from "../../core/cameras";
import { Heading } from "../../ui/parts";
import { cone, nameable, spotsAround, windOf, type Spot } from "./compass";
import { showCamera } from "./wallStore";
import classes from "./wall.module.css";
import { windLabel } from "./words";

const [WIDE, HIGH] = [340, 260];
const MARGIN = 46;
/** Cameras shown at most, and named at most: the nearest. */
const SHOWN = 14;
const NAMED = 7;
/** Where what is too far stands, in parts of the map's reach. */
const EDGE = 1.35;
/** Metres: the map never shows less than this around. */
const LEAST = 60;

/** The cameras around the one worked on, north up; each leads to itself. */
export function Around({ centre, cameras }: { centre: CameraView | null; cameras: readonly CameraView[] }) {
  const { t } = useLingui();
  const spots = centre === null ? [] : spotsAround(centre, cameras).slice(0, SHOWN);
  return (
    <section className={classes.around} aria-label={t`Autour`}>
      <Heading aside={<Trans>Alt + flèches : aller dans ce sens</Trans>}>
        <Trans>Autour</Trans>
      </Heading>
      {centre === null ? (
        <p className={`faint ${classes.aroundNone}`}>
          <Trans>Choisissez une vue : ses voisines apparaissent ici.</Trans>
        </p>
      ) : centre.lat === null ? (
        <p className={`faint ${classes.aroundNone}`}>
          <Trans>« {centre.name} » n’est pas placée sur la carte : sa fiche demande sa position.</Trans>
        </p>
      ) : (
        <Map centre={centre} spots={spots} />
      )}
    </section>
  );
}

/** Metres, as far as the map is high: it is wider than high. */
const farOff = ({ east, north }: Pick<Spot, "east" | "north">): number =>
  Math.max(Math.abs(east) * (HIGH / WIDE), Math.abs(north));

function Map({ centre, spots }: { centre: CameraView; spots: readonly Spot[] }) {
  const { t } = useLingui();
  // The nearest decide the scale; what is farther stands at the edge, in its direction.
  const reach = Math.max(LEAST, ...spots.slice(0, NAMED).map(farOff));
  const scale = (HIGH / 2 - MARGIN) / reach;
  const at = (spot: Pick<Spot, "east" | "north">) => {
    const drawn = scale * Math.min(1, (reach * EDGE) / Math.max(1, farOff(spot)));
    return { x: WIDE / 2 + spot.east * drawn, y: HIGH / 2 - spot.north * drawn };
  };
  const here = at({ east: 0, north: 0 });
  // Names stand above their point; the centre's own stands below it.
  const named = nameable(
    spots.map((spot) => ({ x: at(spot).x, y: at(spot).y - 10 })),
    NAMED,
    [{ x: here.x + 52, y: here.y + 16 }],
  );
  return (
    <div className={classes.map}>
      <svg
        viewBox={`0 0 ${WIDE} ${HIGH}`}
        role="group"
        aria-label={t`Carte des caméras autour de ${centre.name}`}
      >
        <path d={`M${WIDE / 2} 4v252M4 ${HIGH / 2}h332`} className={classes.axes} />
        <text x={WIDE / 2 + 4} y={13} className={classes.north}>
          N
        </text>
        {centre.bearing === null ? null : (
          <path d={cone(here.x, here.y, centre.bearing, centre.fov ?? 60, 62)} className={classes.seen} />
        )}
        {spots
          .filter(({ camera }) => centre.neighbours.includes(camera.id))
          .map((spot) => (
            <path
              key={spot.camera.id}
              d={`M${here.x} ${here.y}L${at(spot).x} ${at(spot).y}`}
              className={classes.link}
            />
          ))}
        {[...spots].reverse().map((spot) => (
          <Camera
            key={spot.camera.id}
            spot={spot}
            {...at(spot)}
            named={named[spots.indexOf(spot)] === true}
          />
        ))}
        <circle cx={here.x} cy={here.y} r={7} className={classes.here} />
        <text x={here.x + 10} y={here.y + 16} className={classes.label}>
          {centre.name}
        </text>
      </svg>
    </div>
  );
}

function Camera({ spot, x, y, named }: { spot: Spot; x: number; y: number; named: boolean }) {
  const { t } = useLingui();
  const { camera } = spot;
  const go = (): void => showCamera(camera.id);
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      go();
    }
  };
  const dead = camera.state !== "online";
  return (
    <g
      role="button"
      tabIndex={0}
      className={classes.spot}
      data-dead={dead || undefined}
      aria-label={t`${camera.name}, vers ${windLabel(windOf(spot))}`}
      onClick={go}
      onKeyDown={press}
    >
      {camera.bearing === null ? null : (
        <path d={cone(x, y, camera.bearing, camera.fov ?? 60, 26)} className={classes.sees} />
      )}
      <circle cx={x} cy={y} r={12} fill="transparent" />
      {dead ? <rect x={x - 5} y={y - 5} width={10} height={10} /> : <circle cx={x} cy={y} r={6} />}
      {named ? (
        <text x={x} y={y - 10} textAnchor={x > WIDE * 0.7 ? "end" : x < WIDE * 0.3 ? "start" : "middle"}>
          {camera.name}
        </text>
      ) : null}
    </g>
  );
}
