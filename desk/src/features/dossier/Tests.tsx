import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { SiteFile, SiteTest } from "./siteFile";
import { pointText } from "./words";
import classes from "./dossier.module.css";

/** Running tests with the state of each point, and their end (P10: never silent with a point in alarm). */
export function Tests({ file }: { file: SiteFile }) {
  return (
    <>
      {file.tests.map((test) => (
        <Test key={test.id} test={test} file={file} />
      ))}
    </>
  );
}

function Test({ test, file }: { test: SiteTest; file: SiteFile }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const end = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await api.post(`/api/sites/${file.site.id}/on-test/${test.id}/end`, { note: note || null });
      tell(t`Essai terminé`);
      await client.invalidateQueries({ queryKey: ["site", file.site.id] });
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
  return (
    <div className={classes.warn}>
      <Trans>
        En essai jusqu’à {hourMinute(test.until, file.site.timezone)}, demandé par {test.asked_by}
      </Trans>
      <ul className={classes.people}>
        {test.points.map((point) => (
          <li key={point.key}>
            <span>{pointText(point.label)}</span>
            <b>{word("test_point", point.state)}</b>
          </li>
        ))}
      </ul>
      {test.abilities.includes("end") ? (
        <form className={classes.form} onSubmit={(event) => void end(event)}>
          <Field
            label={t`Ce qui est fait des points en alarme`}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <Button type="submit">
            <Trans>Terminer l’essai</Trans>
          </Button>
        </form>
      ) : null}
    </div>
  );
}
