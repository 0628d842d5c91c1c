/** The workspace's dropdown: a menu button as everybody knows it, with arrow keys, Escape and focus given back. */

import { openModeration, change } from "../actions.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { nameOf } from "./parts.js";

const BUTTON = "workspace-menu-button";
const MENU = "workspace-menu";

export function workspaceMenu(shell) {
  const { state, ui } = shell;
  const guildId = ui.selection.guildId;
  const properties = {
    id: BUTTON,
    type: "button",
    class: "menu-button",
    "aria-label": "Open workspace menu",
    "aria-haspopup": "menu",
    "aria-expanded": String(ui.isMenuOpen),
    "aria-controls": ui.isMenuOpen ? MENU : undefined,
    on: {
      click: () => toggle(shell),
      keydown: (event) => event.key === "ArrowDown" && !ui.isMenuOpen && (event.preventDefault(), toggle(shell)),
    },
  };
  return h("div", { class: "menu-place", key: guildId, on: { focusout: (event) => closeIfLeft(shell, event) } }, [
    h("h1", { class: "rail-title" }, nameOf(state.workspaces[guildId]?.name ?? "")),
    h("button", properties, icon("down")),
    ui.isMenuOpen && menu(shell, guildId),
  ]);
}

function menu(shell, guildId) {
  const items = [
    ["Server Settings", () => shell.openDialog("workspace-settings", BUTTON, { tab: "Overview", guildId })],
    ["Moderation", () => openModeration(shell)],
    ["Leave workspace", () => change(shell, null, "POST", `/guilds/${guildId}/leave`)],
  ];
  const properties = { id: MENU, class: "menu", role: "menu", "aria-label": "Workspace menu" };
  return h(
    "div",
    { ...properties, mounted: (node) => node.firstChild.focus(), on: { keydown: (event) => walk(shell, event) } },
    items.map(([name, act]) => item(shell, name, act)),
  );
}

function item(shell, name, act) {
  const chosen = () => {
    shell.update({ isMenuOpen: false });
    act();
  };
  return h("button", { key: name, type: "button", role: "menuitem", tabindex: "-1", on: { click: chosen } }, name);
}

function toggle(shell) {
  shell.update({ isMenuOpen: !shell.ui.isMenuOpen });
}

function walk(shell, event) {
  const items = [...event.currentTarget.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape") {
    shell.update({ isMenuOpen: false });
    shell.focus(BUTTON);
  } else if (to !== undefined) {
    items.at(to % items.length).focus();
  } else {
    return;
  }
  event.preventDefault();
}

/** A menu closes when the focus goes elsewhere. */
function closeIfLeft(shell, event) {
  const isInside = event.currentTarget.contains(event.relatedTarget);
  if (shell.ui.isMenuOpen && event.relatedTarget && !isInside) shell.update({ isMenuOpen: false });
}
