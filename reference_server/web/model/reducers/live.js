/** Steps of what only a subscription tells: that a channel is live, who is online, who speaks (contract 9.2). */

import { same } from "../json.js";
import { excluding, including, makeLive, put, set } from "../state.js";

/** Mark the channel live; what nobody asked for has no effect. */
function subscribed(state, { guild_id: guildId, channel_id: channelId }) {
  return state.asked[channelId] === guildId ? makeLive(state, guildId, channelId) : state;
}

/** Replace the set. */
function presenceSync(state, { guild_id: guildId, user_ids: userIds }) {
  return set(state, "presence", guildId, [...new Set(userIds)].sort());
}

/** Add or remove one user. */
function presenceUpdate(state, { guild_id: guildId, user_id: userId, status }) {
  const online = state.presence[guildId] ?? [];
  if (online.includes(userId) === (status === "online")) return state;
  return set(state, "presence", guildId, (status === "online" ? including : excluding)(online, userId));
}

/** Replace the participants; they are told without streams, so those of who stays are kept. */
function participantSync(voices, { participants }) {
  return Object.fromEntries(
    participants.map(({ user_id: userId, ...told }) => [userId, { ...told, streams: voices[userId]?.streams ?? [] }]),
  );
}

/** Insert; who joins publishes nothing yet. */
function participantJoin(voices, { participant: { user_id: userId, ...told } }) {
  return isOlder(told, voices[userId]) ? voices : put(voices, userId, { ...told, streams: [] });
}

/** Set the given flags of somebody held. */
function participantUpdate(voices, told) {
  const held = voices[told.user_id];
  if (held === undefined || isOlder(told, held)) return voices;
  return put(voices, told.user_id, { ...held, ...told.updated_fields, updated_at_unix: told.updated_at_unix });
}

function participantLeave(voices, told) {
  return put(voices, told.user_id, undefined);
}

const streams = (step) => (voices, told) => {
  const held = voices[told.user_id];
  return held ? put(voices, told.user_id, { ...held, streams: step(held.streams, told.stream) }) : voices;
};

/** An older `updated_at_unix` is ignored, an equal one applied. */
function isOlder(told, held) {
  return held !== undefined && told.updated_at_unix < held.updated_at_unix;
}

/** Of live channels, and of others not. */
const inVoice = (step) => (state, told) => {
  if (state.live[told.channel_id] !== told.guild_id) return state;
  const voices = state.voice[told.channel_id] ?? {};
  const changed = step(voices, told);
  return same(changed, voices) ? state : set(state, "voice", told.channel_id, changed);
};

/** A subscribe tells presence before the workspace itself can be read. */
const inPresence = (step) => (state, told) =>
  Object.hasOwn(state.workspaces, told.guild_id) ||
  [...Object.values(state.asked), ...Object.values(state.live)].includes(told.guild_id)
    ? step(state, told)
    : state;

export const LIVE = {
  subscribed,
  presence_sync: inPresence(presenceSync),
  presence_update: inPresence(presenceUpdate),
  voice_participant_sync: inVoice(participantSync),
  voice_participant_join: inVoice(participantJoin),
  voice_participant_update: inVoice(participantUpdate),
  voice_participant_leave: inVoice(participantLeave),
  voice_stream_publish: inVoice(streams(including)),
  voice_stream_unpublish: inVoice(streams(excluding)),
};
