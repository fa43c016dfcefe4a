import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { useBounds, type Account, type Bound, type PerimeterView, type Send } from "./accounts";
import classes from "./people.module.css";

type Part = keyof PerimeterView;

/** What a person sees: the whole centre, or only some communes, customers, organisations. */
export function Perimeter({ person, manage, send }: { person: Account; manage: boolean; send: Send }) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<PerimeterView | null>(null);
  const shown = draft ?? person.perimeter;
  const bounds = useBounds(manage && draft !== null).data;
  const names: [Part, string, readonly Bound[]][] = [
    ["communes", t`Communes`, bounds?.communes ?? []],
    ["customers", t`Abonnés`, bounds?.customers ?? []],
    ["organisations", t`Organisations`, (bounds?.organisations ?? []).map((name) => ({ key: name, name }))],
  ];
  const bounded = names.filter(([part]) => shown[part] !== null);
  const save = (): void =>
    void send(`/accounts/${person.id}/perimeter`, shown, t`Périmètre changé`).then(
      (done) => done && setDraft(null),
    );
  return (
    <div className={classes.part}>
      <h3>
        <Trans>Périmètre</Trans>
      </h3>
      {draft === null ? (
        <div className={classes.row}>
          <span>
            {bounded.length === 0 ? <Trans>Tout le centre</Trans> : null}
            {bounded.map(([part, name]) => (
              <span key={part} className={classes.bound}>
                {name} : {shown[part]?.join(", ") || t`aucun`}
              </span>
            ))}
          </span>
          {manage ? (
            <Button tone="plain" onClick={() => setDraft(person.perimeter)}>
              <Trans>Changer</Trans>
            </Button>
          ) : null}
        </div>
      ) : (
        <>
          {names.map(([part, name, known]) => (
            <Bounded
              key={part}
              name={name}
              known={known}
              value={shown[part]}
              onChange={(value) => setDraft({ ...shown, [part]: value })}
            />
          ))}
          <div className={classes.row}>
            <Button tone="go" onClick={save}>
              <Trans>Enregistrer le périmètre</Trans>
            </Button>
            <Button tone="plain" onClick={() => setDraft(null)}>
              <Trans>Annuler</Trans>
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

interface BoundedProps {
  name: string;
  known: readonly Bound[];
  value: string[] | null;
  onChange: (value: string[] | null) => void;
}

function Bounded({ name, known, value, onChange }: BoundedProps) {
  const { t } = useLingui();
  const [wanted, setWanted] = useState("");
  const list = known.filter((each) =>
    `${each.name} ${each.key}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <fieldset className={classes.checks}>
      <legend>{name}</legend>
      <label>
        <input
          type="checkbox"
          checked={value === null}
          onChange={(event) => onChange(event.target.checked ? null : [])}
        />
        <Trans>Sans limite</Trans>
      </label>
      {value === null ? null : (
        <div className={classes.choices}>
          {known.length > 12 ? (
            <input
              type="search"
              aria-label={t`Chercher dans ${name}`}
              placeholder={t`Chercher`}
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          ) : null}
          <ul>
            {list.slice(0, 200).map((each) => (
              <li key={each.key}>
                <label>
                  <input
                    type="checkbox"
                    checked={value.includes(each.key)}
                    onChange={(event) =>
                      onChange(
                        event.target.checked
                          ? [...value, each.key]
                          : value.filter((held) => held !== each.key),
                      )
                    }
                  />
                  {each.name} <span className="dim">{each.key === each.name ? "" : each.key}</span>
                </label>
              </li>
            ))}
          </ul>
          <span className={value.length === 0 ? "late" : "dim"}>
            {value.length === 0 ? (
              <Trans>Aucun choisi : la personne ne verrait rien.</Trans>
            ) : (
              <Plural value={value.length} one="# choisi" other="# choisis" />
            )}
          </span>
        </div>
      )}
    </fieldset>
  );
}
