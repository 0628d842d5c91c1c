/**
 * What one connection believes (contract 9.2), as plain data that is never changed in place.
 *
 * The slices have the names and the shape of the contract and of its test vectors: `workspaces`, `channels`, `members`,
 * `roles`, `assignments` and `overrides` by workspace, `messages`, `voice` and `permissions` by channel, `reactions`
 * and `own_reactions` by message. Sets are sorted lists. `channels`, `members` and `roles` of a workspace and
 * `messages` of a channel are absent until they were read; `friends` and `friend_requests` are null until then.
 * `asked` are the channels whose subscribe is not answered yet, `live` those that were acknowledged, each with its
 * workspace.
 *
 * Two slices are ours alone: `people` (name and avatar of whoever was looked up) and `whole` (channels whose history
 * was read to its beginning). A step that changes nothing returns the very state that it was given.
 */

import { same } from "./json.js";

export const NOTHING = Object.freeze({
  user_id: "",
  asked: {},
  live: {},
  workspaces: {},
  channels: {},
  members: {},
  roles: {},
  default_join_role_id: {},
  assignments: {},
  overrides: {},
  messages: {},
  whole: {},
  reactions: {},
  own_reactions: {},
  permissions: {},
  presence: {},
  voice: {},
  profiles: {},
  people: {},
  friends: null,
  friend_requests: null,
});

/** The value at a key that may come from outside (`__proto__` is a possible emoji); undefined if there is none. */
export function at(map, key) {
  return map !== undefined && map !== null && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The map with a value at a key, or without the key if the value is undefined. */
export function put(map, key, value) {
  const held = at(map, key);
  if (same(held, value)) return map;
  if (value !== undefined) return { ...map, [key]: value };
  const { [key]: _, ...rest } = map;
  return rest;
}

export function without(map, keys) {
  return keys.reduce((left, key) => put(left, key, undefined), map);
}

/** The map with a value at a key, or without the key if the value holds nothing. */
export function putIfAny(map, key, value) {
  return put(map, key, Object.keys(value).length === 0 ? undefined : value);
}

/** The state with another value for a slice. */
export function withSlice(state, slice, value) {
  return state[slice] === value ? state : { ...state, [slice]: value };
}

/** The state with a value at a key of a slice; undefined takes the key away. */
export function set(state, slice, key, value) {
  return withSlice(state, slice, put(state[slice], key, value));
}

/** The sorted list with a value. */
export function including(list, value) {
  return list?.includes(value) ? list : [...(list ?? []), value].sort();
}

/** The list without a value. */
export function excluding(list, value) {
  return list?.includes(value) ? list.filter((one) => one !== value) : (list ?? []);
}

/** The subscribed channels of a workspace, in order of subscription. */
export function liveIn(state, guildId) {
  return Object.keys(state.live).filter((channelId) => state.live[channelId] === guildId);
}

export function hasChannel(state, guildId, channelId) {
  return state.channels[guildId]?.some((channel) => channel.channel_id === channelId) ?? false;
}

/** The state in which a subscribe for a channel was sent. */
export function makeAsked(state, guildId, channelId) {
  return set(state, "asked", channelId, guildId);
}

/** The state with a channel subscribed; what was asked is answered. */
export function makeLive(state, guildId, channelId) {
  return set(set(state, "asked", channelId, undefined), "live", channelId, guildId);
}

/** The state without messages; their reactions go with them. */
export function dropMessages(state, messageIds) {
  const reactions = without(state.reactions, messageIds);
  const own = without(state.own_reactions, messageIds);
  return withSlice(withSlice(state, "reactions", reactions), "own_reactions", own);
}

/** The state without what hangs on channels: subscription, messages, reactions, voice, permissions (CLIENT-7). */
export function dropChannels(state, channelIds) {
  const messageIds = channelIds.flatMap((id) => (at(state.messages, id) ?? []).map((one) => one.message_id));
  const slices = ["asked", "live", "messages", "whole", "voice", "permissions"];
  return slices.reduce(
    (left, slice) => withSlice(left, slice, without(left[slice], channelIds)),
    dropMessages(state, messageIds),
  );
}

/** The state without a workspace and everything in it (CLIENT-8). */
export function dropGuild(state, guildId) {
  const listed = (state.channels[guildId] ?? []).map((channel) => channel.channel_id);
  const asked = Object.keys(state.asked).filter((channelId) => state.asked[channelId] === guildId);
  const left = dropChannels(state, [...new Set([...listed, ...asked, ...liveIn(state, guildId)])]);
  const slices = [
    "workspaces",
    "channels",
    "members",
    "roles",
    "default_join_role_id",
    "assignments",
    "overrides",
    "presence",
  ];
  return slices.reduce((rest, slice) => set(rest, slice, guildId, undefined), left);
}
