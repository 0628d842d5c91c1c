/** The overrides of channels, in the workspace's settings: those that events told of, and a form to write one. */

import { change } from "../actions.js";
import { PERMISSIONS, rolesInOrder } from "../model/permissions.js";
import { h } from "./dom.js";
import { nameOf, onSubmit, readOnly, selectField, username } from "./parts.js";
import { formError } from "./status.js";

export function overridesPanel(shell) {
  const { guildId } = shell.ui.overlay;
  const isPermitted = shell.may("manage_channel_overrides");
  return h("div", {}, [
    h("div", { class: "section" }, [
      h("h2", {}, "Overrides"),
      h(
        "p",
        { class: "hint" },
        "Overrides are told as they change and can be listed by nobody: these were written since you connected.",
      ),
      !isPermitted && readOnly("overrides-reason", "manage_channel_overrides", "write overrides"),
      overrideList(shell, guildId),
    ]),
    isPermitted && overrideForm(shell, guildId),
  ]);
}

/** The known overrides of a workspace, by channel. */
export function overrideList(shell, guildId) {
  const { state } = shell;
  const rows = (state.channels[guildId] ?? []).flatMap((channel) =>
    Object.entries(state.overrides[guildId]?.[channel.channel_id] ?? {}).map(([target, override]) =>
      h("li", { key: `${channel.channel_id}-${target}`, class: "row" }, [
        h("span", {}, ["#", nameOf(channel.name)]),
        h("bdi", { class: "chip" }, targetName(state, guildId, target)),
        h(
          "span",
          { class: "hint" },
          [...override.allow.map((name) => `+${name}`), ...override.deny.map((name) => `-${name}`)].join(", "),
        ),
      ]),
    ),
  );
  return rows.length > 0
    ? h("ul", { class: "rows", "aria-label": "Overrides" }, rows)
    : h("p", { class: "hint" }, "No override is known.");
}

function targetName(state, guildId, target) {
  const [kind, id] = target.split(":");
  if (kind === "role") return state.roles[guildId]?.[id]?.name ?? "unknown role";
  return kind === "member" ? username(state, id) : kind;
}

function overrideForm(shell, guildId) {
  const { state } = shell;
  const channels = (state.channels[guildId] ?? []).map((channel) => [channel.channel_id, `#${channel.name}`]);
  const roles = rolesInOrder(state.roles[guildId]).map(([id, role]) => [`role/${id}`, `Role ${role.name}`]);
  const people = Object.keys(state.members[guildId] ?? {}).map((id) => [`member/${id}`, username(state, id)]);
  const save = ({ channel, target, ...chosen }) => {
    const of = (word) => PERMISSIONS.filter((name) => chosen[name] === word);
    const path = `/guilds/${guildId}/channels/${channel}/permission-overrides/${target}`;
    return change(shell, "override", "POST", path, { allow: of("allow"), deny: of("deny") });
  };
  return h("form", { class: "section", on: onSubmit(save), "aria-label": "Write an override" }, [
    h("h2", {}, "Write an override"),
    h("div", { class: "inline-form" }, [
      selectField("override-channel", "Channel", channels, { name: "channel" }),
      selectField("override-target", "For", [...roles, ...people], { name: "target" }),
    ]),
    h(
      "div",
      { class: "grid" },
      PERMISSIONS.map((name) => selectField(`override-${name}`, name, CHOICES, { name })),
    ),
    formError(shell, "override"),
    h("button", { type: "submit", class: "button primary" }, "Save override"),
  ]);
}

const CHOICES = [
  ["", "as before"],
  ["allow", "allow"],
  ["deny", "deny"],
];
