/** What is read from REST after which event (table 9.3 of the contract). */

import { at, liveIn } from "./state.js";

/** In this order results are taken over: what contains before what is contained. */
const ORDER = ["profile", "guilds", "channels", "roles", "members", "permissions", "messages", "friends", "requests"];

/** One thing to read: a workspace for most, a channel for permissions and messages. */
export function reading(what, guildId = "", channelId = "") {
  return { what, guildId, channelId };
}

/** A name by which equal readings are one. */
export function keyOf({ what, guildId, channelId }) {
  return `${what}/${guildId}/${channelId}`;
}

export function inOrder(results) {
  return [...results].sort((one, other) => ORDER.indexOf(one.wanted.what) - ORDER.indexOf(other.wanted.what));
}

/** What a user sees without any workspace, and which workspaces there are. */
export const PERSONAL = [reading("profile"), reading("friends"), reading("requests"), reading("guilds")];

const guildLists = (guildId) => [reading("channels", guildId), reading("roles", guildId), reading("members", guildId)];
const contents = (guildId, channelId) => [
  reading("permissions", guildId, channelId),
  reading("messages", guildId, channelId),
];

/** Where a connection subscribes follows from the channel lists, which may be out of date after a while without one. */
function onReady(state) {
  return [...PERSONAL, ...Object.keys(state.workspaces).map((guildId) => reading("channels", guildId))];
}

/** A channel that is live already tells that it was lost and regained in between: a fresh start (ACCESS-6). */
function onSubscribed(state, { guild_id: guildId, channel_id: channelId }) {
  if (at(state.asked, channelId) !== guildId) return [];
  const isFirst = liveIn(state, guildId).length === 0;
  return [...(isFirst ? [reading("guilds"), ...guildLists(guildId)] : []), ...contents(guildId, channelId)];
}

function onMemberAdd(state, { guild_id: guildId, user_id: userId }) {
  return userId === state.user_id ? [reading("guilds"), ...guildLists(guildId)] : [];
}

function onMemberUpdate(state, told) {
  const guildId = told.guild_id;
  if (!at(state.workspaces, guildId)) return [];
  const lists = [reading("roles", guildId), reading("members", guildId)];
  return told.user_id === state.user_id ? [...access(state, guildId), ...lists] : lists;
}

function onAssignment(state, told) {
  return told.user_id === state.user_id ? access(state, told.guild_id) : [];
}

/** Any role may be one's own: those of the legacy role and `@everyone` are held without assignment. */
function onRole(state, told) {
  return access(state, told.guild_id);
}

/** An override touches one channel, and not oneself if it is aimed at another member. */
function onOverride(state, told) {
  if (told.target_kind === "member" && told.target_id !== state.user_id) return [];
  return access(state, told.guild_id).filter((one) => ["", told.channel_id].includes(one.channelId));
}

/** What shows a change of one's own access in a held workspace. */
function access(state, guildId) {
  if (!at(state.workspaces, guildId)) return [];
  return [
    reading("channels", guildId),
    ...liveIn(state, guildId).map((channelId) => reading("permissions", guildId, channelId)),
  ];
}

const ASKS = new Map(
  Object.entries({
    ready: onReady,
    subscribed: onSubscribed,
    workspace_member_add: onMemberAdd,
    workspace_member_update: onMemberUpdate,
    workspace_role_update: onRole,
    workspace_role_delete: onRole,
    workspace_role_reorder: onRole,
    workspace_role_assignment_add: onAssignment,
    workspace_role_assignment_remove: onAssignment,
    workspace_channel_override_update: onOverride,
    workspace_channel_role_override_update: onOverride,
    workspace_channel_permission_override_update: onOverride,
  }),
);

/** What to read after an event, which the state has not taken in yet. */
export function askedBy(state, event) {
  return ASKS.get(event.name)?.(state, event.payload) ?? [];
}
