/** What says that something of a site has moved: pure. The site's file is then asked again (U16). */
import type { World } from "./reduce";

/**
 * A word that changes whenever the stream tells of this site: its last line of the main courante, and the versions of
 * its dossiers and tests (who does not read the main courante still hears of those).
 */
export function lastMove(world: World, siteId: number): string {
  let move = world.lines.find((line) => line.site?.id === siteId)?.id ?? 0;
  for (const { version, view } of [...world.incidents.values(), ...world.tests.values()]) {
    if (view?.site.id === siteId) {
      move = Math.max(move, version);
    }
  }
  const open = [...world.incidents.values()].filter(({ view }) => view?.site.id === siteId).length;
  const tests = [...world.tests.values()].filter(({ view }) => view?.site.id === siteId).length;
  return `${move}:${open}:${tests}`;
}
