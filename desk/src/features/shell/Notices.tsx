import { useSyncExternalStore } from "react";
import { Overtaken } from "./Overtaken";
import classes from "./shell.module.css";
import { notices } from "./ui";

/**
 * What was just done or refused; read aloud by screen readers, never taking the focus. `overtaken`: with what waits to be
 * seen, where the page gives that no place of its own.
 */
export function Notices({ overtaken = true }: { overtaken?: boolean }) {
  const shown = useSyncExternalStore(notices.subscribe, notices.get);
  return (
    <div className={classes.notices} role="status" aria-live="polite">
      {overtaken ? <Overtaken /> : null}
      {shown.map((notice) => (
        <p key={notice.id} className={notice.tone === "bad" ? classes.bad : classes.good}>
          {notice.text}
        </p>
      ))}
    </div>
  );
}
