import { describe, expect, it } from "vitest";
import { LiveViewings, type TicketRefused, type ViewingAnswer, type ViewingRoutes } from "./tickets";

/** A server that answers as docs/design/video.md says, and remembers what it was asked. */
function desk(refuse: number[] = []) {
  const asked: string[] = [];
  let viewing = 0;
  let token = 0;
  const answer = (of: number, cameras: number[]): ViewingAnswer => ({
    viewing: of,
    motif: "surveillance générale",
    tickets: cameras
      .filter((camera) => !refuse.includes(camera))
      .map((camera) => ({
        camera,
        url: "ws://127.0.0.1:8601/live",
        whep: null,
        token: `t${++token}`,
        kind: "live" as const,
        masked: false,
        expires_at: "2026-11-23T02:00:30Z",
      })),
    refused: cameras
      .filter((camera) => refuse.includes(camera))
      .map((camera) => ({ camera, code: "home_closed", params: {} })),
  });
  const routes: ViewingRoutes = {
    open: (body) => {
      asked.push(`open ${body.cameras.join()} ${body.motif ?? "-"} ${body.wall ?? "-"}`);
      return Promise.resolve(answer(++viewing, body.cameras));
    },
    more: (of, cameras) => {
      asked.push(`more ${of} ${cameras.join()}`);
      return Promise.resolve(answer(of, cameras));
    },
    motif: (of, motif) => {
      asked.push(`motif ${of} ${motif}`);
      return Promise.resolve();
    },
    end: (of) => {
      asked.push(`end ${of}`);
      return Promise.resolve();
    },
  };
  return { asked, routes };
}

describe("the viewings of a window", () => {
  it("are opened once for the cameras of a paint, and give more tickets of the same at a reconnection", async () => {
    const { asked, routes } = desk();
    const viewings = new LiveViewings(routes);
    viewings.wall = "Presqu’île";
    [1, 2, 3].forEach((camera) => viewings.show(camera));
    const first = await Promise.all([1, 2, 3].map((camera) => viewings.ticket(camera)));
    const again = await viewings.ticket(2);
    expect(asked).toEqual(["open 1,2,3 - Presqu’île", "more 1 2"]);
    expect(again.token).not.toBe(first[1]?.token);
  });

  it("end when none of their cameras is shown, and not before", async () => {
    const { asked, routes } = desk();
    const viewings = new LiveViewings(routes);
    const leave = [1, 2].map((camera) => viewings.show(camera));
    await Promise.all([1, 2].map((camera) => viewings.ticket(camera)));
    leave[0]?.();
    expect(asked).toHaveLength(1);
    leave[1]?.();
    expect(asked.at(-1)).toBe("end 1");
  });

  it("take another motif while they run, and what opens later has it too", async () => {
    const { asked, routes } = desk();
    const viewings = new LiveViewings(routes);
    viewings.show(1);
    await viewings.ticket(1);
    await viewings.setMotif("police_call");
    await viewings.ticket(1);
    await viewings.ticket(2);
    expect(asked).toEqual(["open 1 - -", "motif 1 police_call", "more 1 1", "open 2 police_call -"]);
  });

  it("are for the dossier for which one looks, and no motif is said for it", async () => {
    const opened: object[] = [];
    const { routes } = desk();
    const viewings = new LiveViewings(
      { ...routes, open: (body) => (opened.push(body), routes.open(body)) },
      17,
    );
    await viewings.ticket(1);
    await viewings.setMotif("event", 18);
    await viewings.ticket(2);
    expect(opened).toEqual([
      { cameras: [1], kind: "live", incident_id: 17 },
      { cameras: [2], kind: "live", motif: "event", incident_id: 18 },
    ]);
  });

  it("give two tiles of one camera a ticket each", async () => {
    const { asked, routes } = desk();
    const viewings = new LiveViewings(routes);
    const [one, two] = await Promise.all([viewings.ticket(1), viewings.ticket(1)]);
    expect(one.token).not.toBe(two.token);
    expect(asked).toEqual(["open 1 - -", "more 1 1"]);
  });

  it("refuse at last when the server gives neither a ticket nor a reason", async () => {
    const { routes } = desk();
    const silent = {
      ...routes,
      open: () => Promise.resolve({ viewing: null, motif: "", tickets: [], refused: [] }),
    };
    await expect(new LiveViewings(silent).ticket(1)).rejects.toThrow("no_ticket");
  });

  it("name the viewing of a camera to who speaks through it, and open one when there is none", async () => {
    const { asked, routes } = desk();
    const viewings = new LiveViewings(routes);
    expect(await viewings.viewing(1)).toBe(1);
    expect(await viewings.viewing(1)).toBe(1);
    expect(asked).toEqual(["open 1 - -"]);
  });

  it("tell a refused camera why, and give the others theirs", async () => {
    const { routes } = desk([2]);
    const viewings = new LiveViewings(routes);
    const [one, two] = await Promise.allSettled([viewings.ticket(1), viewings.ticket(2)]);
    expect(one.status).toBe("fulfilled");
    const why = two.status === "rejected" ? (two.reason as TicketRefused) : null;
    expect(why?.refusal.code).toBe("home_closed");
  });
});
