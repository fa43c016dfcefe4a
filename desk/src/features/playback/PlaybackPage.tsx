import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useMe } from "../../app/session";
import type { CameraView } from "../../core/cameras";
import { now, useCameras, useIncidents, useLive } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Empty, Problem } from "../../ui/parts";
import { SECOND } from "../../video/playbackPlan";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { tell } from "../shell/ui";
import { current } from "./current";
import { wallOf } from "./instant";
import { OpeningForm } from "./OpeningForm";
import { Player } from "./Player";
import { idsOf, readSearch } from "./search";
import { PlaybackSession } from "./session";
import type { Wanted } from "./sessionState";

const HOUR = 3600 * SECOND;
/** Without a moment asked for, playback begins this long ago. */
const LATELY = 5 * 60 * SECOND;
/** What a dossier's consultation opens on each side of its alarm. */
const DOSSIER_REACH = 4 * HOUR;

/** Recordings of up to nine cameras, in step. */
export function PlaybackPage() {
  const { t } = useLingui();
  return <Frame page={t`Relecture`}>{() => <Playback />}</Frame>;
}

function Playback() {
  const { t } = useLingui();
  const search = readSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const zone = useMe().centre.timezone;
  const clock = useLive((state) => state.clock);
  const all = useCameras();
  const cameras = useMemo(() => all.filter(({ abilities }) => abilities.includes("recorded")), [all]);
  const [session, setSession] = useState<PlaybackSession | null>(null);
  const chosen = idsOf(search.cameras);
  const choose = useCallback(
    (ids: readonly number[]): void => {
      void navigate({
        to: "/relecture",
        search: (held: Record<string, unknown>) => ({ ...readSearch(held), cameras: ids.join(",") }),
        replace: true,
      });
    },
    [navigate],
  );
  const open = (wanted: Wanted, of: readonly CameraView[]): void => {
    const fresh = new PlaybackSession(wanted);
    setSession(fresh);
    void fresh.add(of);
  };
  const present = now();
  const at = search.at === undefined ? present * 1000 - LATELY : wallOf(search.at);
  const picked = chosen
    .map((id) => cameras.find((camera) => camera.id === id))
    .filter((each) => each !== undefined);
  useInherited(search.incident, picked, at, session === null, open);

  if (session !== null) {
    return (
      <Opened
        session={session}
        cameras={cameras}
        zone={zone}
        onChange={choose}
        onClose={() => {
          setSession(null);
          void navigate({ to: "/relecture", search: {}, replace: true });
          tell(t`Consultation terminée.`);
        }}
      />
    );
  }
  return (
    <main className={shell.page}>
      {clock === null ? null : cameras.length === 0 ? (
        <Empty title={<Trans>Aucune caméra ne vous est ouverte en relecture</Trans>}>
          <p>
            <Trans>
              La relecture demande un poste tenu, un titre en cours et un rôle que la fiche de la caméra
              autorise. Le chef de salle ou l’administrateur le règle dans « Caméras ».
            </Trans>
          </p>
        </Empty>
      ) : (
        <OpeningForm
          key={zone}
          cameras={cameras}
          chosen={chosen}
          at={at}
          zone={zone}
          onChoose={choose}
          onOpen={(wanted) => open(wanted, picked)}
        />
      )}
    </main>
  );
}

/** A dossier gives its motif: nothing is to be typed, the consultation opens at once. */
function useInherited(
  incident: number | undefined,
  picked: readonly CameraView[],
  at: number,
  free: boolean,
  open: (wanted: Wanted, of: readonly CameraView[]) => void,
): void {
  const once = useRef(false);
  const ready = incident !== undefined && picked.length > 0 && free;
  useEffect(() => {
    if (!ready || once.current || incident === undefined) {
      return;
    }
    once.current = true;
    const present = now() * 1000;
    const to = at + DOSSIER_REACH;
    open({ motif: null, incident, at, from: at - DOSSIER_REACH, to: to >= present ? null : to }, picked);
  }, [ready, incident, picked, at, open]);
}

function Opened({
  session,
  cameras,
  zone,
  onChange,
  onClose,
}: {
  session: PlaybackSession;
  cameras: readonly CameraView[];
  zone: string;
  onChange: (ids: readonly number[]) => void;
  onClose: () => void;
}) {
  const failure = useSyncExternalStore(session.state.subscribe, () => session.state.get().failure);
  const entries = useSyncExternalStore(session.state.subscribe, () => session.state.get().entries);
  const rows = useIncidents();
  const incident = rows.find(({ id }) => id === session.wanted.incident);
  const alarms = useMemo(
    () => (incident ? [{ at: wallOf(incident.opened_at), label: incident.reference }] : []),
    [incident],
  );
  useEffect(() => {
    session.start();
    return () => {
      current.set(() => null);
      session.end();
    };
  }, [session]);
  const ids = entries.map(({ camera }) => camera.id).join(",");
  const known = useRef(ids);
  useEffect(() => {
    if (known.current !== ids && ids !== "") {
      known.current = ids;
      onChange(idsOf(ids));
    }
  }, [ids, onChange]);
  return (
    <>
      {failure && entries.length === 0 ? (
        <main className={shell.page}>
          <Problem of={failure} />
          <p>
            <Button onClick={onClose}>
              <Trans>Revenir au formulaire</Trans>
            </Button>
          </p>
        </main>
      ) : (
        <Player session={session} cameras={cameras} zone={zone} alarms={alarms} onClose={onClose} />
      )}
    </>
  );
}
