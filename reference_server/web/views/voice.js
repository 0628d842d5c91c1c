/** The own place in a voice channel: who enters, leaves, mutes and deafens. */

import { change } from "../actions.js";
import { h } from "./dom.js";
import { button, nameOf } from "./parts.js";

/** `[channelId, participant]` of the user itself, or undefined. */
export function ownVoice(state) {
  return Object.entries(state.voice)
    .map(([channelId, voices]) => [channelId, voices[state.user_id]])
    .find(([, one]) => one !== undefined);
}

/** What one does while in a voice channel. */
export function voiceControls(shell) {
  const [channelId, own] = ownVoice(shell.state);
  const guildId = shell.state.live[channelId];
  const channel = shell.state.channels[guildId]?.find((one) => one.channel_id === channelId);
  const path = `/guilds/${guildId}/channels/${channelId}/voice`;
  const toggle = (label, name) =>
    button(label, () => change(shell, null, "POST", `${path}/state`, { [name]: !own[name] }), {
      class: "button small",
      "aria-pressed": String(own[name]),
    });
  return h("div", { class: "voice-controls", role: "group", "aria-label": "Voice" }, [
    h("p", { class: "hint" }, ["In ", nameOf(channel?.name ?? "a voice channel")]),
    toggle("Mute", "is_muted"),
    toggle("Deafen", "is_deafened"),
    button("Leave", () => change(shell, null, "POST", `${path}/leave`), { class: "button small danger" }),
  ]);
}
