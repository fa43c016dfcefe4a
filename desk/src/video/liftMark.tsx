import { Trans } from "@lingui/react/macro";
import { age, secondsSince } from "../core/time";
import { useSecond } from "../live/hooks";
import { Button } from "../ui/Button";
import classes from "./tile.module.css";

interface Props {
  /** RFC 3339. */
  until: string;
  onPutBack: () => void;
}

/** «Masque levé — 4:32», and the way back: nobody forgets that a picture is without its mask. */
export function LiftMark({ until, onPutBack }: Props) {
  const second = useSecond();
  const left = age(Math.max(0, -(secondsSince(until, second * 1000) ?? 0)));
  return (
    <span className={classes.lifted} data-mark="lifted">
      <b>
        <Trans>Masque levé — {left}</Trans>
      </b>
      <Button hotkey="Alt+L" onClick={onPutBack}>
        <Trans>Remettre</Trans>
      </Button>
    </span>
  );
}
