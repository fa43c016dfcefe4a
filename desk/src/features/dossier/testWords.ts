/** What a test covers, in the words of its site's file. */
import type { SiteFile, SiteTest } from "./siteFile";

/** Which areas or points; null for the whole site. */
export function scopeText(test: SiteTest, file: SiteFile): string | null {
  const named = (list: unknown, name: (number: string) => string): string[] =>
    Array.isArray(list) ? list.map((each) => name(String(each))) : [];
  const words = [
    ...named(test.scope.areas, (number) => areaText(file, number)),
    ...named(test.scope.zones, (number) => zoneText(file, number)),
  ];
  return words.length > 0 ? words.join(", ") : null;
}

const same = (one: string, other: string): boolean =>
  one === other || (/^\d+$/.test(one) && /^\d+$/.test(other) && Number(one) === Number(other));

export function areaText(file: SiteFile, number: string): string {
  return file.areas.find((area) => same(area.number, number))?.name ?? `S${number}`;
}

function zoneText(file: SiteFile, number: string): string {
  const zone = file.zones.find((each) => same(each.number, number));
  return zone ? [zone.number, zone.name].filter(Boolean).join(" ") : number;
}
