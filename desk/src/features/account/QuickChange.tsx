import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { useMe, useRefreshMe } from "../../app/session";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import classes from "./account.module.css";

/** A colleague sits down: the post, its alarms and its dossiers pass to him, ringing all the while. */
export function QuickChange() {
  const { t } = useLingui();
  const me = useMe();
  const refresh = useRefreshMe();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => api.post("/api/quick-change", { login, password }),
    onSuccess: async () => {
      setLogin("");
      setPassword("");
      await refresh();
      tell(t`Le poste a changé d’opérateur`);
    },
  });
  if (me.post === null) {
    return (
      <p className="dim">
        <Trans>Possible depuis un poste tenu.</Trans>
      </p>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <p className="dim">
        <Trans>
          Le collègue s’identifie ici : le poste, sa sonnerie et ses dossiers passent à lui sans s’arrêter.
        </Trans>
      </p>
      <Field
        label={t`Identifiant du collègue`}
        value={login}
        autoComplete="off"
        required
        onChange={(event) => setLogin(event.target.value)}
      />
      <Field
        label={t`Son mot de passe`}
        type="password"
        value={password}
        autoComplete="off"
        required
        onChange={(event) => setPassword(event.target.value)}
      />
      <Problem of={change.error} />
      <div className={classes.row}>
        <Button tone="go" type="submit" disabled={change.isPending}>
          <Trans>Passer le poste</Trans>
        </Button>
      </div>
    </form>
  );
}
