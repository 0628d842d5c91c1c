/** The dialog to create a workspace or to join a public one. */

import { createWorkspace, joinWorkspace } from "../actions.js";
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { button, nameOf, onSubmit, selectField, textField } from "./parts.js";
import { formError } from "./status.js";

export function addWorkspace(shell) {
  const box = { id: "add-workspace-dialog", title: "Add a workspace", wide: false, onClose: () => shell.closeDialog() };
  return dialog(box, [createForm(shell), directory(shell)]);
}

function createForm(shell) {
  return h("form", { class: "section", on: onSubmit((values) => createWorkspace(shell, values)) }, [
    h("h2", {}, "Create your own"),
    textField("new-workspace-name", "Name", { name: "name", required: true, maxlength: "64" }),
    selectField("new-workspace-visibility", "Visibility", VISIBILITIES, { name: "visibility" }),
    formError(shell, "create-workspace"),
    h("button", { type: "submit", class: "button primary" }, "Create workspace"),
  ]);
}

export const VISIBILITIES = [
  ["private", "Private: members are added"],
  ["public", "Public: everybody may join"],
];

function directory(shell) {
  const found = shell.ui.directory ?? [];
  const open = found.filter((guild) => !Object.hasOwn(shell.state.workspaces, guild.guild_id));
  return h("section", { class: "section", "aria-labelledby": "directory-title" }, [
    h("h2", { id: "directory-title" }, "Join a public one"),
    formError(shell, "join-workspace"),
    open.length === 0 && h("p", { class: "hint" }, "There is no public workspace that you are not in already."),
    h(
      "ul",
      { class: "rows" },
      open.map((guild) =>
        h("li", { key: guild.guild_id, class: "row" }, [
          nameOf(guild.name),
          button("Join", () => joinWorkspace(shell, guild.guild_id), { "aria-label": `Join ${guild.name}` }),
        ]),
      ),
    ),
  ]);
}
