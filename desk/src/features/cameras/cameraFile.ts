/** The file of a camera (docs/design/video.md: CameraFile), and what the desk sends of it. */
import { api } from "../../api/client";
import type { CameraView } from "../../core/cameras";

export interface Corner {
  x: number;
  y: number;
}

export interface MaskView {
  id: number;
  kind: "legal" | "role";
  name: string;
  preset: string | null;
  /** Corners from 0 to 1. */
  polygon: Corner[];
  state: "unchecked" | "there" | "lost";
  checked_at: string | null;
  has_proof: boolean;
}

export interface PastFault {
  id: number;
  kind: string;
  since: string;
  until: string | null;
  has_before: boolean;
  has_after: boolean;
  incident: { id: number; reference: string } | null;
}

export interface Paper {
  id: number;
  reference: string;
  system: string;
  number: string;
  authority: string;
  granted_on: string | null;
  expires_on: string;
  purposes: string[];
  retention_days: number;
  min_retention_days: number;
  stage: string;
}

export interface ZoneLink {
  area: string | null;
  zone: string | null;
  zone_name: string | null;
  preset: string | null;
}

export interface CameraFile extends CameraView {
  purpose: string | null;
  source: {
    kind: string;
    main: string;
    sub: string | null;
    user: string | null;
    has_password: boolean;
    options: Record<string, unknown>;
  };
  min_retention_days: number;
  live_roles: string[];
  recorded_roles: string[];
  masks: MaskView[];
  zones: ZoneLink[];
  past_faults: PastFault[];
  authorisation_file: Paper | null;
}

export interface Tried {
  found: { codec: string; width: number; height: number; fps: number; audio: boolean };
  main: string;
  sub: string | null;
  /** A JPEG in base64. */
  picture: string | null;
}

export interface Device {
  address: string;
  url: string;
  name: string;
  hardware: string;
}

export const fileKey = (id: number): readonly unknown[] => ["camera", id];

export const readFile = (id: number): Promise<CameraFile> => api.get<CameraFile>(`/api/cameras/${id}`);

/** Changes the fields that are given; a list is complete. */
export const changeFile = (id: number, fields: Record<string, unknown>): Promise<CameraFile> =>
  api.put<CameraFile>(`/api/cameras/${id}`, fields);

/** Where a picture of a fault or of a mask's proof is. */
export const pictureUrl = (id: number, which: string): string => `/api/cameras/${id}/picture/${which}`;
