/** One message: its author, text, files and reactions, and what one may do with it. */

import { change, saveAttachment, toggleReaction } from "../actions.js";
import { heldRoles } from "../model/permissions.js";
import { at } from "../model/state.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, button, iconButton, nameOf, onSubmit, paint, timeOf, username } from "./parts.js";
import { formError } from "./status.js";

const PALETTE = ["👍", "❤️", "😂", "🎉", "👀", "🙏"];

export function message(shell, one, isUnderSameName) {
  const { ui } = shell;
  const id = one.message_id;
  const isEdited = ui.editing === id;
  const classes = `message${isUnderSameName ? " message-more" : ""}`;
  return h("li", { key: id, class: classes, "data-anchor": true, "data-message": id }, [
    isUnderSameName ? null : byline(shell, one),
    isEdited ? editor(shell, one) : h("p", { key: "text", class: "text", dir: "auto" }, one.content),
    one.attachments.length > 0 && attachments(shell, one),
    reactions(shell, one),
    ui.picking === id && palette(shell, one),
    isEdited ? null : tools(shell, one),
  ]);
}

function byline(shell, one) {
  const { state, ui } = shell;
  const color = heldRoles(state, ui.selection.guildId, one.author_id).find((role) => role.color_hex)?.color_hex;
  return h("div", { key: "byline", class: "byline" }, [
    avatar(state, one.author_id),
    nameOf(username(state, one.author_id), { class: "name author" }),
    color && h("span", { class: "role-dot", mounted: (node) => paint(node, color), "data-color": color, key: color }),
    timeOf(one.created_at_unix),
  ]);
}

function editor(shell, one) {
  const path = `${pathOf(shell)}/messages/${one.message_id}`;
  const close = () => {
    shell.update({ editing: null });
    shell.focus(`edit-${one.message_id}`);
  };
  const save = async ({ content }) => (await change(shell, "edit", "PATCH", path, { content })) && close();
  const keys = (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) event.target.form.requestSubmit();
    else return;
    event.preventDefault();
  };
  return h("form", { key: "editor", class: "editor", on: onSubmit(save) }, [
    h("textarea", {
      name: "content",
      "aria-label": "Edit message",
      rows: "2",
      value: one.content,
      mounted: (node) => node.focus(),
      on: { keydown: keys },
    }),
    formError(shell, "edit"),
    h("div", { class: "actions" }, [
      h("button", { type: "submit", class: "button primary small" }, "Save"),
      button("Cancel", close, { class: "button small" }),
    ]),
  ]);
}

function attachments(shell, one) {
  const place = shell.ui.selection;
  const file = (attachment) =>
    h("li", { key: attachment.attachment_id, class: "file" }, [
      icon("clip"),
      h("bdi", {}, attachment.filename),
      h("span", { class: "hint" }, `${Math.ceil(attachment.size_bytes / 1024)} KiB`),
      button("Save", () => saveAttachment(shell, place, attachment), {
        class: "button small",
        "aria-label": `Save ${attachment.filename}`,
      }),
    ]);
  return h("ul", { key: "files", class: "files", "aria-label": "Attachments" }, one.attachments.map(file));
}

function reactions(shell, one) {
  const entries = Object.entries(at(shell.state.reactions, one.message_id) ?? {});
  if (entries.length === 0) return null;
  const own = at(shell.state.own_reactions, one.message_id) ?? [];
  const pill = ([emoji, { count }]) => {
    const isOwn = own.includes(emoji);
    return h(
      "button",
      {
        key: emoji,
        type: "button",
        class: "pill",
        "aria-pressed": String(isOwn),
        on: { click: () => toggleReaction(shell, shell.ui.selection, one.message_id, emoji, isOwn) },
      },
      [h("bdi", {}, emoji), " ", h("span", {}, count)],
    );
  };
  return h(
    "div",
    { key: "reactions", class: "reactions", role: "group", "aria-label": "Reactions" },
    entries.map(pill),
  );
}

function palette(shell, one) {
  const own = at(shell.state.own_reactions, one.message_id) ?? [];
  const choose = (emoji) => {
    shell.update({ picking: null });
    return toggleReaction(shell, shell.ui.selection, one.message_id, emoji, own.includes(emoji));
  };
  const choice = (emoji) =>
    h("button", { key: emoji, type: "button", class: "pill", on: { click: () => choose(emoji) } }, emoji);
  return h(
    "div",
    { key: "palette", class: "palette", role: "group", "aria-label": "Choose a reaction" },
    PALETTE.map(choice),
  );
}

function tools(shell, one) {
  const { state, ui } = shell;
  const id = one.message_id;
  const isOwn = one.author_id === state.user_id;
  const mayDelete = isOwn || (state.permissions[ui.selection.channelId] ?? []).includes("delete_message");
  const remove = () => change(shell, null, "DELETE", `${pathOf(shell)}/messages/${id}`);
  const isConfirming = ui.confirming === `delete-${id}`;
  return h("div", { key: "tools", class: "tools", role: "group", "aria-label": "Message actions" }, [
    iconButton("smile", "Add reaction", () => shell.update({ picking: ui.picking === id ? null : id })),
    (isOwn || mayDelete) &&
      iconButton("edit", "Edit message", () => shell.update({ editing: id, picking: null }), { id: `edit-${id}` }),
    mayDelete &&
      !isConfirming &&
      iconButton("trash", "Delete message", () => shell.update({ confirming: `delete-${id}` })),
    isConfirming &&
      button("Delete for everybody", remove, { class: "button small danger", mounted: (node) => node.focus() }),
  ]);
}

function pathOf(shell) {
  const { guildId, channelId } = shell.ui.selection;
  return `/guilds/${guildId}/channels/${channelId}`;
}
