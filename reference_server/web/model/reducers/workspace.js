/** Steps of a held workspace: its own fields, channels and members (contract 9.2). */

import { dropChannels, dropGuild, excluding, hasChannel, liveIn, put, set, without } from "../state.js";

/** Set the fields. */
function workspaceUpdate(state, told) {
  return set(state, "workspaces", told.guild_id, { ...state.workspaces[told.guild_id], ...told.updated_fields });
}

/** Insert at the end, or replace. */
function channelCreate(state, { guild_id: guildId, channel }) {
  const held = state.channels[guildId];
  if (!held) return state;
  const isHeld = hasChannel(state, guildId, channel.channel_id);
  const channels = isHeld
    ? held.map((one) => (one.channel_id === channel.channel_id ? channel : one))
    : [...held, channel];
  return set(state, "channels", guildId, channels);
}

/** Set the name of a held channel. */
function channelUpdate(state, told) {
  const channels = state.channels[told.guild_id]?.map((one) =>
    one.channel_id === told.channel_id ? { ...one, ...told.updated_fields } : one,
  );
  return set(state, "channels", told.guild_id, channels);
}

/** Remove the channel with everything that hangs on it. */
function channelDelete(state, { guild_id: guildId, channel_id: channelId }) {
  if (!hasChannel(state, guildId, channelId)) return state;
  const left = state.channels[guildId].filter((one) => one.channel_id !== channelId);
  const listed = set(dropChannels(state, [channelId]), "channels", guildId, left);
  return set(listed, "overrides", guildId, withoutChannel(listed.overrides[guildId], channelId));
}

function withoutChannel(overrides, channelId) {
  const left = put(overrides ?? {}, channelId, undefined);
  return Object.keys(left).length === 0 ? undefined : left;
}

/** Order the listed channels as told; unlisted ones come after them as they were. */
function channelReorder(state, { guild_id: guildId, channel_ids: ids }) {
  const held = state.channels[guildId];
  if (!held) return state;
  const listed = [...new Set(ids)].flatMap((id) => held.filter((one) => one.channel_id === id));
  return set(state, "channels", guildId, [...listed, ...held.filter((one) => !listed.includes(one))]);
}

/** Insert or replace. */
function memberAdd(state, { guild_id: guildId, user_id: userId, role }) {
  const members = state.members[guildId];
  return members ? set(state, "members", guildId, put(members, userId, role)) : state;
}

/** Set the legacy role of a held member. */
function memberUpdate(state, told) {
  const members = state.members[told.guild_id];
  if (!members || !Object.hasOwn(members, told.user_id)) return state;
  return set(state, "members", told.guild_id, put(members, told.user_id, told.updated_fields.role));
}

/** Another user's ban: as the removal. One's own has no effect yet, the removal follows. */
function memberBan(state, told) {
  return told.user_id === state.user_id ? state : withoutMember(state, told);
}

/** Oneself: drop the whole workspace. Another: drop member, assignments, presence, voice. */
function memberRemove(state, told) {
  return told.user_id === state.user_id ? dropGuild(state, told.guild_id) : withoutMember(state, told);
}

function withoutMember(state, { guild_id: guildId, user_id: userId }) {
  let left = state;
  for (const slice of ["members", "assignments"]) {
    const held = left[slice][guildId];
    if (held) left = set(left, slice, guildId, without(held, [userId]));
  }
  const online = left.presence[guildId];
  if (online) left = set(left, "presence", guildId, excluding(online, userId));
  for (const channelId of liveIn(left, guildId)) {
    const voices = left.voice[channelId];
    if (voices) left = set(left, "voice", channelId, without(voices, [userId]));
  }
  return left;
}

export const WORKSPACE = {
  workspace_update: workspaceUpdate,
  channel_create: channelCreate,
  channel_update: channelUpdate,
  channel_delete: channelDelete,
  channel_reorder: channelReorder,
  workspace_member_add: memberAdd,
  workspace_member_update: memberUpdate,
};

/** Removals also end what a subscribe told of a workspace that was not read yet. */
export const REMOVALS = { workspace_member_ban: memberBan, workspace_member_remove: memberRemove };
