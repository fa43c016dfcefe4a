import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type KeyboardEvent } from "react";
import { word } from "../../app/i18n";
import { can, useMe } from "../../app/session";
import { Button } from "../../ui/Button";
import { Empty, Heading, Problem } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { useAccounts, type Account } from "./accounts";
import { NewPerson } from "./NewPerson";
import classes from "./people.module.css";
import { PersonCard } from "./PersonCard";
import { Posts } from "./Posts";

/** People and posts: who works here, with which roles, titles and bounds. Each change is an entry. */
export function PeoplePage() {
  const { t } = useLingui();
  return <Frame page={t`Personnes et postes`}>{() => <People />}</Frame>;
}

function People() {
  const { t } = useLingui();
  const me = useMe();
  const asked = useAccounts();
  const [chosen, setChosen] = useState<number | "new" | null>(null);
  if (!can(me, "account.read")) {
    return (
      <main className={shell.page}>
        <Empty title={<Trans>Cette page est celle des chefs de salle et des administrateurs.</Trans>} />
      </main>
    );
  }
  const people = asked.data ?? [];
  const person = people.find((each) => each.id === chosen) ?? null;
  return (
    <main className={`${shell.page} ${classes.page}`}>
      <div className={classes.side}>
        <section className={classes.list} aria-label={t`Personnes`}>
          <Heading
            aside={
              can(me, "people.manage") ? (
                <Button onClick={() => setChosen("new")}>
                  <Trans>Ajouter</Trans>
                </Button>
              ) : null
            }
          >
            <Trans>Personnes · {people.filter((each) => !each.disabled_at).length}</Trans>
          </Heading>
          <Problem of={asked.error} />
          <ul onKeyDown={moveFocus}>
            {people.map((each) => (
              <Line key={each.id} person={each} on={each.id === chosen} onChoose={() => setChosen(each.id)} />
            ))}
          </ul>
        </section>
        <Posts manage={can(me, "post.create")} />
      </div>
      {chosen === "new" ? <NewPerson onDone={setChosen} /> : null}
      {person ? <PersonCard key={person.id} person={person} /> : null}
      {person === null && chosen !== "new" ? (
        <section className={classes.card}>
          <Empty title={<Trans>Choisissez une personne</Trans>}>
            <Trans>Ses rôles, ses titres, son périmètre et son mot de passe se règlent ici.</Trans>
          </Empty>
        </section>
      ) : null}
    </main>
  );
}

/** Arrows move from line to line. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const lines = [...event.currentTarget.querySelectorAll("button")];
  const at = lines.findIndex((line) => line === document.activeElement);
  if (step !== 0 && at >= 0) {
    event.preventDefault();
    lines[at + step]?.focus();
  }
}

function Line({ person, on, onChoose }: { person: Account; on: boolean; onChoose: () => void }) {
  const { t } = useLingui();
  const months = person.titles.flatMap((title) => (title.months_left === null ? [] : [title.months_left]));
  const usable = person.titles.some((title) => title.state === "valid" || title.state === "renewing");
  const works = person.roles.some((role) => role === "operator" || role === "lead");
  return (
    <li>
      <button type="button" aria-pressed={on} onClick={onChoose} data-closed={person.disabled_at !== null}>
        <b>{person.name}</b>
        <span className="dim">{person.roles.map((role) => word("role", role)).join(", ")}</span>
        <span className={classes.marks}>
          {person.disabled_at ? <span className={classes.mark}>{t`compte fermé`}</span> : null}
          {person.post ? <span className={classes.mark}>{person.post}</span> : null}
          {works && !usable && !person.disabled_at ? (
            <span className={classes.bad}>{t`sans titre valable`}</span>
          ) : null}
          {usable && months.length > 0 ? (
            <span className={classes.warn}>{t`titre : moins de ${Math.min(...months)} mois`}</span>
          ) : null}
        </span>
      </button>
    </li>
  );
}
