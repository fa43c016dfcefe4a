import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import { zone } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import { useEscape } from "../../ui/escape";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import { Empty, Field } from "../../ui/parts";
import shell from "../shell/shell.module.css";
import classes from "./patrol.module.css";
import { doneCount, type Patrol, type PatrolRun } from "./patrol";
import { type PatrolActs } from "./patrolActs";

interface Props {
  run: PatrolRun | null;
  patrols: readonly Patrol[];
  acts: PatrolActs;
  started: (run: PatrolRun) => void;
  onDone: () => void;
}

/** Begins a round, or ends the one in hand with what explains its missed views. */
export function PatrolsSheet(props: Props) {
  const { t } = useLingui();
  const sheet = useRef<HTMLDivElement>(null);
  const { run, patrols, acts, started, onDone } = props;
  useEscape(onDone);
  useEffect(() => sheet.current?.focus(), []);
  const [refused, setRefused] = useState<Patrol | null>(null);
  const start = async (patrol: Patrol | undefined, override?: string): Promise<void> => {
    const made = patrol ? await acts.start(patrol.id, override) : null;
    if (made === "unauthorised") {
      setRefused(patrol ?? null);
    } else if (made !== null) {
      started(made);
      onDone();
    }
  };
  const press = (event: KeyboardEvent): void => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const chosen = digit === undefined ? undefined : patrols[Number(digit) - 1];
    const typing = event.target instanceof HTMLInputElement;
    if (chosen && run === null && !typing && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      void start(chosen);
    }
  };
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && onDone()}>
      <div
        ref={sheet}
        className={`${shell.sheet} ${classes.sheet}`}
        role="dialog"
        aria-label={t`Rondes vidéo`}
        tabIndex={-1}
        onKeyDown={press}
      >
        <header>
          {run === null ? <Trans>Commencer une ronde vidéo</Trans> : <Trans>Terminer la ronde</Trans>}
        </header>
        {run === null && refused !== null ? (
          <Override patrol={refused} start={(why) => void start(refused, why)} />
        ) : run === null ? (
          <Choice patrols={patrols} start={(patrol) => void start(patrol)} />
        ) : (
          <Ending run={run} acts={acts} onDone={onDone} />
        )}
      </div>
    </div>
  );
}

function Choice({ patrols, start }: { patrols: readonly Patrol[]; start: (patrol: Patrol) => void }) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  if (patrols.length === 0) {
    return (
      <Empty title={<Trans>Aucune ronde n’est prévue</Trans>}>
        <p>
          <Trans>Le chef de salle les compose : des vues dans un ordre, et ce qu’il faut y regarder.</Trans>
        </p>
      </Empty>
    );
  }
  return (
    <ul className={classes.choices}>
      {patrols.map((patrol, index) => (
        <li key={patrol.id}>
          <button type="button" onClick={() => start(patrol)}>
            {index < 9 ? <Kbd of={`Digit${index + 1}`} /> : null}
            <b>{patrol.name}</b>
            <span className="dim">
              <Trans>{patrol.views.length} vues</Trans>
              {patrol.times.length > 0 ? ` · ${patrol.times.join(", ")}` : ""}
              {patrol.last_run ? (
                <>
                  {" · "}
                  <Trans>dernière {hourMinute(patrol.last_run.started_at, shown)}</Trans>
                </>
              ) : null}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A camera of the round has no valid authorisation: it is made all the same with a reason, which is entered. */
function Override({ patrol, start }: { patrol: Patrol; start: (why: string) => void }) {
  const { t } = useLingui();
  const [why, setWhy] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className={classes.ending}
      onSubmit={(event) => {
        event.preventDefault();
        start(why.trim());
      }}
    >
      <p>
        <Trans>
          Une caméra de « {patrol.name} » n’a pas d’autorisation en cours. Pour faire la ronde quand même,
          dites pourquoi : c’est inscrit à la main courante.
        </Trans>
      </p>
      <Field
        ref={field}
        label={t`Motif`}
        required
        maxLength={500}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
      />
      <Button type="submit" tone="go" hotkey="Enter">
        <Trans>Commencer quand même</Trans>
      </Button>
    </form>
  );
}

function Ending({ run, acts, onDone }: { run: PatrolRun; acts: PatrolActs; onDone: () => void }) {
  const { t } = useLingui();
  const [why, setWhy] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const missed = run.views.length - doneCount(run);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className={classes.ending}
      onSubmit={(event) => {
        event.preventDefault();
        void acts.end(run, why.trim()).then((done) => done && onDone());
      }}
    >
      {missed > 0 ? (
        <>
          <p>
            {plural(missed, { one: "# vue n’a pas été faite", other: "# vues n’ont pas été faites" })}{" "}
            <Trans>: dites pourquoi, c’est inscrit à la main courante.</Trans>
          </p>
          <Field
            ref={field}
            label={t`Explication`}
            required
            maxLength={500}
            value={why}
            onChange={(event) => setWhy(event.target.value)}
          />
        </>
      ) : (
        <p>
          <Trans>Toutes les vues sont faites.</Trans>
        </p>
      )}
      <Button type="submit" tone="go" hotkey="Enter">
        <Trans>Terminer la ronde</Trans>
      </Button>
    </form>
  );
}
