import { Plural, Trans } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Button } from "../../ui/Button";
import classes from "./monitor.module.css";

/** Rows shown of a list that strangers make as long as they like: the frames below must stay in sight. */
const SHOWN = 3;

/** A list of few rows; the others at a press, in a box of its own that scrolls. */
export function Few({ items, label }: { items: readonly ReactNode[]; label: string }) {
  const [all, setAll] = useState(false);
  const more = items.length - SHOWN;
  return (
    <>
      {all ? (
        <div className={classes.all} role="group" tabIndex={0} aria-label={label}>
          <ul>{items}</ul>
        </div>
      ) : (
        <ul>{items.slice(0, SHOWN)}</ul>
      )}
      {more > 0 ? (
        <Button tone="plain" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? <Trans>Réduire</Trans> : <Plural value={more} one="# autre" other="# autres" />}
        </Button>
      ) : null}
    </>
  );
}
