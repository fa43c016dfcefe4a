/** Opens a consultation of recordings at the desk: it is traced with its motif, and gives one ticket per camera. */
import { api } from "../api/client";
import type { Ticket, ViewingAnswer } from "./tickets";

export interface Wish {
  cameras: readonly number[];
  motif: string | null;
  /** RFC 3339: a day at most, ten minutes ahead of now at most. */
  from: string;
  until: string;
  incident: number | null;
  /** Without its masks of role, for so many minutes. */
  lifted?: number;
}

export function openConsultation(wish: Wish): Promise<ViewingAnswer> {
  return api.post<ViewingAnswer>("/api/viewings", {
    cameras: wish.cameras,
    ...(wish.lifted === undefined ? { kind: "recorded" } : { kind: "lifted", minutes: wish.lifted }),
    ...(wish.motif === null ? {} : { motif: wish.motif }),
    from: wish.from,
    until: wish.until,
    ...(wish.incident === null ? {} : { incident_id: wish.incident }),
  });
}

/** Tickets again for a consultation that lost its sockets: each is used once. */
export function ticketsAgain(viewing: number, cameras: readonly number[]): Promise<ViewingAnswer> {
  return api.post<ViewingAnswer>(`/api/viewings/${viewing}/tickets`, { cameras });
}

/** It is over: traced with its end. */
export function endConsultation(viewing: number): void {
  void api.post(`/api/viewings/${viewing}/end`).catch(() => undefined);
}

/** The recorder's address of a ticket. */
export function playSocket(ticket: Ticket): WebSocket {
  const url = new URL(ticket.url);
  url.pathname = url.pathname.replace(/\/live$/, "/play");
  url.searchParams.set("ticket", ticket.token);
  return new WebSocket(url);
}
