import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import classes from "./account.module.css";

export function PasswordForm() {
  const { t } = useLingui();
  const [present, setPresent] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => api.post("/api/me/password", { present, new: fresh }),
    onSuccess: () => {
      setPresent("");
      setFresh("");
      setAgain("");
      tell(t`Mot de passe changé ; vos autres sessions sont fermées`);
    },
  });
  const differs = again !== "" && again !== fresh;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!differs) {
      change.mutate();
    }
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Field
        label={t`Mot de passe actuel`}
        type="password"
        autoComplete="current-password"
        required
        value={present}
        onChange={(event) => setPresent(event.target.value)}
      />
      <Field
        label={t`Nouveau mot de passe`}
        type="password"
        autoComplete="new-password"
        required
        value={fresh}
        onChange={(event) => setFresh(event.target.value)}
      />
      <Field
        label={t`Le nouveau, encore`}
        type="password"
        autoComplete="new-password"
        required
        value={again}
        onChange={(event) => setAgain(event.target.value)}
      />
      {differs ? (
        <p className="late" role="alert">
          <Trans>Les deux ne sont pas les mêmes.</Trans>
        </p>
      ) : null}
      <Problem of={change.error} />
      <div className={classes.row}>
        <Button tone="go" type="submit" disabled={change.isPending || differs}>
          <Trans>Changer</Trans>
        </Button>
      </div>
    </form>
  );
}
