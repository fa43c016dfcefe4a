import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { language } from "../../app/i18n";
import { useLive } from "../../live/hooks";
import classes from "./shell.module.css";

const LOOK_EVERY = 500;

/** Live, with the age of the server's last sign; stale is seen here and heard (ARCHITECTURE §5). */
export function LiveChip() {
  const heard = useLive((live) => live.heard);
  const stale = useLive((live) => live.stale);
  const [at, setAt] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setAt(performance.now()), LOOK_EVERY);
    return () => clearInterval(timer);
  }, []);
  if (heard === null) {
    return (
      <span className={classes.live} data-state="waiting" role="status">
        <i /> <Trans>Connexion…</Trans>
      </span>
    );
  }
  const seconds = Math.max(0, (at - heard) / 1000);
  const digits = seconds < 10 ? 1 : 0;
  const shown = new Intl.NumberFormat(language.get(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(seconds);
  return (
    <span className={classes.live} data-state={stale ? "stale" : "live"} role={stale ? "alert" : undefined}>
      <i />
      {stale ? <Trans>SANS NOUVELLES depuis {shown} s</Trans> : <Trans>Direct · {shown} s</Trans>}
    </span>
  );
}
