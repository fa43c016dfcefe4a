/** Cameras, walls, an événement and rounds for the dev mock. Never shipped; pictures come from a real recorder only. */
import type { CameraView } from "../src/core/cameras";
import type { EventLine, EventView } from "../src/features/event/event";
import type { Patrol, PatrolRun } from "../src/features/patrol/patrol";
import type { Layout } from "../src/features/wall/layout";
import { ME, row, START } from "./town.ts";

const at = (secondsAgo: number): string => new Date(START - secondsAgo * 1000).toISOString();
const NAMES: [string, number, number, number][] = [
  ["Place Carnot 1", 0, 0, 320],
  ["Place Carnot 2", 90, 60, 200],
  ["Rue de la République", -70, 55, 90],
  ["Quai nord", 10, 150, 180],
  ["Gare, parvis", 140, 55, 270],
  ["Pont vieux", -120, -60, 45],
  ["Collège, abords", 70, -70, 10],
  ["Parking public", -30, -110, 80],
  ["Halles", 40, -20, 200],
];

export const wallCameras: CameraView[] = Array.from({ length: 24 }, (_, n) => {
  const [name, east, north, bearing] = NAMES[n] ?? [
    `Centre, caméra ${n + 1}`,
    (n % 6) * 60 - 150,
    n * 18 - 300,
    n * 40,
  ];
  return {
    id: n + 1,
    version: 1,
    reference: `CAM-${n + 1}`,
    name,
    place: name,
    site: { id: 1, name: "Presqu’île", town: "Villeneuve-sur-Essai" },
    regime: "public_road",
    narrow: n === 0,
    lat: 45.75 + north / 111_320,
    lon: 4.83 + east / 77_700,
    bearing,
    fov: 60,
    ptz: n === 0,
    talk: false,
    record: true,
    views: ["main", "sub"],
    state: n === 1 ? "frozen" : n === 7 ? "offline" : "online",
    since: n === 1 || n === 7 ? at(3700) : null,
    last_frame_at: n === 1 || n === 7 ? at(3720) : at(0),
    codec: "h264",
    width: 1280,
    height: 720,
    fps: 12,
    faults:
      n === 4
        ? [{ kind: "mask_lost", since: at(9000) }]
        : n === 1
          ? [{ kind: "frozen", since: at(3700) }]
          : [],
    presets:
      n === 0
        ? [
            { token: "p1", name: "Parvis" },
            { token: "p2", name: "Terrasse" },
          ]
        : [],
    neighbours: n === 0 ? [3, 2, 9] : [],
    talked_by: null,
    ptz_held_by: n === 0 ? { id: ME.id, name: ME.name, priority: 2, until: at(-50) } : null,
    retention_days: 14,
    authorisation: { number: "2024-0117", expires_on: "2029-01-31" },
    suspended_reason: null,
    abilities: ["live", "recorded", "ptz", "event", "mark", "hold"],
  };
});

const layout = (id: number, name: string, shared: boolean, hotspot: boolean): Layout => ({
  id,
  version: 1,
  name,
  shared,
  mine: !shared,
  columns: 4,
  rows: 3,
  seconds: 20,
  tiles: Array.from({ length: 9 }, (_, n) => ({
    camera: n + 1,
    span: n === 0 ? 2 : 1,
    sequence: n === 8 ? [10, 11, 12] : [],
    hotspot: hotspot && n === 0,
  })),
});
const layouts: Layout[] = [layout(1, "Presqu’île nuit", true, false), layout(2, "Alarmes", false, true)];

let event: EventView | null = null;
const lines: EventLine[] = [3, 40, 200].map((hours, n) => ({
  id: 800 + n,
  reference: `2026-00${3900 + n}`,
  nature: ["fight", "damage", "accident"][n] ?? null,
  place: "Place Carnot",
  first_key_at: at(hours * 3600),
  closed_at: at(hours * 3600 - 900),
  cameras: ["Place Carnot 1", "Rue de la République"],
  informed: ["municipal_police"],
}));

