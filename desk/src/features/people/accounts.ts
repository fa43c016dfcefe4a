/** People, their titles and posts: what the server tells of them, and how to change it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { tell } from "../shell/ui";

export interface TitleView {
  id: number;
  kind: string;
  number: string;
  activities: string[];
  issued_on: string | null;
  expires_on: string | null;
  last_day: string | null;
  status: string;
  state: string;
  renewal_receipt_on: string | null;
  checked_on: string | null;
  /** 6, 4 or 3: its end is that near and nothing takes over (S4). */
  months_left: number | null;
  renew_by: string | null;
  correction_proof: string | null;
}

export interface PerimeterView {
  organisations: string[] | null;
  customers: string[] | null;
  communes: string[] | null;
}

export interface Account {
  id: number;
  login: string;
  name: string;
  roles: string[];
  language: string;
  disabled_at: string | null;
  perimeter: PerimeterView;
  post: string | null;
  titles: TitleView[];
}

export interface Bound {
  key: string;
  name: string;
}

export interface Bounds {
  organisations: string[];
  customers: Bound[];
  communes: Bound[];
}

export interface EndingTitle {
  user_id: number;
  name: string;
  kind: string;
  number: string;
  last_day: string;
  months_left: number;
  renew_by: string | null;
  state: string;
  held: boolean;
}

export const ROLES = ["operator", "lead", "administrator", "auditor"] as const;
export const TITLE_KINDS = ["card", "provisional", "designation", "agreement"] as const;
export const ACTIVITIES = ["remote_monitoring", "video", "telecare"] as const;
export const POST_KINDS = ["remote_monitoring", "video", "both"] as const;

const ACCOUNTS = ["accounts"] as const;

export const useAccounts = () =>
  useQuery({ queryKey: ACCOUNTS, queryFn: () => api.get<Account[]>("/api/accounts") });

export const useBounds = (asked: boolean) =>
  useQuery({
    queryKey: [...ACCOUNTS, "bounds"],
    queryFn: () => api.get<Bounds>("/api/accounts/bounds"),
    enabled: asked,
  });

export type Send = (path: string, body: object, said: string) => Promise<boolean>;

/** Sends one change and reads everybody again; says in words what came of it. */
export function useSend(): Send {
  const client = useQueryClient();
  return async (path, body, said) => {
    try {
      await api.post(`/api${path}`, body);
      tell(said);
      return true;
    } catch (failure) {
      tell(failureText(failure), "bad");
      return false;
    } finally {
      await Promise.all([
        client.invalidateQueries({ queryKey: ACCOUNTS }),
        client.invalidateQueries({ queryKey: ["titles"] }),
        client.invalidateQueries({ queryKey: ["me"] }),
      ]);
    }
  };
}
