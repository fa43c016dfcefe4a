import { Trans } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { Button } from "../../ui/Button";
import classes from "./dossier.module.css";

interface Props {
  /** What the motif is for. */
  label: string;
  motifs: readonly { key: string; label: string }[];
  choose: (key: string) => void;
  close: () => void;
}

/**
 * A motif from a short list, one button each. Never a drop-down that acts when it changes: an arrow or a letter typed
 * on it would send the first motif it meets (U3, WCAG 3.2.2).
 */
export function Motifs({ label, motifs, choose, close }: Props) {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => group.current?.focus({ preventScroll: true }), []);
  return (
    <div ref={group} tabIndex={-1} role="group" aria-label={label} className={classes.motifs}>
      <span className="dim">{label}</span>
      {motifs.map((motif) => (
        <Button key={motif.key} onClick={() => choose(motif.key)}>
          {motif.label}
        </Button>
      ))}
      <Button tone="plain" onClick={close}>
        <Trans>Renoncer</Trans>
      </Button>
    </div>
  );
}
