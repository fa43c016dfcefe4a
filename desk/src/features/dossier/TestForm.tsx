import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import type { CallView } from "../../core/handling";
import { now } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { Choice, Field, Problem } from "../../ui/parts";
import { paneOf, showInPane } from "../../ui/scroll";
import { tell } from "../shell/ui";
import { CallBackChoice, incomingOf, useCallBack } from "./CallBackChoice";
import { useComeBack } from "./keepFocus";
import { useSite, type FormProps } from "./NightForms";
import type { SiteFile, SiteTest } from "./siteFile";
import { scopeBody, TestScope, WHOLE, type Scoped } from "./TestScope";
import classes from "./dossier.module.css";

const TEST_MINUTES = [15, 30, 60, 120, 240] as const;

interface Asked {
  scope: Scoped;
  minutes: string;
  by: string;
  contact: string;
  typed: string;
  login: string;
  password: string;
}

/** What is already known of who asks: the caller whose word was right. */
function askedBy(caller: CallView | null, file: SiteFile): Pick<Asked, "by" | "contact"> {
  if (caller === null) {
    return { by: "", contact: "" };
  }
  const known = file.contacts.find((each) => each.name === caller.person)?.id ?? caller.contact_id;
  return { by: caller.person ?? caller.label, contact: known === null ? "" : String(known) };
}

/**
 * En essai: scope, hour, who asks, the word heard; a second person when the rule asks for one (P10). `test`: a running
 * one is made longer, with the same evidence.
 */
export function TestForm(props: FormProps & { caller: CallView | null; test?: SiteTest }) {
  const { t } = useLingui();
  const { post, problem } = useSite(props);
  const [second, setSecond] = useState(false);
  const [back, setBack] = useCallBack(props.calls);
  const [asked, setAsked] = useState<Asked>({
    scope: WHOLE,
    minutes: "60",
    typed: "",
    login: "",
    password: "",
    ...askedBy(props.caller, props.file),
  });
  const set = (change: Partial<Asked>): void => setAsked((held) => ({ ...held, ...change }));
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const pane = form.current === null ? null : paneOf(form.current);
    const path = props.test ? `on-test/${props.test.id}/extend` : "on-test";
    const refusal = await post(path, {
      ...(props.test ? {} : { scope: scopeBody(asked.scope) }),
      ...body(asked, second),
      call_id: props.caller?.id ?? incomingOf(props.calls),
      call_back_id: back,
    });
    if (refusal === "second_person_needed") {
      setSecond(true);
    }
    if (refusal === null) {
      tell(props.test ? t`Essai prolongé.` : t`Mis en essai : ses signaux sont notés, pas traités.`);
      pane?.scrollTo({ top: 0 }); // where the test stands, with its hour
    }
  };
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => showRefusal(form.current), [problem, second]);
  useComeBack(form, props.calls);
  return (
    <form
      ref={form}
      className={classes.form}
      aria-label={props.test ? t`Prolongation de l’essai` : t`Mise en essai`}
      onSubmit={(event) => void submit(event)}
    >
      {props.test ? null : (
        <TestScope file={props.file} scope={asked.scope} set={(scope) => set({ scope })} />
      )}
      <Choice
        label={t`Durée`}
        value={asked.minutes}
        onChange={(event) => set({ minutes: event.target.value })}
      >
        {TEST_MINUTES.map((value) => (
          <option key={value} value={value}>
            {t`${value} min`}
          </option>
        ))}
      </Choice>
      <Field
        label={t`Demandé par`}
        required
        value={asked.by}
        onChange={(event) => set({ by: event.target.value })}
      />
      <Choice
        label={t`Destinataire`}
        value={asked.contact}
        onChange={(event) => set({ contact: event.target.value })}
      >
        <option value="">—</option>
        {props.file.contacts.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </Choice>
      {props.caller ? (
        <p className="dim">
          <Trans>Mot de passe juste au téléphone : {props.caller.person ?? props.caller.label}</Trans>
        </p>
      ) : (
        <Field
          label={t`Mot entendu`}
          autoComplete="off"
          value={asked.typed}
          onChange={(event) => set({ typed: event.target.value })}
        />
      )}
      <CallBackChoice calls={props.calls} chosen={back} choose={setBack} file={props.file} />
      {second ? <Second asked={asked} set={set} /> : null}
      <Problem of={problem} />
      <Button type="submit" tone="go">
        {props.test ? <Trans>Prolonger l’essai</Trans> : <Trans>Mettre en essai</Trans>}
      </Button>
    </form>
  );
}

/** A refusal is seen, with the field it asks for; the button that sends again stays in sight below it. */
function showRefusal(form: HTMLFormElement | null): void {
  const said = form?.querySelector<HTMLElement>("[role=alert]") ?? null;
  const asked = form?.querySelector<HTMLElement>("[data-second]") ?? null;
  if (form === null || said === null) {
    return;
  }
  if (asked instanceof HTMLInputElement && asked.value === "") {
    asked.focus({ preventScroll: true });
  }
  showInPane(form.querySelector("[type=submit]"), "nearest");
  showInPane(asked ?? said, "nearest");
}

function body(asked: Asked, second: boolean): Record<string, unknown> {
  return {
    until: new Date(now() + Number(asked.minutes) * 60_000).toISOString(),
    asked_by: asked.by,
    contact_id: asked.contact === "" ? null : Number(asked.contact),
    typed: asked.typed || null,
    second: second ? { login: asked.login, password: asked.password } : null,
  };
}

interface PartProps {
  asked: Asked;
  set: (change: Partial<Asked>) => void;
}

/** A colleague or the chef de salle agrees, at this screen, with his own password. */
function Second({ asked, set }: PartProps) {
  const { t } = useLingui();
  return (
    <>
      <Field
        label={t`Seconde personne : identifiant`}
        data-second
        required
        autoComplete="off"
        value={asked.login}
        onChange={(event) => set({ login: event.target.value })}
      />
      <Field
        label={t`Son mot de passe`}
        required
        type="password"
        autoComplete="off"
        value={asked.password}
        onChange={(event) => set({ password: event.target.value })}
      />
    </>
  );
}
