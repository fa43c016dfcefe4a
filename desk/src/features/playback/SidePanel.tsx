import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { failureText } from "../../app/i18n";
import { can } from "../../app/session";
import type { MarkView } from "../../core/recordings";
import { Button } from "../../ui/Button";
import { Chip, Heading } from "../../ui/parts";
import { SECOND } from "../../video/playbackPlan";
import { moments, type Moment } from "../../video/timebarScale";
import { tell } from "../shell/ui";
import { HoldForm } from "./HoldForm";
import { hourOf, wallOf } from "./instant";
import { releaseMark } from "./marks";
import type { PlaybackSession } from "./session";
import type { Entry } from "./sessionState";
import { stretch } from "./words";
import classes from "./playback.module.css";

/** Moments listed, the strongest first chosen, then by their hour. */
const LISTED = 12;

/** ms, and how many times a picture that is not there yet is asked again: about a minute. */
const RETRY = 3000;
const TRIES = 20;

interface Props {
  session: PlaybackSession;
  zone: string;
  holding: number | null;
  onHold: (mark: number | null) => void;
}

/** Repères, gels, and the moments with motion of what the bar shows. */
export function SidePanel({ session, zone, holding, onHold }: Props) {
  const { t } = useLingui();
  const marks = useSyncExternalStore(session.state.subscribe, () => session.state.get().marks);
  return (
    <aside className={classes.side} aria-label={t`Repères et mouvements`}>
      <Heading>
        <Trans>Repères et gels</Trans>
      </Heading>
      {marks.length === 0 ? (
        <p className={classes.hint}>
          <Trans>
            Aucun repère autour de ce moment. <kbd>R</kbd> au début du passage, <kbd>R</kbd> à sa fin ;{" "}
            <kbd>G</kbd> le gèle pour qu’il ne soit pas effacé avant terme.
          </Trans>
        </p>
      ) : (
        <ul>
          {marks.map((mark) => (
            <MarkItem
              key={mark.id}
              mark={mark}
              session={session}
              zone={zone}
              holding={holding === mark.id}
              onHold={onHold}
            />
          ))}
        </ul>
      )}
      <Heading>
        <Trans>Moments avec mouvement</Trans>
      </Heading>
      <Moments session={session} zone={zone} />
    </aside>
  );
}

function MarkItem({
  mark,
  session,
  zone,
  holding,
  onHold,
}: {
  mark: MarkView;
  session: PlaybackSession;
  zone: string;
  holding: boolean;
  onHold: (mark: number | null) => void;
}) {
  const from = wallOf(mark.from);
  const release = async (): Promise<void> => {
    try {
      await releaseMark(mark.id);
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
    await session.marksAgain();
  };
  return (
    <li className={classes.mark}>
      <button type="button" onClick={() => session.synchro.seek(from)}>
        <b>
          {hourOf(from, zone)} → {hourOf(wallOf(mark.until), zone)}
        </b>{" "}
        <span className="dim">{mark.camera.name}</span>
        {mark.label ? <span>{mark.label}</span> : null}
      </button>
      {mark.hold === null ? null : (
        <p>
          <Chip>
            <Trans>gelé jusqu’au {hourOf(wallOf(mark.hold.until), zone)}</Trans>
          </Chip>{" "}
          <span className="dim">{mark.hold.reason}</span>
        </p>
      )}
      <p className={classes.acts}>
        {mark.hold === null && can(mark, "hold") && !holding ? (
          <Button onClick={() => onHold(mark.id)}>
            <Trans>Geler…</Trans>
          </Button>
        ) : null}
        {mark.hold !== null && can(mark, "release") ? (
          <Button onClick={() => void release()}>
            <Trans>Lever le gel</Trans>
          </Button>
        ) : null}
      </p>
      {holding ? <HoldForm session={session} mark={mark} zone={zone} onDone={() => onHold(null)} /> : null}
    </li>
  );
}

interface Found extends Moment {
  entry: Entry;
}

function Moments({ session, zone }: { session: PlaybackSession; zone: string }) {
  const entries = useSyncExternalStore(session.state.subscribe, () => session.state.get().entries);
  const overview = useSyncExternalStore(session.state.subscribe, () => session.state.get().overview);
  const found = useMemo(() => {
    const all = entries.flatMap((entry): Found[] => {
      const seen = overview.get(entry.camera.id);
      return seen ? moments(seen.motion, seen.from, seen.bucket).map((each) => ({ ...each, entry })) : [];
    });
    return all
      .sort((a, b) => b.amount - a.amount)
      .slice(0, LISTED)
      .sort((a, b) => b.from - a.from);
  }, [entries, overview]);
  if (found.length === 0) {
    return (
      <p className={classes.hint}>
        <Trans>Aucun mouvement dans ce que montre la barre. Élargissez-la (molette, ou touche −).</Trans>
      </p>
    );
  }
  return (
    <ul>
      {found.map((moment) => (
        <MomentItem
          key={`${moment.entry.camera.id}.${moment.from}`}
          moment={moment}
          session={session}
          zone={zone}
        />
      ))}
    </ul>
  );
}

function MomentItem({ moment, session, zone }: { moment: Found; session: PlaybackSession; zone: string }) {
  const { entry, from, to } = moment;
  const picture = usePicture(entry, from, to);
  const go = (): void => {
    session.set({ lead: entry.camera.id });
    session.synchro.seek(from - 2 * SECOND);
  };
  return (
    <li>
      <button type="button" className={classes.found} onClick={go}>
        {picture ? <img src={picture} alt="" /> : <span className={classes.blank} />}
        <span>
          <b>{hourOf(from, zone)}</b> · {stretch(to - from)}
          <span className="dim">{entry.camera.name}</span>
        </span>
      </button>
    </li>
  );
}

/** One picture of the strip, in the middle of a moment. */
export function usePicture(entry: Pick<Entry, "player">, from: number, to: number): string | null {
  const [url, setUrl] = useState<string | null>(null);
  const { player } = entry;
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const middle = (from + to) / 2;
    const ask = async (tries: number): Promise<void> => {
      const [picture] = await player.pictures(middle - 2 * SECOND, middle + 2 * SECOND, 1).catch(() => []);
      if (gone) {
        return;
      }
      if (picture) {
        made = URL.createObjectURL(picture.jpeg);
        setUrl(made);
      } else if (tries > 0) {
        // Not recorded yet, or its picture not written yet.
        retry = setTimeout(() => void ask(tries - 1), RETRY);
      }
    };
    void ask(TRIES);
    return () => {
      gone = true;
      clearTimeout(retry);
      if (made !== null) {
        URL.revokeObjectURL(made);
      }
    };
  }, [player, from, to]);
  return url;
}
