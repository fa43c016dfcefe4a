import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { nextTheme, theme, themeLabel } from "../../app/theme";
import { counters, duressOf } from "../../core/queue";
import { clockTime, shortDate } from "../../core/time";
import { language } from "../../app/i18n";
import { can } from "../../app/session";
import { rowsOf, useSecond, useWorld } from "../../live/hooks";
import { bandLabel, PriorityMark } from "../../ui/PriorityMark";
import { ReviewChip } from "../room/ReviewChip";
import { CameraCheckChip } from "../shift/CameraCheckChip";
import { SoundChip } from "../sound/SoundChip";
import { LiveChip } from "./LiveChip";
import { DuressChip } from "./DuressChip";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";
import { setUi } from "./ui";

export function TopBar({ context, page }: { context: DeskContext; page?: string | undefined }) {
  const { t } = useLingui();
  const { me } = context;
  const posts = useWorld((world) => world.posts);
  const present = rowsOf(posts).filter((post) => post.holder !== null).length;
  return (
    <header className={classes.top} data-duress={duressOf(context.rows).length > 0 ? "yes" : undefined}>
      <button
        type="button"
        className={classes.logo}
        onClick={() => setUi({ palette: true })}
        title={t`Barre de commande (Ctrl+K)`}
      >
        Veilleur
      </button>
      {page ? (
        <button type="button" className={classes.back} onClick={() => context.go("/")}>
          ← <Trans>Poste</Trans> <b>{page}</b>
        </button>
      ) : null}
      <LiveChip />
      <span className={`${classes.who} dim`}>
        {me.centre.name ? <span className={classes.wideOnly}>{me.centre.name} · </span> : null}
        {me.post ? me.post.name : <NoPost context={context} />} ·{" "}
        <span className={classes.name}>{me.user.name}</span>
        <span className={classes.wideOnly}>
          {" "}
          · <Trans>{present} en salle</Trans>
        </span>
      </span>
      {me.centre.demo ? <span className={classes.demo}>{t`DÉMONSTRATION`}</span> : null}
      <SoundChip />
      <span className={classes.spread} />
      <DuressChip context={context} />
      <Counters context={context} />
      <CameraCheckChip context={context} />
      <ReviewChip context={context} />
      <GaugeChip />
      <Clock zone={me.centre.timezone} />
      <ThemeButton />
      <button
        type="button"
        className={classes.help}
        onClick={() => setUi({ help: true })}
        aria-label={t`Touches et aide`}
      >
        <kbd>?</kbd>
      </button>
    </header>
  );
}

/** Reading only: one click from taking a post, for those who may. */
function NoPost({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  if (!can(context.me, "post.take")) {
    return <b className="soon">{t`sans poste, lecture seule`}</b>;
  }
  return (
    <button
      type="button"
      className={classes.seat}
      onClick={() => {
        setUi({ reading: false });
        context.go("/");
      }}
    >
      <Trans>sans poste – en prendre un</Trans>
    </button>
  );
}

function Counters({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const tests = useWorld((world) => world.tests);
  const onTest = rowsOf(tests).filter((test) => test.ended_at === null).length;
  return (
    <span className={classes.counters}>
      {counters(context.rows).map(({ band, untaken, taken, parked }) => (
        <span
          key={band}
          title={t`${bandLabel(band)} : ${untaken} à prendre, ${taken} pris, ${parked} en attente`}
        >
          <PriorityMark band={band} size={16} />
          <b className={untaken > 0 ? "" : "faint"}>{untaken}</b>
          {taken + parked > 0 ? <span className="faint">+{taken + parked}</span> : null}
        </span>
      ))}
      <span className={`${onTest === 0 ? classes.wideOnly : ""} dim`}>
        <Trans>en essai {onTest}</Trans>
      </span>
    </span>
  );
}

/** The share taken within the limits today, of the worse measure (practice: taking is gamed otherwise). */
function GaugeChip() {
  const { t } = useLingui();
  const gauge = useWorld((world) => world.gauge);
  if (gauge === null || gauge.share === null) {
    return null;
  }
  const share = Math.floor(gauge.share * 100);
  const target = Math.round(gauge.target * 100);
  const name = gauge.measure === "taken" ? t`Pris` : t`Première action`;
  return (
    <span
      className={classes.gauge}
      title={plural(gauge.count, { one: "Aujourd’hui, sur # dossier", other: "Aujourd’hui, sur # dossiers" })}
    >
      <span className={classes.wideOnly}>{name} </span>≤ {gauge.seconds} s :{" "}
      <b className={share < target ? "soon" : ""}>{share} %</b> <span className="faint">/ {target}</span>
    </span>
  );
}

function Clock({ zone }: { zone: string }) {
  const second = useSecond();
  const at = second === 0 ? Number.NaN : second * 1000;
  return (
    <span className={classes.clockBox}>
      <span className={`dim ${classes.wideOnly}`}>{shortDate(at, zone, language.get())}</span>
      <time className={classes.clock}>{clockTime(at, zone)}</time>
    </span>
  );
}

function ThemeButton() {
  const { t } = useLingui();
  const shown = useSyncExternalStore(theme.subscribe, theme.get);
  return (
    <button
      type="button"
      className={classes.help}
      onClick={nextTheme}
      aria-label={t`Thème : ${themeLabel(shown)}`}
      title={t`Thème : ${themeLabel(shown)}`}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
        <path d="M8 1.5a6.5 6.5 0 010 13z" fill="currentColor" />
      </svg>
    </button>
  );
}
