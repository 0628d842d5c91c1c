/** The whole page: the log-in form, or the rails around what is in sight. */

import { FRIENDS, MODERATION } from "../model/selection.js";
import { addWorkspace } from "./add_workspace.js";
import { authForm } from "./auth.js";
import { channelRail } from "./channel_rail.js";
import { channelView } from "./channel_view.js";
import { clientSettings } from "./client_settings.js";
import { connectionBanner, diagnostics, notices } from "./status.js";
import { h } from "./dom.js";
import { friendsView } from "./friends.js";
import { memberRail } from "./members.js";
import { moderationView } from "./moderation.js";
import { workspaceRail } from "./workspace_rail.js";
import { workspaceSettings } from "./workspace_settings.js";

const VIEWS = { [FRIENDS]: friendsView, [MODERATION]: moderationView };
const DIALOGS = {
  "add-workspace": addWorkspace,
  "client-settings": clientSettings,
  "workspace-settings": workspaceSettings,
};

/** The page as a list of descriptions. */
export function page(shell) {
  if (shell.sync === null) return [authForm(shell)];
  const { selection, overlay, isDiagnosing } = shell.ui;
  const view = VIEWS[selection.view] ?? channelView;
  return [
    h("div", { key: "app", class: "app" }, [
      workspaceRail(shell),
      channelRail(shell),
      h("main", { class: "stage", id: "stage", tabindex: "-1" }, [
        connectionBanner(shell),
        notices(shell),
        view(shell),
      ]),
      selection.view === FRIENDS ? null : memberRail(shell),
      isDiagnosing ? diagnostics(shell) : null,
    ]),
    overlay && DIALOGS[overlay.kind](shell),
  ].filter(Boolean);
}
