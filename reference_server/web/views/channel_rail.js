/** The channel rail: the workspace's menu, its channels, and the account in the footer. */

import { openModeration } from "../actions.js";
import { FRIENDS } from "../model/selection.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, iconButton, nameOf, username } from "./parts.js";
import { connectionWord } from "./status.js";
import { ownVoice, voiceControls } from "./voice.js";
import { workspaceMenu } from "./workspace_menu.js";

const ADD = "create-channel-button";

export function channelRail(shell) {
  const { selection } = shell.ui;
  const isGuild = selection.view !== FRIENDS && selection.guildId !== null;
  return h("div", { class: "channels" }, [
    isGuild
      ? workspaceMenu(shell)
      : h("div", { class: "rail-title", key: "title" }, selection.view === FRIENDS ? "Friends" : "sync-check"),
    h("nav", { class: "channel-list", "aria-label": "Channels" }, isGuild ? channelList(shell) : null),
    footer(shell),
  ]);
}

function channelList(shell) {
  const { state, ui } = shell;
  const channels = state.channels[ui.selection.guildId] ?? [];
  const add = shell.may("manage_channel_overrides")
    ? iconButton("plus", "Create a channel", () => openChannels(shell), { class: "icon-button small", id: ADD })
    : null;
  return [
    h("div", { class: "list-head" }, [h("h2", {}, "Channels"), add]),
    h(
      "ul",
      {},
      channels.map((channel) =>
        h("li", { key: channel.channel_id }, [channelButton(shell, channel), voices(shell, channel)]),
      ),
    ),
    shell.may("manage_ip_bans") && moderationButton(shell),
  ];
}

function channelButton(shell, channel) {
  const { view, channelId } = shell.ui.selection;
  const isChosen = view === "channel" && channelId === channel.channel_id;
  const properties = {
    type: "button",
    class: "channel",
    "aria-current": isChosen ? "page" : undefined,
    on: { click: () => shell.selectChannel(channel.channel_id) },
  };
  return h("button", properties, [icon(channel.kind === "voice" ? "voice" : "hash"), nameOf(channel.name)]);
}

function voices(shell, channel) {
  const there = Object.entries(shell.state.voice[channel.channel_id] ?? {});
  if (there.length === 0) return null;
  const heard = ([userId, one]) =>
    h("li", { key: userId, class: "voice" }, [
      avatar(shell.state, userId, { size: "s" }),
      nameOf(username(shell.state, userId)),
      one.is_deafened ? h("span", { class: "tag" }, "deaf") : one.is_muted && h("span", { class: "tag" }, "muted"),
    ]);
  return h("ul", { class: "voices", "aria-label": `In ${channel.name}` }, there.map(heard));
}

function moderationButton(shell) {
  const properties = {
    key: "moderation",
    type: "button",
    class: "channel",
    "aria-current": shell.ui.selection.view === "moderation" ? "page" : undefined,
    on: { click: () => openModeration(shell) },
  };
  return h("button", properties, [icon("shield"), h("span", { class: "name" }, "Moderation")]);
}

function openChannels(shell) {
  shell.openDialog("workspace-settings", ADD, { tab: "Channels", guildId: shell.ui.selection.guildId });
}

function footer(shell) {
  const { state } = shell;
  return h("footer", { class: "account", "aria-label": "Account" }, [
    ownVoice(state) && voiceControls(shell),
    h("div", { class: "account-row" }, [
      avatar(state, state.user_id),
      h("div", { class: "account-name" }, [
        nameOf(state.user_id ? username(state, state.user_id) : "…"),
        connectionWord(shell),
      ]),
      iconButton(
        "gear",
        "Open client settings",
        () => shell.openDialog("client-settings", "client-gear", { tab: "Profile" }),
        {
          id: "client-gear",
          "aria-haspopup": "dialog",
        },
      ),
    ]),
  ]);
}
