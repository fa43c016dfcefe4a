import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { useRefreshMe } from "../../app/session";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import classes from "./login.module.css";

/** Whether this centre is the demonstration: the server writes it into the page (web/static.py). */
const isDemo = (): boolean =>
  document.querySelector<HTMLMetaElement>("meta[name=veilleur-demo]")?.content === "yes";

/** Identification, before anything else. */
export function LoginPage() {
  const { t } = useLingui();
  const refresh = useRefreshMe();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => api.post("/api/login", { login, password }),
    onSuccess: refresh,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={submit}>
        <div className={classes.brand}>
          <img src="/veilleur.svg" alt="" />
          Veilleur
        </div>
        <h1>
          <Trans>Connexion</Trans>
        </h1>
        {isDemo() ? (
          <p className={classes.demo}>
            <Trans>DÉMONSTRATION – ville fictive, à son heure à elle.</Trans>
          </p>
        ) : null}
        <Field
          label={t`Identifiant`}
          name="login"
          autoComplete="username"
          autoFocus
          required
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
        <Field
          label={t`Mot de passe`}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Problem of={enter.error} />
        <Button tone="go" type="submit" hotkey="Enter" disabled={enter.isPending}>
          <Trans>Se connecter</Trans>
        </Button>
      </form>
    </main>
  );
}
