import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice, Field } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { SiteFile } from "./siteFile";
import classes from "./dossier.module.css";

type Which = "contact" | "instruction" | "test" | null;

/** What an operator may change at night: a provisional contact, a temporary consigne, an on-test. */
export function NightForms({ file }: { file: SiteFile }) {
  const [which, setWhich] = useState<Which>(null);
  const toggle = (name: Which): void => setWhich(which === name ? null : name);
  const may = (verb: string): boolean => file.abilities.includes(verb);
  return (
    <>
      <div className={classes.acts}>
        {may("contacts") ? (
          <Button onClick={() => toggle("contact")}>
            <Trans>Ajouter un destinataire…</Trans>
          </Button>
        ) : null}
        {may("instructions") ? (
          <Button onClick={() => toggle("instruction")}>
            <Trans>Consigne temporaire…</Trans>
          </Button>
        ) : null}
        {may("on-test") ? (
          <Button onClick={() => toggle("test")}>
            <Trans>Mettre en essai…</Trans>
          </Button>
        ) : null}
      </div>
      {which === "contact" ? <ContactForm file={file} done={() => setWhich(null)} /> : null}
      {which === "instruction" ? <InstructionForm file={file} done={() => setWhich(null)} /> : null}
      {which === "test" ? <TestForm file={file} done={() => setWhich(null)} /> : null}
    </>
  );
}

interface FormProps {
  file: SiteFile;
  done: () => void;
}

function useSite({ file, done }: FormProps): (path: string, body: Record<string, unknown>) => Promise<void> {
  const client = useQueryClient();
  return async (path, body) => {
    try {
      await api.post(`/api/sites/${file.site.id}/${path}`, body);
      await client.invalidateQueries({ queryKey: ["site", file.site.id] });
      done();
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
}

function ContactForm(props: FormProps) {
  const { t } = useLingui();
  const post = useSite(props);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [motif, setMotif] = useState("");
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    void post("contacts", { name, phone, motif: motif || null });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Field
        label={t`Nom`}
        required
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Field label={t`Téléphone`} required value={phone} onChange={(event) => setPhone(event.target.value)} />
      <Field
        label={t`Vérifié comment`}
        required
        value={motif}
        onChange={(event) => setMotif(event.target.value)}
      />
      <Button type="submit" tone="go">
        <Trans>Ajouter, provisoire</Trans>
      </Button>
    </form>
  );
}

function InstructionForm(props: FormProps) {
  const { t } = useLingui();
  const post = useSite(props);
  const [text, setText] = useState("");
  const [hours, setHours] = useState("12");
  const [by, setBy] = useState("");
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const until = new Date(now() + Number(hours) * 3_600_000).toISOString();
    void post("instructions", { text, valid_until: until, asked_by: by });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Field
        label={t`Consigne`}
        required
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Field label={t`Demandée par`} required value={by} onChange={(event) => setBy(event.target.value)} />
      <Field
        label={t`Pendant (heures)`}
        required
        inputMode="numeric"
        pattern="\d{1,3}"
        value={hours}
        onChange={(event) => setHours(event.target.value)}
      />
      <Button type="submit" tone="go">
        <Trans>Inscrire</Trans>
      </Button>
    </form>
  );
}

const TEST_MINUTES = [15, 30, 60, 120, 240] as const;

function TestForm(props: FormProps) {
  const { t } = useLingui();
  const post = useSite(props);
  const [minutes, setMinutes] = useState("60");
  const [contact, setContact] = useState("");
  const [by, setBy] = useState("");
  const [typed, setTyped] = useState("");
  const [area, setArea] = useState("");
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const until = new Date(now() + Number(minutes) * 60_000).toISOString();
    void post("on-test", {
      scope: { panel: null, areas: area === "" ? null : [area], zones: null },
      until,
      asked_by: by,
      contact_id: contact === "" ? null : Number(contact),
      typed: typed || null,
    });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Choice label={t`Portée`} value={area} onChange={(event) => setArea(event.target.value)} autoFocus>
        <option value="">{t`tout le site`}</option>
        {props.file.areas.map((each) => (
          <option key={each.number} value={each.number}>
            {each.name ?? t`secteur ${each.number}`}
          </option>
        ))}
      </Choice>
      <Choice label={t`Durée`} value={minutes} onChange={(event) => setMinutes(event.target.value)}>
        {TEST_MINUTES.map((value) => (
          <option key={value} value={value}>
            {t`${value} min`}
          </option>
        ))}
      </Choice>
      <Field label={t`Demandé par`} required value={by} onChange={(event) => setBy(event.target.value)} />
      <Choice label={t`Destinataire`} value={contact} onChange={(event) => setContact(event.target.value)}>
        <option value="">—</option>
        {props.file.contacts.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </Choice>
      <Field
        label={t`Mot entendu`}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" tone="go">
        <Trans>Mettre en essai</Trans>
      </Button>
    </form>
  );
}
