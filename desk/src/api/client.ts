/**
 * The only door to the server. Writes carry the session's CSRF token; each command carries its own key, so that
 * a repeat after a lost answer gives the first answer and acts once.
 */
import createClient from "openapi-fetch";
import type { Params } from "../core/views";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Params,
  ) {
    super(code);
  }
}

let csrf = "";
let refused: (() => void) | null = null;

export function setCsrf(token: string): void {
  csrf = token;
}

/** What to do when the session is gone. */
export function onRefused(listener: () => void): void {
  refused = listener;
}

/** The server told that the session no longer holds. */
export function sessionGone(): void {
  refused?.();
}

type Method = "get" | "post" | "put" | "delete";
/** ms: a command without an answer by then is told as such, not left turning. */
const PATIENCE = 8000;

interface LooseAnswer {
  data?: unknown;
  error?: unknown;
  response: Response;
}
type LooseClient = { request: (method: Method, path: string, init: object) => Promise<LooseAnswer> };

const client = createClient({ credentials: "same-origin" }) as unknown as LooseClient;

async function send<T>(method: Method, path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = {};
  if (method !== "get") {
    headers["X-CSRF-Token"] = csrf;
    headers["Idempotency-Key"] = key ?? newKey();
  }
  let answer: LooseAnswer;
  try {
    answer = await client.request(method, path, { body, headers, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new ApiError(0, "no_answer", {});
  }
  if (!answer.response.ok) {
    throw failure(answer, path);
  }
  return answer.data as T;
}

/**
 * Whether an answer tells that a session which held is gone. A wrong password tells it of nobody's, and /api/me is the
 * very question: to ask it again because of its own answer would never end.
 */
export function tellsGone(status: number, path: string, code: string | undefined): boolean {
  return status === 401 && path !== "/api/me" && code !== "bad_login";
}

function failure(answer: LooseAnswer, path: string): ApiError {
  const { status } = answer.response;
  const told = (typeof answer.error === "object" ? answer.error : null) as {
    code?: string;
    params?: Params;
  } | null;
  if (tellsGone(status, path, told?.code)) {
    sessionGone();
  }
  return new ApiError(status, told?.code ?? (status >= 500 ? "unavailable" : "error"), told?.params ?? {});
}

/** A command's own key; crypto.randomUUID exists only in secure contexts. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const api = {
  get: <T>(path: string): Promise<T> => send<T>("get", path),
  /** One command. Give the same `key` to repeat it safely. */
  post: <T>(path: string, body: unknown = {}, key?: string): Promise<T> => send<T>("post", path, body, key),
  put: <T>(path: string, body: unknown): Promise<T> => send<T>("put", path, body),
  remove: <T>(path: string): Promise<T> => send<T>("delete", path),
};
