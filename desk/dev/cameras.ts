/** Cameras of the dev mock: as many as the pictures need. Never shipped. */
import type { CameraView } from "../src/core/cameras";
import { START } from "./town.ts";

const at = (secondsAgo: number): string => new Date(START - secondsAgo * 1000).toISOString();

function camera(id: number, name: string, place: string, more: Partial<CameraView> = {}): CameraView {
  return {
    id,
    version: id,
    reference: `CAM-${String(id).padStart(3, "0")}`,
    name,
    place,
    site: { id: 6, name: "Entrepôt du Port", town: "Lyon" },
    regime: "private",
    narrow: id < 3,
    lat: 45.75,
    lon: 4.83,
    bearing: 120,
    fov: 70,
    ptz: false,
    talk: false,
    record: true,
    views: ["main", "sub"],
    state: "online",
    since: at(86_400),
    last_frame_at: at(0),
    codec: "h264",
    width: 1920,
    height: 1080,
    fps: 25,
    faults: [],
    presets: [],
    neighbours: [],
    ptz_held_by: null,
    talked_by: null,
    retention_days: 21,
    authorisation: null,
    suspended_reason: null,
    abilities: ["live", "recorded", "event", "mark", "hold", "edit"],
    ...more,
  };
}

const square = { id: 30, name: "CSU – centre-ville", town: "Bellerive" };

export const CAMERAS: CameraView[] = [
  camera(1, "Quai 3 · cam 02", "quai de livraison", { talk: true }),
  camera(2, "Quai 3 · cam 03", "quai, côté bureau"),
  camera(3, "Portail · cam 01", "entrée du site"),
  camera(4, "Bureau · cam 04", "bureau du chef de quai", {
    state: "offline",
    since: at(430),
    last_frame_at: at(430),
    faults: [{ kind: "unreachable", since: at(430) }],
  }),
  camera(5, "Place Carnot 1", "angle rue Haute", {
    site: square,
    regime: "public_road",
    ptz: true,
    presets: [
      { token: "1", name: "Fontaine" },
      { token: "2", name: "Arrêt de bus" },
    ],
    authorisation: { number: "2024-0117", expires_on: "2027-02-11" },
    retention_days: 15,
  }),
  camera(6, "Place Carnot 2", "côté halles", {
    site: square,
    regime: "public_road",
    state: "frozen",
    since: at(1300),
    faults: [{ kind: "frozen", since: at(1300) }],
    authorisation: { number: "2024-0117", expires_on: "2027-02-11" },
    retention_days: 15,
  }),
  camera(7, "Halle, sortie nord", "halle du marché", {
    site: square,
    regime: "public_place",
    state: "suspended",
    suspended_reason: "mask_lost",
    since: at(9000),
    faults: [{ kind: "mask_lost", since: at(9000) }],
    authorisation: { number: "2024-0118", expires_on: "2026-12-20" },
    abilities: ["edit"],
  }),
  camera(8, "Salon", "domicile témoin", {
    site: { id: 12, name: "Villa des Pins", town: "Écully" },
    regime: "home",
    record: false,
    abilities: ["edit"],
  }),
];

/** Routes of video; undefined: not one of them. */
export function videoAnswer(
  path: string,
  method: string,
  body: Record<string, unknown>,
  host: string,
): unknown {
  if (path === "/api/cameras" && method === "GET") {
    return CAMERAS;
  }
  const one = /^\/api\/cameras\/(\d+)$/.exec(path);
  if (one) {
    return cameraFile(Number(one[1]));
  }
  if (path === "/api/cameras/try") {
    return {
      found: { codec: "h264", width: 1920, height: 1080, fps: 25, audio: true },
      profiles: [],
      main: "rtsp://192.0.2.7/1",
      sub: null,
      picture: null,
    };
  }
  if (path === "/api/cameras/discover") {
    return {
      devices: [
        {
          name: "Axis P3245",
          address: "192.0.2.21",
          hardware: "P3245-V",
          url: "http://192.0.2.21/onvif/device_service",
        },
      ],
    };
  }
  if (path === "/api/viewings" || /^\/api\/viewings\/\d+\/tickets$/.test(path)) {
    const cameras = (body.cameras ?? []) as number[];
    return {
      viewing: 1,
      motif: body.motif ?? "levée de doute, dossier 2026-004106",
      refused: [],
      tickets: cameras.map((id) => ({
        camera: id,
        url: `ws://${host}/mock/play`,
        whep: null,
        token: `t-${id}-${Math.random()}`,
        kind: "recorded",
        masked: false,
        expires_at: at(-30),
      })),
    };
  }
  if (path === "/api/marks" && method === "GET") {
    return [];
  }
  if (/^\/api\/incidents\/\d+\/images$/.test(path)) {
    const cams = CAMERAS.slice(0, 4);
    return {
      cameras: cams.map((camera, n) => ({
        camera,
        zone: n === 0 ? "015 Quai de livraison" : null,
        alarm_at: at(179),
        from: at(194),
        until: at(149),
        preset: null,
        lost_before: n === 3 ? { since: at(430), fault: "unreachable" } : null,
        source: "recorder",
        clip: null,
      })),
    };
  }
  return undefined;
}

function cameraFile(id: number): unknown {
  const camera = CAMERAS.find((each) => each.id === id);
  return {
    ...camera,
    purpose: "protection des bâtiments et installations",
    source: {
      kind: "onvif",
      main: "rtsp://192.0.2.21/main",
      sub: "rtsp://192.0.2.21/sub",
      user: "veilleur",
      has_password: true,
      options: {},
    },
    min_retention_days: 0,
    live_roles: ["operator", "lead"],
    recorded_roles: ["lead"],
    masks: [
      {
        id: 1,
        kind: "legal",
        name: "fenêtres du n° 12",
        preset: null,
        polygon: [
          { x: 0.1, y: 0.1 },
          { x: 0.35, y: 0.1 },
          { x: 0.35, y: 0.4 },
          { x: 0.1, y: 0.4 },
        ],
        state: "there",
        checked_at: at(40_000),
        has_proof: false,
      },
    ],
    zones: [{ area: "1", zone: "015", zone_name: "Quai de livraison", preset: null }],
    past_faults: [
      {
        id: 1,
        kind: "dark",
        since: at(200_000),
        until: at(190_000),
        has_before: true,
        has_after: true,
        incident: null,
      },
    ],
    authorisation_file: camera?.authorisation
      ? {
          ...camera.authorisation,
          system: "Vidéoprotection de la ville",
          authority: "préfecture",
          retention_days: 15,
          purposes: ["traffic", "assault"],
        }
      : null,
  };
}
