import { Trans, useLingui } from "@lingui/react/macro";
import { useState, useSyncExternalStore } from "react";
import { zone } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import { useSecond } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Heading } from "../../ui/parts";
import classes from "./patrol.module.css";
import { doneCount, indexNow, stopNow, tickLabel, type Patrol, type PatrolRun } from "./patrol";
import { type PatrolActs } from "./patrolActs";
import { lookText, type Look } from "../wall/looked";

interface Props {
  run: PatrolRun | null;
  patrols: readonly Patrol[];
  acts: PatrolActs;
  /** Shows the view that the round is at. */
  show: (run: PatrolRun) => void;
  /** «R.A.S.»: nothing to report. */
  clear: () => void;
  /** Whether the view is in sight, for as long as a look takes. */
  seen: Look;
  choose: () => void;
  end: () => void;
}

/** The round in hand, view by view; or the one that is due next. */
export function PatrolStrip({ run, patrols, acts, show, clear, seen, choose, end }: Props) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  if (run === null) {
    return <NextRound patrols={patrols} choose={choose} />;
  }
  const stop = stopNow(run);
  const next = stop?.name ?? "";
  return (
    <section>
      <Heading
        aside={
          <Trans>
            {doneCount(run)} sur {run.views.length}
          </Trans>
        }
      >
        <Trans>
          Ronde vidéo de {hourMinute(run.started_at, shown)} · {run.patrol.name}
        </Trans>
      </Heading>
      <div className={classes.top}>
        <p className={`dim ${classes.line}`}>
          {run.state === "paused" ? (
            <Trans>suspendue, reprend à « {next} »</Trans>
          ) : stop === null ? (
            <Trans>toutes les vues sont faites</Trans>
          ) : (
            <>
              « {next} »{stop.look_for ? ` : ${stop.look_for}` : ""}
            </>
          )}
        </p>
        {run.state === "paused" || stop === null ? null : (
          <Button tone="plain" hotkey="Alt+P" onClick={() => void acts.pause(run)}>
            <Trans>Suspendre</Trans>
          </Button>
        )}
        <Button tone={stop === null ? "go" : "plain"} onClick={end}>
          <Trans>Terminer…</Trans>
        </Button>
      </div>
      <Steps run={run} />
      <Hands key={stop?.camera ?? 0} run={run} acts={acts} show={show} clear={clear} seen={seen} />
    </section>
  );
}

const SIGN = { clear: "✓", observation: "!", missed: "×" } as const;

function Steps({ run }: { run: PatrolRun }) {
  const at = indexNow(run);
  return (
    <ol className={classes.steps}>
      {run.views.map((view, index) => {
        const result = view.tick?.result ?? null;
        return (
          <li
            key={`${view.camera}:${index}`}
            data-result={result ?? undefined}
            aria-current={index === at ? "step" : undefined}
            title={`${view.name} – ${tickLabel(result)}${view.tick?.note ? ` : ${view.tick.note}` : ""}`}
          >
            <span aria-hidden="true">{result ? SIGN[result] : index === at ? "›" : ""}</span>
            <span className="sr">
              {view.name}, {tickLabel(result)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Hands(props: Pick<Props, "acts" | "show" | "clear" | "seen"> & { run: PatrolRun }) {
  const { run, acts, show, clear, seen } = props;
  const { t } = useLingui();
  const [note, setNote] = useState("");
  const observe = async (): Promise<void> => {
    const next = note.trim() === "" ? null : await acts.tick(run, "observation", note);
    if (next) {
      setNote("");
      show(next);
    }
  };
  if (run.state === "paused") {
    return (
      <div className={classes.hands}>
        <Button hotkey="Alt+P" onClick={() => void acts.resume(run).then((next) => next && show(next))}>
          <Trans>Reprendre la ronde</Trans>
        </Button>
      </div>
    );
  }
  return stopNow(run) === null ? null : (
    <form
      className={classes.hands}
      onSubmit={(event) => {
        event.preventDefault();
        void observe();
      }}
    >
      <Button
        hotkey="Ctrl+Enter"
        disabled={seen !== "looked"}
        title={lookText(seen) ?? undefined}
        onClick={clear}
      >
        <Trans>R.A.S.</Trans>
      </Button>
      <input
        id="patrol-note"
        className={classes.note}
        value={note}
        maxLength={500}
        aria-label={t`Observation`}
        placeholder={
          seen === "blind"
            ? t`Ce qui empêche de voir, puis Entrée (Alt+O)`
            : t`Observation, puis Entrée (Alt+O)`
        }
        onChange={(event) => setNote(event.target.value)}
      />
    </form>
  );
}

function NextRound({ patrols, choose }: { patrols: readonly Patrol[]; choose: () => void }) {
  const second = useSecond();
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const due = patrols
    .filter((patrol) => patrol.next_due_at !== null)
    .sort((a, b) => (a.next_due_at ?? "").localeCompare(b.next_due_at ?? ""))[0];
  const late = due?.next_due_at ? Date.parse(due.next_due_at) < second * 1000 : false;
  return (
    <section>
      <Heading>
        <Trans>Ronde vidéo</Trans>
      </Heading>
      <p className={`dim ${classes.line}`}>
        {due?.next_due_at ? (
          <span className={late ? "soon" : ""}>
            {late ? (
              <Trans>
                en retard, attendue à {hourMinute(due.next_due_at, shown)} : {due.name}, {due.views.length}{" "}
                vues
              </Trans>
            ) : (
              <Trans>
                prochaine à {hourMinute(due.next_due_at, shown)} : {due.name}, {due.views.length} vues
              </Trans>
            )}
          </span>
        ) : patrols.length > 0 ? (
          <Trans>aucune à l’heure dite ; on peut en commencer une</Trans>
        ) : (
          <Trans>aucune ronde n’est prévue dans ce centre</Trans>
        )}
      </p>
      {patrols.length > 0 ? (
        <div className={classes.hands}>
          <Button hotkey="Alt+P" onClick={choose}>
            <Trans>Commencer une ronde…</Trans>
          </Button>
        </div>
      ) : null}
    </section>
  );
}
