/** The moderation view: who may do what, IP bans without any address, and what was done. */

import { change } from "../actions.js";
import { rolesInOrder } from "../model/permissions.js";
import { h } from "./dom.js";
import { overrideList } from "./overrides_panel.js";
import { confirmed, nameOf, timeOf, username } from "./parts.js";

export function moderationView(shell) {
  return h("section", { key: "moderation", class: "pane", "aria-label": "Moderation" }, [
    h("header", { class: "pane-head" }, h("h1", {}, "Moderation")),
    h("div", { class: "pane-body", tabindex: "0", role: "group", "aria-label": "What is moderated" }, [
      roles(shell),
      overrides(shell),
      desk(shell),
    ]),
  ]);
}

/** IP bans and the audit log, for those who may read them. */
export function desk(shell) {
  const { guildId } = shell.ui.selection;
  return h("div", { key: "desk" }, [bans(shell, guildId), audit(shell)]);
}

function section(id, title, ...children) {
  return h("section", { key: id, class: "section", "aria-labelledby": id }, [h("h2", { id }, title), ...children]);
}

function roles(shell) {
  const entries = rolesInOrder(shell.state.roles[shell.ui.selection.guildId]);
  const row = ([roleId, role]) =>
    h("li", { key: roleId, class: "row" }, [
      nameOf(role.name),
      h("span", { class: "hint" }, role.permissions.join(", ") || "nothing"),
    ]);
  return section("moderation-roles", "Roles", h("ul", { class: "rows" }, entries.map(row)));
}

function overrides(shell) {
  return section("moderation-overrides", "Overrides", overrideList(shell, shell.ui.selection.guildId));
}

function bans(shell, guildId) {
  const { bans: list } = shell.desk.lists;
  const id = "moderation-bans";
  if (list === null) return section(id, "IP bans", notForYou(shell, "manage_ip_bans", "see IP bans"));
  const remove = (banId) => change(shell, null, "DELETE", `/guilds/${guildId}/ip-bans/${banId}`);
  const row = (ban) =>
    h("li", { key: ban.ban_id, class: "row" }, [
      h("span", {}, [
        "Addresses of ",
        ban.source_user_id ? nameOf(username(shell.state, ban.source_user_id)) : "somebody",
      ]),
      ban.reason && h("bdi", { class: "hint" }, ban.reason),
      timeOf(ban.created_at_unix),
      confirmed(shell, `ban-${ban.ban_id}`, "Lift", () => remove(ban.ban_id)),
    ]);
  const rows =
    list.length > 0 ? h("ul", { class: "rows" }, list.map(row)) : h("p", { class: "hint" }, "No address is banned.");
  return section(id, `IP bans (${list.length})`, rows);
}

function audit(shell) {
  const { audit: list } = shell.desk.lists;
  const id = "moderation-audit";
  if (list === null) return section(id, "Audit log", notForYou(shell, "view_audit_log", "read the audit log"));
  const row = (entry) =>
    h("li", { key: entry.audit_id, class: "row" }, [
      timeOf(entry.created_at_unix),
      nameOf(username(shell.state, entry.actor_user_id)),
      h("code", {}, entry.action),
      entry.target_user_id && nameOf(username(shell.state, entry.target_user_id)),
    ]);
  return section(id, "Audit log", h("ol", { class: "rows" }, list.map(row)));
}

function notForYou(shell, permission, what) {
  const isPermitted = shell.may(permission);
  return h(
    "p",
    { class: isPermitted ? "hint" : "reason" },
    isPermitted ? "Reading…" : `You need the permission ${permission} to ${what}.`,
  );
}
