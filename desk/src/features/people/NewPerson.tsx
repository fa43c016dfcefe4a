import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { Choice, Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import { ROLES } from "./accounts";
import { Checks } from "./Checks";
import classes from "./people.module.css";

/** A person who joins: an account, then his titles on his card. */
export function NewPerson({ onDone }: { onDone: (id: number | null) => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [form, setForm] = useState({ login: "", name: "", password: "", language: "fr" });
  const [roles, setRoles] = useState<readonly string[]>(["operator"]);
  const add = useMutation({
    mutationFn: () => api.post<{ id: number }>("/api/accounts", { ...form, roles }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["accounts"] });
      tell(t`Compte créé : ${form.name}`);
      onDone(id);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm((held) => ({ ...held, [field]: event.target.value }));
  return (
    <section className={classes.card} aria-label={t`Nouvelle personne`}>
      <h2>
        <Trans>Nouvelle personne</Trans>
      </h2>
      <form className={classes.form} onSubmit={submit}>
        <Field label={t`Prénom et nom`} value={form.name} onChange={set("name")} required autoFocus />
        <Field
          label={t`Identifiant`}
          value={form.login}
          onChange={set("login")}
          required
          autoComplete="off"
        />
        <Checks label={t`Rôles`} list="role" of={ROLES} value={roles} onChange={setRoles} />
        <Field
          label={t`Premier mot de passe (12 caractères ou plus)`}
          type="password"
          value={form.password}
          onChange={set("password")}
          minLength={12}
          required
          autoComplete="new-password"
        />
        <Choice label={t`Langue`} value={form.language} onChange={set("language")}>
          <option value="fr">Français</option>
          <option value="en">English</option>
        </Choice>
        <p className="dim">
          <Trans>
            La personne change ce mot de passe sur sa page «Mon compte». Ses titres se notent ensuite.
          </Trans>
        </p>
        <Problem of={add.error} />
        <div className={classes.row}>
          <Button tone="go" type="submit" disabled={add.isPending || roles.length === 0}>
            <Trans>Créer le compte</Trans>
          </Button>
          <Button tone="plain" onClick={() => onDone(null)}>
            <Trans>Annuler</Trans>
          </Button>
        </div>
      </form>
    </section>
  );
}
