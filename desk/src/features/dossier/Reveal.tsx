import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import type { CallView } from "../../core/handling";
import { Button } from "../../ui/Button";
import { tell } from "../shell/ui";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** ms: a revealed word leaves the screen by itself. */
const SHOWN = 12_000;

interface Words {
  name: string;
  code_word: string | null;
  duress_word: string | null;
}

/** The second choice of P6: seeing the word. Traced, and hidden again by itself. */
export function Reveal({ call, send }: { call: CallView; send: Send }) {
  const [words, setWords] = useState<Words | null>(null);
  useEffect(() => {
    if (words === null) {
      return undefined;
    }
    const timer = setTimeout(() => setWords(null), SHOWN);
    return () => clearTimeout(timer);
  }, [words]);
  const reveal = async (): Promise<void> => {
    try {
      setWords(await api.post<Words>(`/api/calls/${call.id}/reveal`));
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
  if (words === null) {
    return (
      <Button tone="plain" onClick={() => void reveal()}>
        <Trans>Voir le mot (tracé)</Trans>
      </Button>
    );
  }
  return (
    <span className={classes.revealed}>
      <b>{words.code_word ?? "—"}</b>
      {words.duress_word ? (
        <span className="dim">
          <Trans>contrainte : {words.duress_word}</Trans>
        </span>
      ) : null}
      <Button onClick={() => void send(`/api/calls/${call.id}/word`, { verdict: "right" })}>
        <Trans>Juste</Trans>
      </Button>
      <Button onClick={() => void send(`/api/calls/${call.id}/word`, { verdict: "wrong" })}>
        <Trans>Faux</Trans>
      </Button>
    </span>
  );
}
