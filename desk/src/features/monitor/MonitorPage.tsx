import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { Empty, Field, Problem } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { mergeFrames, type FramePage, type FrameView, type SignOfLife, type TroubleView } from "./frames";
import { FrameTable } from "./FrameTable";
import { Ghosts } from "./Ghosts";
import { Signs } from "./Signs";
import { Troubles } from "./Troubles";
import classes from "./monitor.module.css";

/** ms between looks: an installer on the telephone sees his frame within a second. */
const EVERY = 800;

interface Wanted {
  line: string;
  account: string;
  peer: string;
}

interface Seen {
  frames: readonly FrameView[];
  troubles: readonly TroubleView[];
  signs: readonly SignOfLife[];
  failure: unknown;
}

function useFrames(wanted: Wanted, paused: boolean): Seen {
  const [frames, setFrames] = useState<readonly FrameView[]>([]);
  const [troubles, setTroubles] = useState<readonly TroubleView[]>([]);
  const [signs, setSigns] = useState<readonly SignOfLife[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const { line, account, peer } = wanted;
  useEffect(() => {
    let stopped = false;
    let after = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const query = new URLSearchParams({ line, account, peer, ...(after ? { after } : {}) });
        [...query].filter(([, value]) => value === "").forEach(([name]) => query.delete(name));
        const page = await api.get<FramePage>(`/api/monitor?${query.toString()}`);
        if (!stopped) {
          const first = after === "";
          after = String(page.after);
          setFrames((held) => mergeFrames(first ? [] : held, page.frames));
          setTroubles(page.troubles);
          setSigns(page.signs);
          setFailure(null);
        }
      } catch (problem) {
        setFailure(problem);
      }
      if (!stopped && !paused) {
        timer = setTimeout(() => void look(), EVERY);
      }
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [line, account, peer, paused]);
  return { frames, troubles, signs, failure };
}

/** Frames as they come, for the installer on the telephone; a ghost becomes a site's panel in two keys. */
export function MonitorPage() {
  const { t } = useLingui();
  return <Frame page={t`Moniteur des trames`}>{() => <Monitor />}</Frame>;
}

function Monitor() {
  const { t } = useLingui();
  const [wanted, setWanted] = useState<Wanted>({ line: "", account: "", peer: "" });
  const [paused, setPaused] = useState(false);
  const { frames, troubles, signs, failure } = useFrames(wanted, paused);
  const set = (change: Partial<Wanted>): void => setWanted((held) => ({ ...held, ...change }));
  return (
    <main className={shell.page}>
      <Ghosts />
      <form className={classes.filters} role="search" onSubmit={(event) => event.preventDefault()}>
        <Field
          label={t`Ligne de réception`}
          value={wanted.line}
          placeholder="R1"
          onChange={(event) => set({ line: event.target.value.trim() })}
        />
        <Field
          label={t`N° de transmetteur`}
          value={wanted.account}
          placeholder="1234"
          autoFocus
          onChange={(event) => set({ account: event.target.value.trim() })}
        />
        <Field
          label={t`Adresse`}
          value={wanted.peer}
          placeholder="192.0.2.7"
          onChange={(event) => set({ peer: event.target.value.trim() })}
        />
        <Button onClick={() => setPaused(!paused)} aria-pressed={paused}>
          {paused ? <Trans>Reprendre</Trans> : <Trans>Figer</Trans>}
        </Button>
      </form>
      <Problem of={failure} />
      <Troubles troubles={troubles} />
      <Signs signs={signs} account={wanted.account} />
      {frames.length === 0 ? (
        <Empty title={<Trans>Aucune trame pour l’instant</Trans>}>
          <Trans>Demandez à l’installateur d’envoyer un test ; sa trame s’affiche ici dans la seconde.</Trans>
        </Empty>
      ) : (
        <FrameTable frames={frames} />
      )}
    </main>
  );
}
