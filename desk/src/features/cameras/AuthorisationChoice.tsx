import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { day } from "../../core/time";
import { Choice } from "../../ui/parts";
import { AUTHORISATIONS, type Line } from "./AuthorisationForms";

/** The préfet's authorisation of a camera, by its number and its dates, among those that are declared. */
export function AuthorisationChoice(props: { value: string; onChoose: (reference: string) => void }) {
  const known = useQuery({
    queryKey: AUTHORISATIONS,
    queryFn: () => api.get<Line[]>("/api/authorisations"),
  });
  const lines = known.data ?? [];
  if (known.isSuccess && lines.length === 0) {
    return (
      <p className="soon">
        <Trans>
          Aucune autorisation préfectorale n’est déclarée : ajoutez-la au bas de la page Caméras, puis revenez
          à cette caméra.
        </Trans>
      </p>
    );
  }
  return (
    <Choice
      label={t`Autorisation préfectorale`}
      value={props.value}
      required
      onChange={(event) => props.onChoose(event.target.value)}
    >
      <option value="">{t`à choisir`}</option>
      {lines.map((line) => (
        <option key={line.id} value={line.reference} disabled={line.stage === "ended"}>
          {datesOf(line)} · {line.system}
        </option>
      ))}
    </Choice>
  );
}

/** «n° 2024-118, du 01/01/2024 au 01/01/2029». */
function datesOf({ number, granted_on: from, expires_on: until }: Line): string {
  const end = day(until);
  return from === null ? t`n° ${number}, jusqu’au ${end}` : t`n° ${number}, du ${day(from)} au ${end}`;
}
