/** What belongs to a workspace. Nothing of the client or the own profile is here (UX-3). */

import { change } from "../actions.js";
import { VISIBILITIES } from "./add_workspace.js";
import { channelsPanel } from "./channels_panel.js";
import { dialog, tabs } from "./dialog.js";
import { h } from "./dom.js";
import { desk } from "./moderation.js";
import { overridesPanel } from "./overrides_panel.js";
import { onSubmit, readOnly, selectField, textField } from "./parts.js";
import { rolesPanel } from "./roles_panel.js";
import { formError } from "./status.js";

const TABS = {
  Overview: overview,
  Channels: channelsPanel,
  Roles: rolesPanel,
  Overrides: overridesPanel,
  Moderation: desk,
};

export function workspaceSettings(shell) {
  const { tab } = shell.ui.overlay;
  const box = { id: "workspace-settings", title: "Workspace settings", onClose: () => shell.closeDialog() };
  const names = Object.keys(TABS);
  const choice = {
    id: "workspace",
    label: "Workspace settings",
    names,
    chosen: tab,
    onChoose: (name) => shell.chooseTab(name),
  };
  return dialog(box, tabs(choice, TABS[tab](shell)));
}

function overview(shell) {
  const { guildId } = shell.ui.overlay;
  const guild = shell.state.workspaces[guildId];
  const isPermitted = shell.may("manage_roles");
  const save = ({ name, visibility }) => {
    const changed = { ...(name !== guild.name && { name }), ...(visibility !== guild.visibility && { visibility }) };
    if (Object.keys(changed).length > 0) return change(shell, "workspace", "PATCH", `/guilds/${guildId}`, changed);
    return null;
  };
  const closed = { disabled: !isPermitted };
  return h("form", { class: "section", on: onSubmit(save) }, [
    h("h2", {}, "Overview"),
    !isPermitted && readOnly("workspace-reason", "manage_roles", "change name and visibility of this workspace"),
    textField("workspace-name", "Workspace name", {
      name: "name",
      value: guild.name,
      required: true,
      maxlength: "64",
      ...closed,
    }),
    selectField("workspace-visibility", "Workspace visibility", VISIBILITIES, {
      name: "visibility",
      value: guild.visibility,
      ...closed,
    }),
    formError(shell, "workspace"),
    h(
      "button",
      {
        type: "submit",
        class: "button primary",
        ...closed,
        "aria-describedby": isPermitted ? undefined : "workspace-reason",
      },
      "Save workspace",
    ),
  ]);
}
