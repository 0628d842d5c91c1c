/** Taking over what REST said into a state (contract 2.2 and 9.2): the other half of what is believed. */

import { byCreation, withoutPlace } from "./reducers/messages.js";
import { resolved } from "./reducers/overrides.js";
import { permissionList } from "./permissions.js";
import { reading } from "./readings.js";
import { at, dropChannels, dropGuild, dropMessages, liveIn, put, set, withSlice } from "./state.js";
import { count, flag, integer, listOf, object, opaque, optional, orNull, text } from "./types.js";

const profile = object({
  user_id: text, username: text, about_markdown: text, avatar_version: count, banner_version: count,
});
const guildList = object({ guilds: listOf(object({ guild_id: text, name: text, visibility: text })) });
const channelList = object({ channels: listOf(object({ channel_id: text, name: text, kind: text })) });
const role = object({
  role_id: text, name: text, position: integer, is_system: flag, permissions: permissionList, color_hex: orNull(text),
});
const roleList = object({ roles: listOf(role), default_join_role_id: orNull(text) });
const memberList = object({ members: listOf(object({ user_id: text, role_ids: listOf(text) })) });
const ownPermissions = object({ role: text, permissions: permissionList });
const attachment = object({
  attachment_id: text, owner_id: text, filename: text, mime_type: text, size_bytes: count, sha256_hex: text,
});
const reaction = object({ emoji: text, count, reacted_by_me: flag, reactor_user_ids: optional(listOf(text)) });
const message = object({
  message_id: text, author_id: text, content: text, markdown_tokens: listOf(opaque), attachments: listOf(attachment),
  reactions: listOf(reaction), created_at_unix: integer,
});
const messageList = object({ messages: listOf(message), whole: flag });
const friendList = object({ friends: listOf(object({ user_id: text, username: text, created_at_unix: integer })) });
const request = object({
  request_id: text, sender_user_id: text, sender_username: text, recipient_user_id: text, recipient_username: text,
  created_at_unix: integer,
});
const requestList = object({ incoming: listOf(request), outgoing: listOf(request) });
const people = object({ users: listOf(object({ user_id: text, username: text, avatar_version: count })) });

/** A list of objects as a map by one of their members, which they then do without. */
function by(name, list, value = (rest) => rest) {
  return Object.fromEntries(list.map(({ [name]: key, ...rest }) => [key, value(rest)]));
}

function loadProfile(state, _, body) {
  const { user_id: userId, ...rest } = profile(body);
  const person = { username: rest.username, avatar_version: rest.avatar_version };
  return set(set(state, "profiles", userId, rest), "people", userId, person);
}

function loadGuilds(state, _, body) {
  const told = by("guild_id", guildList(body).guilds);
  const gone = Object.keys(state.workspaces).filter((guildId) => !Object.hasOwn(told, guildId));
  return withSlice(gone.reduce(dropGuild, state), "workspaces", told);
}

/** Channels that are not listed any more are pruned with everything that hangs on them (CLIENT-7). */
function loadChannels(state, { guildId }, body) {
  const channels = channelList(body).channels;
  if (!at(state.workspaces, guildId)) return state;
  const listed = new Set(channels.map((channel) => channel.channel_id));
  const held = [
    ...(state.channels[guildId] ?? []).map((channel) => channel.channel_id),
    ...liveIn(state, guildId),
    ...Object.keys(state.asked).filter((channelId) => state.asked[channelId] === guildId),
  ];
  const gone = [...new Set(held)].filter((channelId) => !listed.has(channelId));
  const overrides = gone.reduce((left, channelId) => put(left, channelId, undefined), state.overrides[guildId] ?? {});
  const isAny = Object.keys(overrides).length > 0;
  const kept = set(dropChannels(state, gone), "overrides", guildId, isAny ? overrides : undefined);
  return set(kept, "channels", guildId, channels);
}

