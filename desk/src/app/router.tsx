import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Gate } from "../features/login/Gate";
import { readSearch } from "../features/playback/search";
import { DeskPage } from "../features/shell/DeskPage";

const root = createRootRoute({ component: Gate, notFoundComponent: DeskPage });

const desk = createRoute({ getParentRoute: () => root, path: "/", component: DeskPage });
const dossier = createRoute({ getParentRoute: () => root, path: "/dossier/$id", component: DeskPage });
const site = createRoute({ getParentRoute: () => root, path: "/site/$siteId", component: DeskPage });
const logbook = createRoute({
  getParentRoute: () => root,
  path: "/main-courante",
  component: lazyRouteComponent(() => import("../features/logbook/LogbookPage"), "LogbookPage"),
});
const monitor = createRoute({
  getParentRoute: () => root,
  path: "/moniteur",
  component: lazyRouteComponent(() => import("../features/monitor/MonitorPage"), "MonitorPage"),
});
const room = createRoute({
  getParentRoute: () => root,
  path: "/salle",
  component: lazyRouteComponent(() => import("../features/room/RoomPage"), "RoomPage"),
});
const account = createRoute({
  getParentRoute: () => root,
  path: "/compte",
  component: lazyRouteComponent(() => import("../features/account/AccountPage"), "AccountPage"),
});

const people = createRoute({
  getParentRoute: () => root,
  path: "/personnes",
  component: lazyRouteComponent(() => import("../features/people/PeoplePage"), "PeoplePage"),
});
const onCall = createRoute({
  getParentRoute: () => root,
  path: "/astreinte",
  component: lazyRouteComponent(() => import("../features/oncall/OnCallPage"), "OnCallPage"),
});

const playback = createRoute({
  getParentRoute: () => root,
  path: "/relecture",
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("../features/playback/PlaybackPage"), "PlaybackPage"),
});
const cameras = createRoute({
  getParentRoute: () => root,
  path: "/cameras",
  component: lazyRouteComponent(() => import("../features/cameras/CamerasPage"), "CamerasPage"),
});
const cameraCheck = createRoute({
  getParentRoute: () => root,
  path: "/essai-cameras",
  component: lazyRouteComponent(() => import("../features/shift/CameraCheckPage"), "CameraCheckPage"),
});
const cameraFile = createRoute({
  getParentRoute: () => root,
  path: "/cameras/$id",
  component: lazyRouteComponent(() => import("../features/cameras/CameraFilePage"), "CameraFilePage"),
});
const wallPage = lazyRouteComponent(() => import("../features/wall/WallPage"), "WallPage");
const wall = createRoute({ getParentRoute: () => root, path: "/mur", component: wallPage });
const savedWall = createRoute({ getParentRoute: () => root, path: "/mur/$layout", component: wallPage });

export const router = createRouter({
  routeTree: root.addChildren([
    wall,
    savedWall,

    desk,
    dossier,
    site,
    logbook,
    monitor,
    room,
    account,
    people,
    onCall,
    playback,
    cameras,
    cameraFile,
    cameraCheck,
  ]),
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
