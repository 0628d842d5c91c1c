/** The outermost rail: friends, workspaces, and the way to more. */

import { loadDirectory } from "../actions.js";
import { FRIENDS } from "../model/selection.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { hueOf, iconButton, initial } from "./parts.js";

export function workspaceRail(shell) {
  const { state, ui } = shell;
  const isChosen = (guildId) => ui.selection.view !== FRIENDS && ui.selection.guildId === guildId;
  return h("nav", { class: "rail", "aria-label": "Workspaces" }, [
    friendsButton(shell),
    h("hr", {}),
    h(
      "ul",
      { class: "rail-list" },
      Object.entries(state.workspaces).map(([guildId, guild]) =>
        h(
          "li",
          { key: guildId },
          workspaceButton(guildId, guild.name, isChosen(guildId), () => shell.selectGuild(guildId)),
        ),
      ),
    ),
    iconButton("plus", "Add a workspace", () => open(shell), { id: "add-workspace", class: "tile tile-quiet" }),
    h("div", { class: "grow" }),
    iconButton("pulse", "Diagnostics", () => shell.update({ isDiagnosing: !ui.isDiagnosing }), {
      class: "tile tile-quiet",
      "aria-pressed": String(ui.isDiagnosing),
    }),
  ]);
}

function friendsButton(shell) {
  const incoming = Object.keys(shell.state.friend_requests?.incoming ?? {}).length;
  const isChosen = shell.ui.selection.view === FRIENDS;
  const label = incoming > 0 ? `Friends, ${incoming} waiting` : "Friends";
  const properties = {
    type: "button",
    class: "tile",
    "aria-label": label,
    title: label,
    "aria-current": isChosen ? "page" : undefined,
    on: { click: () => shell.select({ ...shell.ui.selection, view: FRIENDS }) },
  };
  return h("button", properties, [icon("people"), incoming > 0 && h("span", { class: "badge" }, incoming)]);
}

function workspaceButton(guildId, name, isChosen, onClick) {
  const properties = {
    type: "button",
    class: `tile hue-${hueOf(guildId)}`,
    "aria-label": name,
    title: name,
    "aria-current": isChosen ? "page" : undefined,
    on: { click: onClick },
  };
  return h("button", properties, initial(name));
}

function open(shell) {
  shell.openDialog("add-workspace", "add-workspace");
  void loadDirectory(shell);
}
