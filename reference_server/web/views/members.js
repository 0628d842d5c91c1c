/** The member rail: who is online, who is not, and what one may do with each. */

import { change } from "../actions.js";
import { heldRoles } from "../model/permissions.js";
import { h } from "./dom.js";
import { avatar, button, confirmed, nameOf, paint, username } from "./parts.js";

export function memberRail(shell) {
  const { state, ui } = shell;
  const guildId = ui.selection.guildId;
  const members = Object.keys(state.members[guildId] ?? {});
  const online = state.presence[guildId] ?? [];
  const isOnline = (userId) => online.includes(userId);
  return h("aside", { key: "members", class: "members", "aria-label": "Members" }, [
    group(shell, "Online", members.filter(isOnline)),
    group(
      shell,
      "Offline",
      members.filter((userId) => !isOnline(userId)),
    ),
  ]);
}

function group(shell, title, userIds) {
  if (userIds.length === 0) return null;
  const byName = (one, other) => username(shell.state, one).localeCompare(username(shell.state, other));
  return h("section", { key: title, "aria-label": title, class: `group group-${title.toLowerCase()}` }, [
    h("h2", {}, `${title} — ${userIds.length}`),
    h(
      "ul",
      {},
      [...userIds].sort(byName).map((userId) => member(shell, userId)),
    ),
  ]);
}

function member(shell, userId) {
  const { state, ui } = shell;
  const isOpen = ui.openMember === userId;
  const roles = heldRoles(state, ui.selection.guildId, userId);
  const color = roles.find((role) => role.color_hex)?.color_hex;
  const properties = {
    type: "button",
    class: "member",
    "aria-expanded": String(isOpen),
    on: { click: () => shell.update({ openMember: isOpen ? null : userId, confirming: null }) },
  };
  return h("li", { key: userId, "data-member": userId }, [
    h("button", properties, [
      avatar(state, userId),
      nameOf(username(state, userId)),
      color && h("span", { class: "role-dot", key: color, mounted: (node) => paint(node, color) }),
      roles[0] && h("bdi", { class: "tag" }, roles[0].name === "workspace_owner" ? "owner" : roles[0].name),
    ]),
    isOpen && card(shell, userId, roles),
  ]);
}

function card(shell, userId, roles) {
  const { state, ui } = shell;
  const guild = `/guilds/${ui.selection.guildId}`;
  const isSelf = userId === state.user_id;
  return h("div", { class: "card member-card" }, [
    roles.length > 0 &&
      h(
        "ul",
        { class: "chips", "aria-label": "Roles" },
        roles.map((role) => h("li", { key: role.name, class: "chip" }, nameOf(role.name))),
      ),
    h("p", { class: "hint mono" }, userId),
    isSelf
      ? h("p", { class: "hint" }, "That is you.")
      : h("div", { class: "actions" }, [
          friendAction(shell, userId),
          shell.may("ban_member") &&
            confirmed(shell, `kick-${userId}`, "Kick", () =>
              change(shell, null, "POST", `${guild}/members/${userId}/kick`),
            ),
          shell.may("ban_member") &&
            confirmed(shell, `ban-${userId}`, "Ban", () =>
              change(shell, null, "POST", `${guild}/members/${userId}/ban`),
            ),
          shell.may("manage_ip_bans") &&
            confirmed(shell, `address-${userId}`, "Ban addresses", () => banAddresses(shell, guild, userId)),
        ]),
  ]);
}

function banAddresses(shell, guild, userId) {
  return change(shell, null, "POST", `${guild}/ip-bans/by-user`, { target_user_id: userId });
}

/** The next step between two users: ask, wait, or part. */
function friendAction(shell, userId) {
  const { friends, friend_requests: requests } = shell.state;
  if (friends?.[userId]) {
    return confirmed(shell, `unfriend-${userId}`, "Remove friend", () =>
      change(shell, null, "DELETE", `/friends/${userId}`),
    );
  }
  const pending = [...Object.values(requests?.incoming ?? {}), ...Object.values(requests?.outgoing ?? {})];
  const isPending = pending.some((one) => [one.sender_user_id, one.recipient_user_id].includes(userId));
  if (isPending) return h("p", { class: "hint" }, "A friend request is pending.");
  const ask = () => change(shell, null, "POST", "/friends/requests", { recipient_user_id: userId });
  return button("Add friend", ask, { class: "button small" });
}
