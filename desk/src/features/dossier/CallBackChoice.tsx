import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { CallView } from "../../core/handling";
import { phone } from "../../core/phone";
import { hourMinute } from "../../core/time";
import { now } from "../../live/hooks";
import { Choice } from "../../ui/parts";
import type { SiteFile } from "./siteFile";

/** ms: an older call proves nothing about what is asked now (features/sites/evidence.py). */
const FRESH = 3_600_000;

/** What proves nothing of a request (features/sites/evidence.py). */
const REFUTING: readonly (string | null)[] = ["offence", "denied", "unclear"];

/** Our calls of the last hour that reached somebody who identified himself and did not deny, the latest first. */
export function callBacks(calls: readonly CallView[], at: number): CallView[] {
  return calls
    .filter((call) => call.direction === "out" && call.identified && call.undone_at === null)
    .filter((call) => !REFUTING.includes(call.understood))
    .filter((call) => at - Date.parse(call.started_at) < FRESH)
    .reverse();
}

/** The identified customer who telephoned, if any. */
export function incomingOf(calls: readonly CallView[]): number | null {
  const asks = (call: CallView): boolean =>
    call.direction === "in" && call.identified && !REFUTING.includes(call.understood);
  return calls.findLast(asks)?.id ?? null;
}

/** The call-back that a change rests on: the latest, until another or none is chosen. */
export function useCallBack(calls: readonly CallView[]): [number | null, (id: number | null) => void] {
  const [chosen, setChosen] = useState<number | null | undefined>(undefined);
  const latest = callBacks(calls, now())[0]?.id ?? null;
  return [chosen === undefined ? latest : chosen, setChosen];
}

interface Props {
  calls: readonly CallView[];
  chosen: number | null;
  choose: (id: number | null) => void;
  file: SiteFile;
}

/** Names the call-back to a registered number: at night the change rests on it (P10; «contact changes at night»). */
export function CallBackChoice({ calls, chosen, choose, file }: Props) {
  const { t } = useLingui();
  const made = callBacks(calls, now());
  if (made.length === 0) {
    return (
      <p className="dim">
        <Trans>
          Aucun contre-appel identifié depuis une heure : la nuit, appelez d’abord un numéro inscrit ci-dessus
          et faites dire le mot de passe.
        </Trans>
      </p>
    );
  }
  return (
    <Choice
      label={t`Contre-appel fait`}
      value={chosen ?? ""}
      onChange={(event) => choose(event.target.value === "" ? null : Number(event.target.value))}
    >
      {made.map((call) => (
        <option key={call.id} value={call.id}>
          {[
            hourMinute(call.started_at, file.site.timezone),
            call.person ?? call.label,
            call.number ? phone(call.number) : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </option>
      ))}
      <option value="">{t`aucun`}</option>
    </Choice>
  );
}
