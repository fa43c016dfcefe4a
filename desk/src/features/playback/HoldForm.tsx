import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import type { MarkView } from "../../core/recordings";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Problem } from "../../ui/parts";
import { SECOND } from "../../video/playbackPlan";
import { utcOf } from "../logbook/filter";
import { localOf, wallOf } from "./instant";
import { holdMark } from "./marks";
import type { PlaybackSession } from "./session";
import classes from "./playback.module.css";

interface Props {
  session: PlaybackSession;
  mark: MarkView;
  zone: string;
  onDone: () => void;
}

/** A gel conservatoire: why, and until when; never beyond the authorised keeping (L252-5). */
export function HoldForm({ session, mark, zone, onDone }: Props) {
  const { t } = useLingui();
  useEscape(onDone);
  const entry = session.state.get().entries.find(({ camera }) => camera.id === mark.camera.id);
  const latest = wallOf(mark.from) + (entry?.camera.retention_days ?? 30) * 86_400 * SECOND;
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => localOf(latest, zone));
  const [failure, setFailure] = useState<unknown>(null);
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await holdMark(mark.id, reason.trim(), utcOf(until, zone));
      await session.marksAgain();
      onDone();
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <form className={classes.hold} onSubmit={(event) => void send(event)}>
      <Field
        label={t`Motif du gel`}
        value={reason}
        required
        autoFocus
        maxLength={300}
        placeholder={t`réquisition attendue, dossier 2026-004117`}
        onChange={(event) => setReason(event.target.value)}
      />
      <Field
        label={t`Jusqu’à`}
        type="datetime-local"
        step={1}
        required
        value={until}
        max={localOf(latest, zone)}
        onChange={(event) => setUntil(event.target.value)}
      />
      <p className="dim">
        <Trans>Au plus tard à la fin de la durée de conservation : un gel ne la prolonge pas.</Trans>
      </p>
      <Problem of={failure} />
      <p className={classes.acts}>
        <Button type="submit" tone="go" hotkey="Ctrl+Enter">
          <Trans>Geler</Trans>
        </Button>
        <Button tone="plain" onClick={onDone}>
          <Trans>Annuler</Trans>
        </Button>
      </p>
    </form>
  );
}
