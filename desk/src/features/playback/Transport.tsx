import { Trans, useLingui } from "@lingui/react/macro";
import { useState, useSyncExternalStore, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import ui from "../../ui/ui.module.css";
import { RATES, rateText } from "../../video/synchroClock";
import { MOMENT_FIELD } from "./actions";
import { markPassage, stepFrame, takeStill } from "./acts";
import { momentTyped, wallText } from "./instant";
import type { PlaybackSession } from "./session";
import classes from "./playback.module.css";

interface Props {
  session: PlaybackSession;
  zone: string;
  onHold: () => void;
}

/** The buttons of playback, each with its key. */
export function Transport({ session, zone, onHold }: Props) {
  const { t } = useLingui();
  const { synchro } = session;
  const clock = useSyncExternalStore(synchro.clock.subscribe, synchro.clock.get);
  const begun = useSyncExternalStore(session.state.subscribe, () => session.state.get().begun !== null);
  const backward = clock.playing && clock.rate < 0;
  return (
    <div className={classes.transport} role="toolbar" aria-label={t`Lecture`}>
      <Button hotkey="J" tone={backward ? "go" : "normal"} onClick={() => synchro.shuttle(-1)}>
        <Glyph path="M8 3v10L1 8zM15 3v10L8 8z" />
        <span className="sr">{t`Lire en arrière`}</span>
      </Button>
      <Button
        hotkey="K"
        tone={clock.playing ? "normal" : "go"}
        onClick={() => (clock.playing ? synchro.pause() : synchro.play())}
      >
        <Glyph path={clock.playing ? "M3 2h4v12H3zM9 2h4v12H9z" : "M3 2l11 6-11 6z"} />
        <span className="sr">{clock.playing ? t`Pause` : t`Lire`}</span>
      </Button>
      <Button
        hotkey="L"
        tone={clock.playing && !backward ? "go" : "normal"}
        onClick={() => synchro.shuttle(1)}
      >
        <Glyph path="M1 3l7 5-7 5zM8 3l7 5-7 5z" />
        <span className="sr">{t`Lire en avant`}</span>
      </Button>
      <Button hotkey="," onClick={() => stepFrame(session, -1)}>
        <Trans>image −</Trans>
      </Button>
      <Button hotkey=";" onClick={() => stepFrame(session, 1)}>
        <Trans>image +</Trans>
      </Button>
      <select
        className={`${ui.input} ${classes.rate}`}
        aria-label={t`Vitesse`}
        value={String(clock.rate)}
        onChange={(event) => synchro.play(Number(event.target.value))}
      >
        {[...RATES.map((rate) => -rate).toReversed(), ...RATES].map((rate) => (
          <option key={rate} value={String(rate)}>
            {rateText(rate)}
          </option>
        ))}
      </select>
      <MomentField session={session} zone={zone} />
      <span className={classes.spread} />
      <Button hotkey="P" onClick={() => void takeStill(session)}>
        <Trans>Photo</Trans>
      </Button>
      <Button hotkey="R" tone={begun ? "warn" : "normal"} onClick={() => void markPassage(session)}>
        {begun ? <Trans>Fin du repère</Trans> : <Trans>Repère</Trans>}
      </Button>
      <Button hotkey="G" onClick={onHold}>
        <Trans>Geler</Trans>
      </Button>
    </div>
  );
}

function Glyph({ path }: { path: string }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill="currentColor" />
    </svg>
  );
}

/** A moment typed as one says it: «3:11», «22/11 23:40». */
function MomentField({ session, zone }: { session: PlaybackSession; zone: string }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const go = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const head = session.synchro.head();
    const at = momentTyped(text, head, zone);
    setWrong(at === null);
    if (at !== null) {
      session.goTo(at);
      const half = (session.state.get().view.to - session.state.get().view.from) / 2;
      session.show({ from: at - half, to: at + half });
      setText("");
      event.currentTarget.closest<HTMLElement>("[data-keyscope]")?.focus();
    }
  };
  return (
    <form className={classes.moment} onSubmit={go}>
      <input
        id={MOMENT_FIELD}
        className={ui.input}
        value={text}
        aria-label={t`Aller à (heure, ou date et heure)`}
        aria-invalid={wrong}
        title={t`3:11 · 03:11:48 · 22/11 23:40`}
        placeholder={wallText(session.wanted.at, zone).slice(0, 16)}
        onChange={(event) => {
          setText(event.target.value);
          setWrong(false);
        }}
      />
      {wrong ? (
        <span role="alert" className="late">
          <Trans>Heure attendue : 3:11 ou 22/11 23:40</Trans>
        </span>
      ) : null}
    </form>
  );
}
