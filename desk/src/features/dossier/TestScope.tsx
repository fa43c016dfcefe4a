import { useLingui } from "@lingui/react/macro";
import { Choice } from "../../ui/parts";
import type { SiteFile } from "./siteFile";
import { areaText } from "./testWords";
import site from "./site.module.css";

/** What is put on test: the whole site, some areas, or some points by name (P10). */
export interface Scoped {
  what: "site" | "areas" | "zones";
  chosen: readonly string[];
}

export const WHOLE: Scoped = { what: "site", chosen: [] };

/** As the server takes it: null for all. */
export const scopeBody = ({ what, chosen }: Scoped): Record<string, unknown> => ({
  panel: null,
  areas: what === "areas" ? chosen : null,
  zones: what === "zones" ? chosen : null,
});

interface Props {
  file: SiteFile;
  scope: Scoped;
  set: (scope: Scoped) => void;
}

export function TestScope({ file, scope, set }: Props) {
  const { t } = useLingui();
  const lists: Record<string, [string, string][]> = {
    site: [],
    areas: areasOf(file).map((number) => [number, areaText(file, number)]),
    zones: file.zones.map((zone) => [zone.number, [zone.number, zone.name].filter(Boolean).join(" ")]),
  };
  const offered = lists[scope.what] ?? [];
  const turn = (number: string): void =>
    set({
      ...scope,
      chosen: scope.chosen.includes(number)
        ? scope.chosen.filter((each) => each !== number)
        : [...scope.chosen, number],
    });
  return (
    <>
      <Choice
        label={t`Portée`}
        value={scope.what}
        onChange={(event) => set({ what: event.target.value as Scoped["what"], chosen: [] })}
        autoFocus
      >
        <option value="site">{t`tout le site`}</option>
        {lists.areas?.length ? <option value="areas">{t`des secteurs…`}</option> : null}
        {lists.zones?.length ? <option value="zones">{t`des points…`}</option> : null}
      </Choice>
      {offered.length > 0 ? (
        <fieldset className={site.checks}>
          <legend className="sr">{t`Ce qui est mis en essai`}</legend>
          {offered.map(([number, name], place) => (
            <label key={number}>
              <input
                type="checkbox"
                checked={scope.chosen.includes(number)}
                required={place === 0 && scope.chosen.length === 0}
                onChange={() => turn(number)}
              />
              {name}
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  );
}

/** Areas by the file, or by its points when it names none. */
function areasOf(file: SiteFile): string[] {
  const named = file.areas.map((area) => area.number);
  const told = file.zones.flatMap((zone) => (zone.area ? [zone.area] : []));
  return named.length > 0 ? named : [...new Set(told)];
}
