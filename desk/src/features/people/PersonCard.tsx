import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { zone } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/parts";
import { Reasoned } from "../room/Reasoned";
import { ROLES, useSend, type Account, type Send } from "./accounts";
import { Checks } from "./Checks";
import classes from "./people.module.css";
import { Perimeter } from "./Perimeter";
import { Titles } from "./Titles";

/** One person: titles for the chef and the administrator; roles, bounds, password and closing for the latter. */
export function PersonCard({ person }: { person: Account }) {
  const me = useMe();
  const send = useSend();
  const manage = can(me, "people.manage");
  const path = `/accounts/${person.id}`;
  return (
    <section className={classes.card} aria-label={person.name}>
      <header>
        <h2>{person.name}</h2>
        <p className="dim">
          {person.login}
          {person.disabled_at ? (
            <>
              {" · "}
              <Trans>compte fermé le {dateTime(person.disabled_at, zone.get())}</Trans>
            </>
          ) : null}
        </p>
      </header>
      <Titles person={person} send={send} manage={can(me, "title.manage")} />
      <Roles
        person={person}
        manage={manage}
        onSend={(roles, said) => send(`${path}/roles`, { roles }, said)}
      />
      <Perimeter person={person} manage={manage} send={send} />
      {manage ? <Password path={path} send={send} /> : null}
      {manage ? <Closing person={person} path={path} send={send} /> : null}
    </section>
  );
}

interface RolesProps {
  person: Account;
  manage: boolean;
  onSend: (roles: readonly string[], said: string) => Promise<boolean>;
}

function Roles({ person, manage, onSend }: RolesProps) {
  const { t } = useLingui();
  const [roles, setRoles] = useState<readonly string[]>(person.roles);
  const changed = [...roles].sort().join() !== [...person.roles].sort().join();
  return (
    <div className={classes.part}>
      <fieldset disabled={!manage} className={classes.bare}>
        <Checks label={t`Rôles`} list="role" of={ROLES} value={roles} onChange={setRoles} />
      </fieldset>
      {changed ? (
        <div className={classes.row}>
          <Button
            tone="go"
            disabled={roles.length === 0}
            onClick={() =>
              void onSend(roles, t`Rôles changés`).then((done) => done || setRoles(person.roles))
            }
          >
            <Trans>Changer les rôles</Trans>
          </Button>
          <Button tone="plain" onClick={() => setRoles(person.roles)}>
            <Trans>Annuler</Trans>
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Password({ path, send }: { path: string; send: Send }) {
  const { t } = useLingui();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const said = t`Mot de passe donné ; les sessions de la personne sont fermées`;
    void send(`${path}/password`, { password }, said).then((done) => done && setPassword(""));
  };
  return (
    <form className={`${classes.part} ${classes.inline}`} onSubmit={submit}>
      <Field
        label={t`Donner un nouveau mot de passe (12 caractères ou plus)`}
        type="password"
        value={password}
        minLength={12}
        required
        autoComplete="new-password"
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit">
        <Trans>Donner</Trans>
      </Button>
    </form>
  );
}

function Closing({ person, path, send }: { person: Account; path: string; send: Send }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const closed = person.disabled_at !== null;
  const verb = closed ? "enable" : "disable";
  const said = closed ? t`Compte rouvert` : t`Compte fermé, sessions comprises`;
  return (
    <div className={classes.part}>
      {asking ? (
        <Reasoned
          label={closed ? t`Pourquoi rouvrir ce compte` : t`Pourquoi fermer ce compte`}
          onDone={() => setAsking(false)}
          onSend={(reason) => send(`${path}/${verb}`, { reason }, said)}
        />
      ) : (
        <Button tone={closed ? "normal" : "warn"} onClick={() => setAsking(true)}>
          {closed ? <Trans>Rouvrir le compte</Trans> : <Trans>Fermer le compte</Trans>}
        </Button>
      )}
    </div>
  );
}
