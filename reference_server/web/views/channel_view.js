/** The message pane: a channel's head, its messages, and the composer. */

import { joinVoice } from "../actions.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { message } from "./message.js";
import { button, emptyState, nameOf } from "./parts.js";
import { ownVoice } from "./voice.js";

/** Messages of one author within this time stand under one name. */
const TOGETHER_S = 300;

export function channelView(shell) {
  const { state, ui } = shell;
  const { guildId, channelId } = ui.selection;
  if (guildId === null) return welcome(shell);
  const channel = state.channels[guildId]?.find((one) => one.channel_id === channelId);
  if (channel === undefined) return noChannel(shell);
  return h("section", { key: channelId, class: "pane", "aria-label": `Channel ${channel.name}` }, [
    head(shell, channel),
    history(shell, channel),
    composer(shell, channel),
  ]);
}

function welcome(shell) {
  const isKnown = shell.ui.connection.status === "open" && shell.state.profiles[shell.state.user_id] !== undefined;
  if (!isKnown) return emptyState("One moment…");
  const hint = "Create a workspace or join one with the plus at the left.";
  return h("div", { key: "welcome", class: "pane" }, emptyState("You are in no workspace", hint));
}

function noChannel(shell) {
  const isRead = shell.state.channels[shell.ui.selection.guildId] !== undefined;
  const texts = isRead ? ["No channel here", "There is none that you may read."] : ["One moment…"];
  return h("div", { key: "none", class: "pane" }, emptyState(...texts));
}

function head(shell, channel) {
  const isThere = ownVoice(shell.state)?.[0] === channel.channel_id;
  const join = () => joinVoice(shell, { guildId: shell.ui.selection.guildId, channelId: channel.channel_id });
  return h("header", { class: "pane-head" }, [
    icon(channel.kind === "voice" ? "voice" : "hash"),
    h("h1", {}, nameOf(channel.name)),
    channel.kind === "voice" && !isThere && button("Join voice", join),
  ]);
}

function history(shell, channel) {
  const { state } = shell;
  const messages = state.messages[channel.channel_id];
  const properties = {
    class: "history",
    role: "log",
    tabindex: "0",
    "aria-label": `Messages in ${channel.name}`,
    "data-scroll": channel.channel_id,
  };
  if (messages === undefined) return h("div", properties, h("p", { class: "hint center" }, "Reading…"));
  const isWhole = state.whole[channel.channel_id] === true;
  return h("div", properties, [
    isWhole
      ? beginning(channel)
      : button("Load earlier messages", () => shell.sync.readFurther(shell.ui.selection.guildId, channel.channel_id), {
          key: "earlier",
          class: "link center",
        }),
    h(
      "ol",
      { class: "messages" },
      messages.map((one, at) => message(shell, one, isUnderSameName(messages[at - 1], one))),
    ),
  ]);
}

function beginning(channel) {
  return h("div", { key: "beginning", class: "beginning" }, [
    h("h2", {}, ["This is where ", nameOf(channel.name), " begins"]),
    h("p", { class: "hint" }, "Whatever happens here shows at once, to everybody who may see it."),
  ]);
}

function isUnderSameName(former, one) {
  return former?.author_id === one.author_id && one.created_at_unix - former.created_at_unix < TOGETHER_S;
}
