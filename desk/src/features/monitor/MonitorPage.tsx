import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { Empty, Problem } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import {
  asked,
  mergeFrames,
  type FramePage,
  type FrameView,
  type SignOfLife,
  type TroubleView,
  type Wanted,
} from "./frames";
import { Filters } from "./Filters";
import { FrameTable } from "./FrameTable";
import { Ghosts } from "./Ghosts";
import { useGhosts } from "./useGhosts";
import { Signs } from "./Signs";
import { Troubles } from "./Troubles";
import classes from "./monitor.module.css";

/** ms between looks: an installer on the telephone sees his frame within a second. */
const EVERY = 800;

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
        const query = asked({ line, account, peer });
        if (after !== "") {
          query.set("after", after);
        }
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
  const [wanted, setWanted] = useState<Wanted>({ line: "", account: "", peer: "" });
  const [paused, setPaused] = useState(false);
  const account = useRef<HTMLInputElement>(null);
  const { frames, troubles, signs, failure } = useFrames(wanted, paused);
  const { ghosts, adopting, adoptFirst, adopt } = useGhosts(wanted);
  return (
    <main className={shell.page}>
      <Filters
        wanted={wanted}
        account={account}
        onChange={(change) => setWanted((held) => ({ ...held, ...change }))}
        onEnter={adoptFirst}
        paused={paused}
        onPause={() => setPaused(!paused)}
      />
      <Problem of={failure} />
      <div className={classes.beside}>
        <Ghosts
          ghosts={ghosts}
          adopting={adopting}
          onAdopt={(ghost) => {
            adopt(ghost);
            if (ghost === null) {
              account.current?.focus();
            }
          }}
        />
        <Troubles troubles={troubles} />
        <Signs signs={signs} />
      </div>
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