const stops = wallCameras.slice(0, 12).map((camera, n) => ({
  camera: camera.id,
  name: camera.name,
  preset: null,
  seconds: 20,
  look_for: n % 3 === 0 ? "portes fermées, éclairage" : null,
}));
let run: PatrolRun | null = null;
const patrol = (): Patrol => ({
  id: 1,
  version: 1,
  reference: "RV-1",
  name: "Centre",
  times: ["01:30", "03:30"],
  next_due_at: at(-1200),
  views: stops,
  last_run: { started_at: at(6000), ended_at: at(5000) },
  running: run,
});

function openEvent(body: Record<string, unknown>): EventView {
  const camera = wallCameras.find((each) => each.id === body.camera) ?? wallCameras[0];
  const incident = row({
    name: "Presqu’île",
    category: "event",
    family: "event",
    priority: 3,
    age: 20,
    owner: ME,
  });
  event = {
    incident: { ...incident, id: 900, version: 5000 },
    first_key_at: at(0),
    nature: null,
    natures: [],
    place: camera?.name ?? null,
    cameras: [{ camera: camera?.id ?? 1, name: camera?.name ?? "", from: at(120), until: null }],
    marks: [],
    informed: [],
    abilities: ["camera", "nature", "inform", "close"],
  };
  return event;
}

function onEvent(verb: string, body: Record<string, unknown>): EventView | null {
  if (event === null) {
    return null;
  }
  event = { ...event, incident: { ...event.incident, version: event.incident.version + 1 } };
  if (verb === "nature") {
    event = { ...event, nature: String(body.nature) };
  } else if (verb === "camera") {
    const named = wallCameras.find((each) => each.id === body.camera);
    const followed = { camera: Number(body.camera), name: named?.name ?? "", from: at(0), until: null };
    event = { ...event, cameras: [...event.cameras, followed] };
  } else if (verb === "inform") {
    const told = {
      service: body.service,
      at: at(0),
      outcome: body.outcome,
      note: null,
    } as EventView["informed"][number];
    event = { ...event, informed: [...event.informed, told] };
  } else if (verb === "close") {
    event = { ...event, incident: { ...event.incident, state: "closed" } };
  }
  return event;
}

function onPatrol(path: string, body: Record<string, unknown>): PatrolRun | null {
  if (path.endsWith("/start")) {
    run = {
      id: 1,
      version: 1,
      patrol: { id: 1, name: "Centre" },
      user: ME,
      state: "running",
      started_at: at(600),
      ended_at: null,
      at: 0,
      views: stops.map((stop) => ({ ...stop, tick: null })),
      explanation: null,
    };
  } else if (run !== null && path.endsWith("/tick")) {
    const tick = { result: body.result, note: body.note, at: at(0) } as PatrolRun["views"][number]["tick"];
    const index = Number(body.index);
    run = {
      ...run,
      at: index + 1,
      views: run.views.map((view, n) => (n === index ? { ...view, tick } : view)),
    };
  } else if (run !== null) {
    const state = path.endsWith("/pause") ? "paused" : path.endsWith("/end") ? "ended" : "running";
    run = { ...run, state };
  }
  return run;
}

/** What the mock answers for the wall; undefined: not a route of it. */
export function wallAnswer(path: string, method: string, body: Record<string, unknown>): unknown {
  const verb = /^\/api\/events\/\d+(?:\/(\w+))?$/.exec(path);
  if (path === "/api/viewings") {
    const wanted = body.cameras as number[];
    const tickets = wanted.map((camera) => ({
      camera,
      url: "ws://127.0.0.1:8601/live",
      whep: null,
      token: `dev-${camera}`,
      kind: "live",
      masked: false,
      expires_at: at(-30),
    }));
    return { viewing: 1, motif: "surveillance générale", tickets, refused: [] };
  }
  if (/^\/api\/viewings\/\d+\/tickets$/.test(path)) {
    return wallAnswer("/api/viewings", method, body);
  }
  if (path === "/api/layouts") {
    return method === "POST" ? { ...body, id: 3, version: 1, mine: true } : layouts;
  }
  if (path === "/api/events") {
    return method === "POST" ? openEvent(body) : lines;
  }
  if (verb) {
    return verb[1] ? onEvent(verb[1], body) : event;
  }
  if (path === "/api/patrols") {
    return [patrol()];
  }
  return /^\/api\/patrol/.test(path) ? onPatrol(path, body) : undefined;
}
