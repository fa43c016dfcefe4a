import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { can, useMe } from "../../app/session";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Heading } from "../../ui/parts";
import { Adopt } from "./Adopt";
import { Few } from "./Few";
import type { GhostView } from "./frames";
import classes from "./monitor.module.css";

interface Props {
  ghosts: readonly GhostView[];
  /** The one that is being given a site. */
  adopting: number | null;
  onAdopt: (ghost: number | null) => void;
}

/** Transmitters nobody knows, the last heard first; the first is adopted by `Enter` in the filters, `Enter`: two keys. */
export function Ghosts({ ghosts, adopting, onAdopt }: Props) {
  const { t } = useLingui();
  const me = useMe();
  if (ghosts.length === 0) {
    return null;
  }
  // The list moves as they speak: the one in hand stays in sight.
  const held = [...ghosts].sort((a, b) => Number(b.id === adopting) - Number(a.id === adopting));
  const first = held.find((each) => each.adoptable);
  const key = adopting === null ? "Enter" : null;
  return (
    <section className={classes.ghosts}>
      <Heading>
        <Trans>Transmetteurs inconnus · {held.length}</Trans>
      </Heading>
      <Few
        label={t`Transmetteurs inconnus`}
        items={held.map((ghost) => (
          <li key={ghost.id}>
            <b>{ghost.account || t`n° absent`}</b>
            <span className="dim">
              <Trans>
                ligne {ghost.line} · {ghost.peer} ·{" "}
                <Plural value={ghost.count} one="# trame" other="# trames" /> · dernière il y a{" "}
                <Age since={ghost.last_seen} />
              </Trans>
            </span>
            {can(me, "ghost.adopt") && ghost.adoptable ? (
              <Button
                hotkey={ghost.id === first?.id ? key : null}
                onClick={() => onAdopt(adopting === ghost.id ? null : ghost.id)}
              >
                <Trans>Adopter</Trans>
              </Button>
            ) : null}
            {adopting === ghost.id ? <Adopt ghost={ghost} onDone={() => onAdopt(null)} /> : null}
          </li>
        ))}
      />
    </section>
  );
}
