/** Modal dialogs and their tabs. */

import { h } from "./dom.js";
import { iconButton } from "./parts.js";

/**
 * A modal dialog with a title, a button `Close` and what it holds. It opens where it is drawn; Escape asks to close it,
 * and the owner gives the focus back by drawing it no more.
 */
export function dialog({ id, title, onClose, wide = true }, ...children) {
  const properties = {
    key: id,
    id,
    class: wide ? "dialog" : "dialog dialog-small",
    "aria-labelledby": `${id}-title`,
    mounted: (node) => node.showModal(),
    on: { cancel: (event) => (event.preventDefault(), onClose()) },
  };
  return h("dialog", properties, [
    h("header", { class: "dialog-head" }, [
      h("h1", { id: `${id}-title` }, title),
      iconButton("close", "Close", onClose),
    ]),
    h("div", { class: "dialog-body" }, children),
  ]);
}

/** Tabs beside their panel; arrow keys, Home and End go through them. */
export function tabs({ id, label, names, chosen, onChoose }, panel) {
  const tab = (name) =>
    h(
      "button",
      {
        key: name,
        type: "button",
        role: "tab",
        id: tabId(id, name),
        "aria-selected": String(name === chosen),
        "aria-controls": `${id}-panel`,
        tabindex: name === chosen ? "0" : "-1",
        on: { click: () => onChoose(name) },
      },
      name,
    );
  const list = { class: "tabs", role: "tablist", "aria-label": label, "aria-orientation": "vertical" };
  return [
    h("div", { ...list, on: { keydown: (event) => walk(event, id, names, chosen, onChoose) } }, names.map(tab)),
    h(
      "div",
      {
        key: chosen,
        class: "panel",
        role: "tabpanel",
        id: `${id}-panel`,
        "aria-labelledby": tabId(id, chosen),
        tabindex: "0",
      },
      panel,
    ),
  ];
}

function tabId(id, name) {
  return `${id}-tab-${name.toLowerCase()}`;
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function walk(event, id, names, chosen, onChoose) {
  const at = names.indexOf(chosen);
  const to = { Home: 0, End: names.length - 1 }[event.key] ?? (event.key in STEPS ? at + STEPS[event.key] : null);
  if (to === null) return;
  event.preventDefault();
  const name = names.at(to % names.length);
  onChoose(name);
  document.getElementById(tabId(id, name)).focus();
}
