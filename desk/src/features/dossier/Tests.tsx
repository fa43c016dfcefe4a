import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import { dayHour } from "../../core/time";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Field, Heading } from "../../ui/parts";
import { showInPane } from "../../ui/scroll";
import { tell } from "../shell/ui";
import type { CallView } from "../../core/handling";
import type { SiteFile, SiteTest } from "./siteFile";
import { TestForm } from "./TestForm";
import { scopeText } from "./testWords";
import { pointText } from "./words";
import classes from "./dossier.module.css";
import site from "./site.module.css";

interface Props {
  test: SiteTest;
  file: SiteFile;
}

/** Running tests with the state of each point, and their end (P10: never silent with a point in alarm). */
export function Tests({ file, calls }: { file: SiteFile; calls: readonly CallView[] }) {
  return (
    <>
      {file.tests.map((test) => (
        <Test key={test.id} test={test} file={file} calls={calls} />
      ))}
    </>
  );
}

function Test({ test, file, calls }: Props & { calls: readonly CallView[] }) {
  const { t } = useLingui();
  const [longer, setLonger] = useState(false);
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const end = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await api.post(`/api/sites/${file.site.id}/on-test/${test.id}/end`, { note: note || null });
      justEnded = test.id;
      await client.invalidateQueries({ queryKey: ["site", file.site.id] });
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
  const loud = test.points.some((point) => point.state === "in_alarm");
  return (
    <section className={classes.warn} aria-label={t`Essai en cours`}>
      <Trans>
        En essai jusqu’à {dayHour(test.until, file.site.timezone, now())}, demandé par {test.asked_by}
      </Trans>
      {"\u00a0"}: {scopeText(test, file) ?? t`tout le site`}
      <Points test={test} file={file} />
      {test.abilities.includes("end") ? (
        <form className={classes.form} onSubmit={(event) => void end(event)}>
          <Field
            label={t`Ce qui est fait des points en alarme`}
            required={loud}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <Button type="submit">
            <Trans>Terminer l’essai</Trans>
          </Button>
          {test.abilities.includes("extend") ? (
            <Button onClick={() => setLonger(!longer)}>
              <Trans>Prolonger…</Trans>
            </Button>
          ) : null}
        </form>
      ) : null}
      {longer ? (
        <TestForm file={file} calls={calls} caller={null} test={test} done={() => setLonger(false)} />
      ) : null}
    </section>
  );
}

/** The test that this window has just ended: its list comes before one's eyes. */
let justEnded: number | null = null;

/** The lists of the last day's tests: what was heard, and what never was. */
export function EndedTests({ file }: { file: SiteFile }) {
  return file.ended_tests.map((test) => <Ended key={test.id} test={test} file={file} />);
}

function Ended({ test, file }: Props) {
  const { t } = useLingui();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    if (justEnded === test.id) {
      justEnded = null;
      list.current?.focus({ preventScroll: true });
      showInPane(list.current, "start");
    }
  }, [test.id]);
  return (
    <section ref={list} className={site.ended} tabIndex={-1} aria-label={t`Essai terminé`}>
      <Heading>
        <Trans>Essai terminé</Trans>
      </Heading>
      <p className="dim">
        <Trans>
          De {dayHour(test.started_at, file.site.timezone, now())} à{" "}
          {dayHour(test.ended_at ?? test.until, file.site.timezone, now())}, demandé par {test.asked_by}
        </Trans>
        {"\u00a0"}: {scopeText(test, file) ?? t`tout le site`}
        {test.end_note ? ` · ${test.end_note}` : ""}
      </p>
      <Points test={test} file={file} />
    </section>
  );
}

/** What an operator must answer for before the test is over, or look at in its dossier. */
const LOUD: ReadonlySet<string> = new Set(["in_alarm", "through"]);

/** The dossier of what the test did not keep quiet, and what it was. */
function Through({ point }: { point: SiteTest["points"][number] }) {
  if (!point.incident_id || !point.incident) {
    return null;
  }
  return (
    <>
      {point.category ? ` · ${word("category", point.category)}` : null}
      {" · "}
      <Link to="/dossier/$id" params={{ id: String(point.incident_id) }}>
        {point.incident}
      </Link>
    </>
  );
}

/** Each point of the scope: what it did during the test, those in alarm first. */
function Points({ test }: Props) {
  return (
    <ul className={`${classes.people} ${site.points}`}>
      {test.points.map((point) => (
        <li key={point.key}>
          <span>
            {point.zone && point.zone !== point.label ? <b>{point.zone} </b> : null}
            {pointText(point.label)}
          </span>
          <span>
            <b className={LOUD.has(point.state) ? site.loud : undefined}>
              {LOUD.has(point.state) ? <span aria-hidden="true">▲ </span> : null}
              {word("test_point", point.state)}
            </b>
            <Through point={point} />
          </span>
        </li>
      ))}
    </ul>
  );
}
