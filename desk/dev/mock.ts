/** A stand-in server for screens, in development only: `VEILLEUR_API` replaces it by a real desk. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { IncidentRow, LogLine } from "../src/core/views";
import { CAMERAS, videoAnswer } from "./cameras.ts";
import { line } from "./lines.ts";
import { play } from "./play.ts";
import { ME, START, town } from "./town.ts";
import { wallAnswer, wallCameras } from "./wall.ts";

const many = process.env.MOCK_MANY === "1";
/** A town's wall, its events and rounds, instead of the cameras of a dossier. */
const walled = process.env.MOCK_WALL === "1";
const rows = new Map<number, IncidentRow>(town(many).map((row) => [row.id, row]));
const booted = Date.now();
let position = 1000;
const clients = new Set<ServerResponse>();
let logged = true;
let post: { id: number; name: string } | null =
  process.env.MOCK_POST === "0" ? null : { id: 1, name: "Poste 2" };

const now = (): string => new Date(START + (Date.now() - booted)).toISOString();
const lines: LogLine[] = [...rows.values()]
  .slice(0, 12)
  .map((row, n) => line(900 - n, "log.entry", { text: `${row.site.name} : signal reçu` }, n * 20, row));

const posts = () => [
  {
    id: 1,
    version: 1,
    name: "Poste 2",
    kind: "remote_monitoring",
    holder: post ? ME : null,
    held_since: post ? now() : null,
    motif: null,
    sound_ok: true,
    title: null,
    abilities: post ? ["leave", "change"] : ["take"],
  },
  {
    id: 2,
    version: 1,
    name: "Poste 1",
    kind: "both",
    holder: { id: 2, name: "Opérateur B" },
    held_since: now(),
    motif: "surveillance générale",
    sound_ok: true,
    title: null,
    abilities: [],
  },
  {
    id: 3,
    version: 1,
    name: "Poste 3",
    kind: "video",
    holder: null,
    held_since: null,
    motif: null,
    sound_ok: null,
    title: null,
    abilities: ["take"],
  },
];

const me = () => ({
  user: {
    id: ME.id,
    login: "operatrice.a",
    name: ME.name,
    roles: ["operator"],
    language: process.env.MOCK_LANGUAGE ?? "fr",
  },
  csrf: "dev",
  post,
  posts: posts(),
  abilities: ["incident.take", "logbook.read", "monitor.read", "camera.read", "camera.edit"],
  titles: [
    {
      kind: "card",
      number: "CAR-099-2031-05-12-20260000001",
      activities: ["remote_monitoring"],
      expires_on: "2031-05-12",
      status: "valid",
    },
  ],
  centre: {
    name: "Station Rhône",
    call_back: "+33 1 99 00 11 11",
    timezone: "Europe/Paris",
    demo: true,
    language: "fr",
  },
});

function publish(row: IncidentRow, kind: string, params: Record<string, unknown>): void {
  position += 1;
  const fresh = { ...row, version: position };
  rows.set(row.id, fresh);
  const entry = { ...line(position, kind, params, 0, fresh, ME.name), happened_at: now(), entered_at: now() };
  lines.unshift(entry);
  const data = JSON.stringify({
    position,
    entry,
    touched: [{ kind: "incident", id: row.id, version: position, view: fresh }],
  });
  clients.forEach((client) => client.write(`event: item\nid: ${position}\ndata: ${data}\n\n`));
}

function act(row: IncidentRow, verb: string, body: Record<string, unknown>): void {
  if (verb === "take") {
    publish(
      {
        ...row,
        state: "taken",
        owner: ME,
        taken_at: now(),
        ringing_since: null,
        abilities: ["note", "park", "close"],
      },
      "incident.taken",
      { delay: 14 },
    );
  } else if (verb === "park") {
    publish({ ...row, state: "parked", parked_until: String(body.until) }, "incident.parked", body);
  } else {
    publish(row, "log.entry", body);
  }
}

function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  clients.add(response);
  response.on("close", () => clients.delete(response));
}

function answer(
  path: string,
  method: string,
  body: Record<string, unknown>,
  response: ServerResponse,
  host: string,
): void {
  const found = /^\/api\/incidents\/(\d+)(?:\/(\w[\w-]*))?$/.exec(path);
  const row = found ? rows.get(Number(found[1])) : undefined;
  const wall = logged && walled ? wallAnswer(path, method, body) : undefined;
  const video = wall ?? (logged ? videoAnswer(path, method, body, host) : undefined);
  if (path === "/api/login") {
    logged = body.password === "demo";
    sendJson(response, logged ? { csrf: "dev" } : { code: "bad_login", params: {} }, logged ? 200 : 401);
  } else if (!logged) {
    sendJson(response, { code: "unauthenticated", params: {} }, 401);
  } else if (path === "/api/me") {
    sendJson(response, me());
  } else if (path === "/api/snapshot") {
    sendJson(response, {
      position,
      now: now(),
      incidents: [...rows.values()],
      posts: posts(),
      tests: [],
      gauge: { measure: "first_act", seconds: 90, share: 0.78, target: 0.8, count: 41 },
      entries: lines.slice(0, 100),
      cameras: walled ? wallCameras : CAMERAS,
    });
  } else if (path === "/api/stream") {
    stream(response);
  } else if (path === "/api/posts/3/take") {
    sendJson(
      response,
      { code: "title_refused", params: { reason: "wrong_activity", rule: "L612-20", activity: "video" } },
      409,
    );
  } else if (/^\/api\/posts\/\d+\/take$/.test(path)) {
    post = { id: 1, name: "Poste 2" };
    response.writeHead(204).end();
  } else if (video !== undefined) {
    sendJson(response, video);
  } else if (row && method === "POST") {
    act(row, found?.[2] ?? "", body);
    sendJson(response, rows.get(row.id));
  } else if (row) {
    sendJson(response, { row });
  } else if (method === "GET") {
    sendJson(
      response,
      path === "/api/logbook"
        ? { lines, before: null }
        : path === "/api/monitor"
          ? { frames: [], after: 0, troubles: [] }
          : [],
    );
  } else {
    response.writeHead(204).end();
  }
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  return parts.length > 0
    ? (JSON.parse(Buffer.concat(parts).toString() || "{}") as Record<string, unknown>)
    : {};
}

export function mockServer(): Plugin {
  return {
    name: "veilleur-dev-mock",
    configureServer(server) {
      setInterval(() => {
        const beat = JSON.stringify({
          now: now(),
          position,
          sealed_at: now(),
          unsealed_since: null,
          live_posts: [1, 2],
          gauge: null,
          station: null,
          chain: null,
          cameras: (walled ? wallCameras : CAMERAS)
            .filter(({ state }) => state !== "online")
            .map((camera) => [camera.id, camera.state, camera.since, camera.last_frame_at]),
        });
        clients.forEach((client) => client.write(`event: beat\ndata: ${beat}\n\n`));
      }, 1000).unref();
      server.httpServer?.on("upgrade", (request, socket) => {
        if (request.url?.startsWith("/mock/play") === true) {
          play(request, socket, () => (START + (Date.now() - booted)) * 1000);
        }
      });
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").split("?")[0] ?? "";
        if (!path.startsWith("/api/")) {
          next();
          return;
        }
        void read(request).then((body) =>
          answer(path, request.method ?? "GET", body, response, request.headers.host ?? ""),
        );
      });
    },
  };
}