function loadRoles(state, { guildId }, body) {
  const told = roleList(body);
  if (!at(state.workspaces, guildId)) return state;
  const named = set(state, "roles", guildId, by("role_id", told.roles));
  return resolved(set(named, "default_join_role_id", guildId, told.default_join_role_id ?? undefined), guildId);
}

/** Legacy roles are not listed: those that are known stay. */
function loadMembers(state, { guildId }, body) {
  const told = memberList(body).members;
  if (!at(state.workspaces, guildId)) return state;
  const held = state.members[guildId] ?? {};
  const members = Object.fromEntries(told.map((one) => [one.user_id, held[one.user_id] ?? null]));
  const assigned = told.filter((one) => one.role_ids.length > 0);
  const assignments = Object.fromEntries(assigned.map((one) => [one.user_id, [...one.role_ids].sort()]));
  return set(set(state, "members", guildId, members), "assignments", guildId, assignments);
}

/** They also tell the own legacy role, which no list does. */
function loadPermissions(state, { guildId, channelId }, body) {
  const told = ownPermissions(body);
  if (at(state.live, channelId) !== guildId) return state;
  const members = state.members[guildId];
  const known = set(state, "permissions", channelId, told.permissions);
  return members ? set(known, "members", guildId, put(members, state.user_id, told.role)) : known;
}

function loadMessages(state, { guildId, channelId }, body) {
  const told = messageList(body);
  if (at(state.live, channelId) !== guildId) return state;
  const former = (state.messages[channelId] ?? []).map((one) => one.message_id);
  const bare = told.messages.map(({ reactions: _, ...one }) => ({
    ...one,
    attachments: one.attachments.map(withoutPlace),
  }));
  const shown = set(dropMessages(state, former), "messages", channelId, bare.sort(byCreation));
  return withReactions(set(shown, "whole", channelId, told.whole || undefined), told.messages);
}

function withReactions(state, messages) {
  return messages.reduce((left, { message_id: messageId, reactions }) => {
    if (reactions.length === 0) return left;
    const users = (one) => [...(one.reactor_user_ids ?? [])].sort();
    const entries = by("emoji", reactions, (one) => ({ count: one.count, users: users(one) }));
    const own = reactions.filter((one) => one.reacted_by_me).map((one) => one.emoji);
    const counted = set(left, "reactions", messageId, entries);
    return own.length > 0 ? set(counted, "own_reactions", messageId, own.sort()) : counted;
  }, state);
}

function loadFriends(state, _, body) {
  return withSlice(state, "friends", by("user_id", friendList(body).friends));
}

function loadRequests(state, _, body) {
  const told = requestList(body);
  return withSlice(state, "friend_requests", {
    incoming: by("request_id", told.incoming),
    outgoing: by("request_id", told.outgoing),
  });
}

/** The state with the names and avatars of users who were looked up. */
export function withPeople(state, body) {
  return withSlice(state, "people", { ...state.people, ...by("user_id", people(body).users) });
}

const LOADERS = {
  profile: loadProfile,
  guilds: loadGuilds,
  channels: loadChannels,
  roles: loadRoles,
  members: loadMembers,
  permissions: loadPermissions,
  messages: loadMessages,
  friends: loadFriends,
  requests: loadRequests,
};

/** The state after a successful read; throws `Malformed` for a senseless body. */
export function load(state, wanted, body) {
  return LOADERS[wanted.what](state, wanted, body);
}

/**
 * The state after a 403 or 404 for something held, and what to read then (CLIENT-7, table 9.3).
 *
 * A workspace whose channels are refused is emptied; whether it is gone is for the list of workspaces to say: an IP ban
 * shuts members out of channels alone.
 */
export function prune(state, wanted) {
  const { what, guildId, channelId } = wanted;
  if (channelId && at(state.live, channelId)) {
    return [dropChannels(state, [channelId]), [reading("channels", guildId)]];
  }
  if (channelId || !at(state.workspaces, guildId)) return [state, []];
  const emptied = what === "channels" ? loadChannels(state, wanted, { channels: [] }) : state;
  return [emptied, [reading("guilds")]];
}
