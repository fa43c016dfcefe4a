import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { language } from "../../app/i18n";
import { countCameras, type CameraView } from "../../core/cameras";
import { byUrgency } from "../../core/queue";
import { clockTime, shortDate } from "../../core/time";
import { useSecond } from "../../live/hooks";
import { rowsOf, useWorld } from "../../live/hooks";
import { Kbd } from "../../ui/Kbd";
import { PriorityMark } from "../../ui/PriorityMark";
import { DuressChip } from "../shell/DuressChip";
import { LiveChip } from "../shell/LiveChip";
import type { DeskContext } from "../shell/context";
import { setUi } from "../shell/ui";
import { SoundChip } from "../sound/SoundChip";
import { summary } from "./layout";
import { DESK_WINDOW } from "../shell/windows";
import classes from "./wall.module.css";
import { setWall, wall } from "./wallStore";

/** The wall's own bar: which wall, why one looks, who, how many cameras see, what rings, what time it is. */
export function WallBar({ context, cameras }: { context: DeskContext; cameras: readonly CameraView[] }) {
  const { me } = context;
  return (
    <header className={classes.bar}>
      <Which />
      <Motif post={me.post?.id ?? null} />
      <span className={`dim ${classes.who}`}>
        {me.centre.name} · {me.post?.name ?? <Trans>sans poste</Trans>} · {me.user.name}
      </span>
      {me.centre.demo ? (
        <span className={classes.demo}>
          <Trans>DÉMONSTRATION</Trans>
        </span>
      ) : null}
      <DuressChip context={{ ...context, open: atTheDesk }} />
      <span className={classes.spread} />
      {context.urgent === null ? <Ringing context={context} /> : null}
      <Health cameras={cameras} />
      <LiveChip />
      <SoundChip hotkey="Ctrl+M" />
      <Clock zone={me.centre.timezone} />
      <Help />
    </header>
  );
}

/** A dossier is worked on at the desk: the wall stays where it is. */
function atTheDesk(incident: number | null): void {
  if (incident !== null) {
    window.open(`/dossier/${incident}`, DESK_WINDOW);
  }
}

function Help() {
  const { t } = useLingui();
  return (
    <button
      type="button"
      className={classes.help}
      aria-label={t`Touches et aide`}
      onClick={() => setUi({ help: true })}
    >
      <kbd>?</kbd>
    </button>
  );
}

function Which() {
  const { t } = useLingui();
  const { body, id, changed, paused } = useSyncExternalStore(wall.subscribe, wall.get);
  const { views, turning } = summary(body.tiles);
  const count = plural(views, { one: "# vue", other: "# vues" });
  return (
    <button
      type="button"
      className={classes.which}
      title={t`Murs enregistrés et grilles (F3)`}
      onClick={() => setWall({ sheet: "walls", typed: "" })}
    >
      <b>{id === null ? t`Mur sans nom` : t`Mur · ${body.name}`}</b>
      <span className={classes.chip}>
        {count}
        {turning
          ? ` · ${paused ? t`séquence ${body.seconds} s en pause` : t`séquence ${body.seconds} s`}`
          : ""}
        {changed && id !== null ? ` · ${t`modifié`}` : ""}
      </span>
      <Kbd of="F3" />
    </button>
  );
}

function Motif({ post }: { post: number | null }) {
  const { t } = useLingui();
  const own = useWorld((world) => rowsOf(world.posts).find((each) => each.id === post)?.motif ?? null);
  const said = useSyncExternalStore(wall.subscribe, () => wall.get().doing ?? wall.get().motif);
  const motif = said?.label ?? own;
  return (
    <button
      type="button"
      className={`${classes.chip} ${classes.motif}`}
      onClick={() => setWall({ sheet: "motif", typed: "" })}
      title={t`Changer le motif de visionnage (F9)`}
    >
      {motif === null ? <b className="soon">{t`Motif à dire`}</b> : t`Motif : ${motif}`} <Kbd of="F9" />
    </button>
  );
}

/** What rings somewhere is never out of sight of who looks at the wall. */
function Ringing({ context }: { context: DeskContext }) {
  const ringing = context.rows.filter((row) => row.ringing_since !== null).sort(byUrgency);
  const [first] = ringing;
  if (!first) {
    return null;
  }
  const more = ringing.length - 1;
  return (
    <span role="status">
      <a className={classes.ringing} href={`/dossier/${first.id}`} target={DESK_WINDOW}>
        <PriorityMark band={first.band} size={16} inherit />
        <b>P{first.priority}</b> <span className={classes.cut}>{first.site.name}</span>
        {more > 0 ? <b>+{more}</b> : null}
      </a>
    </span>
  );
}

function Health({ cameras }: { cameras: readonly CameraView[] }) {
  const { t } = useLingui();
  const { total, online, frozen, masks } = countCameras(cameras);
  const bad = [
    frozen > 0 ? plural(frozen, { one: "# figée", other: "# figées" }) : "",
    masks > 0 ? plural(masks, { one: "# masque à vérifier", other: "# masques à vérifier" }) : "",
  ].filter(Boolean);
  const said = [t`${online} caméras sur ${total}`, ...bad].join(" · ");
  return (
    <span
      className={`${classes.chip} ${classes.health}`}
      data-bad={online < total || masks > 0 || undefined}
      title={said}
    >
      {said}
    </span>
  );
}

function Clock({ zone }: { zone: string }) {
  const second = useSecond();
  const at = second === 0 ? Number.NaN : second * 1000;
  return (
    <>
      <span className={`dim ${classes.wideOnly}`}>{shortDate(at, zone, language.get())}</span>
      <time className={classes.clock}>{clockTime(at, zone)}</time>
    </>
  );
}
