/** The channels of a workspace, in its settings: create, rename, move, delete. */

import { change, createChannel } from "../actions.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { confirmed, iconButton, onSubmit, readOnly, selectField, textField } from "./parts.js";
import { formError } from "./status.js";

export function channelsPanel(shell) {
  const { guildId } = shell.ui.overlay;
  const channels = shell.state.channels[guildId] ?? [];
  const isPermitted = shell.may("manage_channel_overrides");
  const ids = channels.map((channel) => channel.channel_id);
  return h("div", {}, [
    h("div", { class: "section" }, [
      h("h2", {}, "Channels"),
      !isPermitted && readOnly("channels-reason", "manage_channel_overrides", "change channels"),
      formError(shell, "channels"),
      h(
        "ul",
        { class: "rows" },
        channels.map((channel, at) => row(shell, guildId, channel, ids, at, isPermitted)),
      ),
    ]),
    isPermitted && createForm(shell, guildId),
  ]);
}

function row(shell, guildId, channel, ids, at, isPermitted) {
  const id = channel.channel_id;
  const path = `/guilds/${guildId}/channels/${id}`;
  const rename = ({ name }) => (name === channel.name ? null : change(shell, "channels", "PATCH", path, { name }));
  return h("li", { key: id, class: "row" }, [
    icon(channel.kind === "voice" ? "voice" : "hash"),
    h("form", { class: "row-form", on: onSubmit(rename) }, [
      h("input", {
        type: "text",
        name: "name",
        "aria-label": `Name of channel ${channel.name}`,
        value: channel.name,
        required: true,
        maxlength: "64",
        disabled: !isPermitted,
      }),
      isPermitted &&
        h("button", { type: "submit", class: "button small", "aria-label": `Rename ${channel.name}` }, "Rename"),
    ]),
    isPermitted &&
      h("div", { class: "actions" }, [
        at > 0 && iconButton("up", `Move ${channel.name} up`, () => moveUp(shell, guildId, ids, at)),
        confirmed(shell, `channel-${id}`, "Delete", () => change(shell, "channels", "DELETE", path)),
      ]),
  ]);
}

function moveUp(shell, guildId, ids, at) {
  const order = ids.with(at - 1, ids[at]).with(at, ids[at - 1]);
  return change(shell, "channels", "POST", `/guilds/${guildId}/channels/reorder`, { channel_ids: order });
}

function createForm(shell, guildId) {
  const create = async (values, form) => (await createChannel(shell, guildId, values)) && form.reset();
  const kinds = [
    ["text", "Text"],
    ["voice", "Voice"],
  ];
  return h("form", { class: "section inline-form", on: onSubmit(create) }, [
    h("h2", {}, "New channel"),
    textField("channel-name", "Channel name", { name: "name", required: true, maxlength: "64" }),
    selectField("channel-kind", "Kind", kinds, { name: "kind" }),
    h("button", { type: "submit", class: "button primary" }, "Create channel"),
    formError(shell, "create-channel"),
  ]);
}
