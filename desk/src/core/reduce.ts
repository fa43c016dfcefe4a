/**
 * What the desk knows, and the one rule by which it changes: keep the view with the higher version; at an equal one
 * the later heard.
 * Repeats and disorder are harmless; a view of null is a tombstone (closed, or no longer in the perimeter).
 */
import { withHealth, type CameraView, type HealthTable } from "./cameras";
import type {
  Beat,
  ChainView,
  Gauge,
  IncidentRow,
  LogLine,
  OnTestView,
  PostView,
  Snapshot,
  StationView,
  StreamItem,
  Touched,
} from "./views";

export const LINES_KEPT = 300;

export interface Kept<T> {
  version: number;
  /** Position of the item or snapshot that brought it. */
  heard: number;
  view: T | null;
}

export interface World {
  /** The last position of the logbook this state holds. -1: no snapshot yet. */
  position: number;
  incidents: ReadonlyMap<number, Kept<IncidentRow>>;
  posts: ReadonlyMap<number, Kept<PostView>>;
  tests: ReadonlyMap<number, Kept<OnTestView>>;
  cameras: ReadonlyMap<number, Kept<CameraView>>;
  /** Health of the cameras that are not plainly online, as the last beat said. */
  health: HealthTable;
  gauge: Gauge | null;
  /** Newest first. */
  lines: readonly LogLine[];
  sealedAt: string | null;
  /** Posts whose screen is alive, as the last beat said. */
  livePosts: readonly number[];
  station: StationView | null;
  chain: ChainView | null;
}

export const EMPTY: World = {
  position: -1,
  incidents: new Map(),
  posts: new Map(),
  tests: new Map(),
  cameras: new Map(),
  health: null,
  gauge: null,
  lines: [],
  sealedAt: null,
  livePosts: [],
  station: null,
  chain: null,
};

/** The higher version; at an equal one what was heard later (the reader's rights may have changed). */
const replaces = (fresh: Kept<unknown>, held: Kept<unknown>): boolean =>
  fresh.version > held.version || (fresh.version === held.version && fresh.heard >= held.heard);

/** A table with one more view of an object, if that view is newer than the one held. */
function keep<T>(table: ReadonlyMap<number, Kept<T>>, id: number, kept: Kept<T>) {
  const held = table.get(id);
  return held && !replaces(kept, held) ? table : new Map(table).set(id, kept);
}

/** Lines newest first, each once; a sealed line replaces its unsealed self. */
export function mergeLines(held: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  const byId = new Map<number, LogLine>();
  for (const line of [...held, ...more]) {
    const known = byId.get(line.id);
    if (!known || known.position === null) {
      byId.set(line.id, line);
    }
  }
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, LINES_KEPT);
}

/**
 * A snapshot joins what is held. What is held and absent from it is gone, unless it was heard of at a later
 * position than the snapshot's (an item that overtook it).
 */
export function withSnapshot(world: World, snapshot: Snapshot): World {
  const heard = snapshot.position;
  const fresh = <T extends { id: number; version: number }>(
    table: ReadonlyMap<number, Kept<T>>,
    views: T[],
  ) => {
    const present = new Set(views.map((view) => view.id));
    const next = new Map(
      [...table].filter(([id, kept]) => present.has(id) || kept.view === null || kept.heard > heard),
    );
    for (const view of views) {
      const held = next.get(view.id);
      const kept = { version: view.version, heard, view };
      if (!held || replaces(kept, held)) {
        next.set(view.id, kept);
      }
    }
    return next;
  };
  return {
    position: Math.max(world.position, snapshot.position),
    incidents: fresh(world.incidents, snapshot.incidents),
    posts: fresh(world.posts, snapshot.posts),
    tests: fresh(world.tests, snapshot.tests),
    cameras: fresh(world.cameras, snapshot.cameras ?? []),
    health: world.health,
    gauge: snapshot.gauge ?? world.gauge,
    lines: mergeLines(world.lines, snapshot.entries),
    sealedAt: world.sealedAt,
    livePosts: world.livePosts,
    station: world.station,
    chain: world.chain,
  };
}

/** The one held, unless what was heard says something else: what did not move must not repaint. */
const steadyOr = <T>(held: T, heard: T): T => (JSON.stringify(held) === JSON.stringify(heard) ? held : heard);

/** A beat: whose screens live, until where the main courante is sealed, the gauge; the same world when nothing moved. */
export function withBeat(world: World, beat: Beat): World {
  const same = world.livePosts.join() === beat.live_posts.join();
  const steady = world.gauge?.share === beat.gauge?.share && world.gauge?.count === beat.gauge?.count;
  const station = steadyOr(world.station, beat.station);
  const chain = steadyOr(world.chain, beat.chain);
  const health = withHealth(world.health, beat.cameras);
  const room = station === world.station && chain === world.chain && health === world.health;
  if (same && steady && room && world.sealedAt === beat.sealed_at) {
    return world;
  }
  return {
    ...world,
    sealedAt: beat.sealed_at ?? world.sealedAt,
    livePosts: same ? world.livePosts : beat.live_posts,
    gauge: beat.gauge ?? world.gauge,
    station,
    chain,
    health,
  };
}

function withTouched(world: World, touched: Touched, heard: number): World {
  const { kind, id, version, view } = touched;
  switch (kind) {
    case "incident":
      return {
        ...world,
        incidents: keep(world.incidents, id, { version, heard, view: view as IncidentRow | null }),
      };
    case "post":
      return { ...world, posts: keep(world.posts, id, { version, heard, view: view as PostView | null }) };
    case "on_test":
      return { ...world, tests: keep(world.tests, id, { version, heard, view: view as OnTestView | null }) };
    case "camera":
      return {
        ...world,
        cameras: keep(world.cameras, id, { version, heard, view: view as CameraView | null }),
      };
    default:
      return world;
  }
}

/** One item of the stream. */
export function withItem(world: World, item: StreamItem): World {
  const next = item.touched.reduce((held, touched) => withTouched(held, touched, item.position), world);
  return {
    ...next,
    position: Math.max(world.position, item.position),
    lines: item.entry === null ? world.lines : mergeLines(world.lines, [item.entry]),
  };
}
