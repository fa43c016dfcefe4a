import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { api, ApiError } from "../../api/client";
import type { CallView } from "../../core/handling";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Problem } from "../../ui/parts";
import { showInPane } from "../../ui/scroll";
import { setUi, ui } from "../shell/ui";
import { CallBackChoice, useCallBack } from "./CallBackChoice";
import { useComeBack } from "./keepFocus";
import { TestForm } from "./TestForm";
import type { SiteFile } from "./siteFile";
import { useDraft } from "./useDraft";
import classes from "./dossier.module.css";

type Which = "contact" | "instruction" | "test" | null;

/** What an operator may change at night: a provisional contact, a temporary consigne, an on-test. */
export function NightForms({ file, calls }: { file: SiteFile; calls: readonly CallView[] }) {
  const [chosen, setChosen] = useState<Which>(null);
  const asked = useSyncExternalStore(ui.subscribe, () => ui.get().testing);
  const caller = calls.find((call) => call.id === asked && call.identified && call.result !== null) ?? null;
  const which = chosen ?? (caller && file.abilities.includes("on-test") ? "test" : null);
  const turn = (name: Which): void => {
    setChosen(name);
    setUi({ testing: null });
  };
  const toggle = (name: Which): void => turn(which === name ? null : name);
  const close = (): void => turn(null);
  useEscape(which === null ? null : close);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => showInPane(which === null ? null : box.current, "nearest"), [which]);
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
      <div ref={box}>
        {which === "contact" ? <ContactForm file={file} calls={calls} done={close} /> : null}
        {which === "instruction" ? <InstructionForm file={file} calls={calls} done={close} /> : null}
        {which === "test" ? (
          <TestForm key={caller?.id} file={file} calls={calls} caller={caller} done={close} />
        ) : null}
      </div>
    </>
  );
}

export interface FormProps {
  file: SiteFile;
  /** Calls of this site, ours and his: what is asked may rest on them. */
  calls: readonly CallView[];
  done: () => void;
}

/** Sends a form of the site; a refusal is told beside the form that it concerns. */
export function useSite({ file, done }: Pick<FormProps, "file" | "done">): {
  post: (path: string, body: Record<string, unknown>) => Promise<string | null>;
  problem: unknown;
} {
  const client = useQueryClient();
  const [problem, setProblem] = useState<unknown>(null);
  const post = async (path: string, body: Record<string, unknown>): Promise<string | null> => {
    setProblem(null);
    try {
      await api.post(`/api/sites/${file.site.id}/${path}`, body);
      await client.invalidateQueries({ queryKey: ["site", file.site.id] });
      done();
      return null;
    } catch (failure) {
      setProblem(failure);
      return failure instanceof ApiError ? failure.code : "error";
    }
  };
  return { post, problem };
}

function ContactForm(props: FormProps) {
  const { t } = useLingui();
  const { post, problem } = useSite(props);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [motif, setMotif] = useState("");
  const [back, setBack] = useCallBack(props.calls);
  const form = useRef<HTMLFormElement>(null);
  useComeBack(form, props.calls);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    void post("contacts", { name, phone, motif: motif || null, call_id: back });
  };
  return (
    <form ref={form} className={classes.form} onSubmit={submit}>
      <Field
        label={t`Nom`}
        required
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Field label={t`Téléphone`} required value={phone} onChange={(event) => setPhone(event.target.value)} />
      <CallBackChoice calls={props.calls} chosen={back} choose={setBack} file={props.file} />
      <Field
        label={t`Vérifié comment`}
        required={back === null}
        value={motif}
        onChange={(event) => setMotif(event.target.value)}
      />
      <Problem of={problem} />
      <Button type="submit" tone="go">
        <Trans>Ajouter, provisoire</Trans>
      </Button>
    </form>
  );
}

function InstructionForm(props: FormProps) {
  const { t } = useLingui();
  const { post, problem } = useSite(props);
  const [text, setText, forgetText] = useDraft(`site:${props.file.site.id}:instruction`);
  const [hours, setHours] = useState("12");
  const [by, setBy, forgetBy] = useDraft(`site:${props.file.site.id}:instruction_by`);
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const until = new Date(now() + Number(hours) * 3_600_000).toISOString();
    if ((await post("instructions", { text, valid_until: until, asked_by: by })) === null) {
      forgetText();
      forgetBy();
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
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
      <Problem of={problem} />
      <Button type="submit" tone="go">
        <Trans>Inscrire</Trans>
      </Button>
    </form>
  );
}
