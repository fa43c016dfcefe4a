/**
 * The desk's own view types are held to the server's generated ones: a field that the server renames, drops or makes
 * nullable no longer compiles here. Codes are plain strings in the API and closed lists in the desk, hence `Widen`.
 */
import type { CameraView } from "../core/cameras";
import type { Dossier } from "../core/dossier";
import type { ReviewList } from "../core/reviews";
import type { IncidentRow, LogLine, Me, OnTestView, PostView, SiteFound } from "../core/views";
import type { EventLine, EventView } from "../features/event/event";
import type { Patrol, PatrolRun } from "../features/patrol/patrol";
import type { Layout } from "../features/wall/layout";
import type { Ticket, ViewingAnswer } from "../video/tickets";
import type { SiteFile } from "../features/dossier/siteFile";
import type { FramePage, GhostView, SiteProposed } from "../features/monitor/frames";
import type { PastFound } from "../features/palette/results";
import type { Account, Bounds, EndingTitle } from "../features/people/accounts";
import type { components } from "./schema";

type Server = components["schemas"];

type Widen<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends readonly (infer Item)[]
        ? Widen<Item>[]
        : T extends object
          ? { [Key in keyof T]: Widen<T[Key]> }
          : T;
type Fits<Theirs, Ours> = Theirs extends Widen<Ours> ? true : false;
type Expect<T extends true> = T;

export type Contract = [
  Expect<Fits<Server["IncidentRow"], IncidentRow>>,
  Expect<Fits<Server["LogLine"], LogLine>>,
  Expect<Fits<Server["PostView"], PostView>>,
  Expect<Fits<Server["OnTestView"], OnTestView>>,
  Expect<Fits<Server["Me"], Me>>,
  Expect<Fits<Server["FramePage"], FramePage>>,
  Expect<Fits<Server["GhostView"], GhostView>>,
  Expect<Fits<Server["SiteProposed"], SiteProposed>>,
  Expect<Fits<Server["SiteFound"], SiteFound>>,
  Expect<Fits<Server["SiteFile"], SiteFile>>,
  Expect<Fits<Server["Dossier"], Dossier>>,
  Expect<Fits<Server["ReviewList"], ReviewList>>,
  Expect<Fits<Server["PastIncident"], PastFound>>,
  Expect<Fits<Server["Account"], Account>>,
  Expect<Fits<Server["Bounds"], Bounds>>,
  Expect<Fits<Server["EndingTitle"], EndingTitle>>,
  Expect<Fits<Server["CameraView"], CameraView>>,
  Expect<Fits<Server["TicketView"], Ticket>>,
  Expect<Fits<Server["ViewingAnswer"], ViewingAnswer>>,
  Expect<Fits<Server["Layout"], Layout>>,
  Expect<Fits<Server["EventView"], EventView>>,
  Expect<Fits<Server["EventLine"], EventLine>>,
  Expect<Fits<Server["PatrolView"], Patrol>>,
  Expect<Fits<Server["RunView"], PatrolRun>>,
];
