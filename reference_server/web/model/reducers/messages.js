/** Steps of a live channel's messages and reactions (contract 9.2). */

import { at, dropMessages, excluding, including, put, putIfAny, set, withSlice } from "../state.js";

/** Insert or replace by id; ordered by creation, then id. */
function messageCreate(state, told) {
  const { guild_id: _, channel_id: channelId, reactions, ...rest } = told;
  const message = { ...rest, attachments: told.attachments.map(withoutPlace) };
  const others = state.messages[channelId].filter((one) => one.message_id !== message.message_id);
  const shown = set(state, "messages", channelId, [...others, message].sort(byCreation));
  return withReactions(shown, message.message_id, reactions);
}

/** Set the given fields of a held message. */
function messageUpdate(state, told) {
  const { attachments, ...fields } = told.updated_fields;
  const changed = attachments ? { ...fields, attachments: attachments.map(withoutPlace) } : fields;
  const messages = state.messages[told.channel_id].map((one) =>
    one.message_id === told.message_id ? { ...one, ...changed } : one,
  );
  return set(state, "messages", told.channel_id, messages);
}

/** Remove the message and its reactions. */
function messageDelete(state, told) {
  if (!holds(state, told)) return state;
  const messages = state.messages[told.channel_id].filter((one) => one.message_id !== told.message_id);
  return dropMessages(set(state, "messages", told.channel_id, messages), [told.message_id]);
}

/** Set the count as told, add or remove the actor; count 0 removes the entry. */
function messageReaction(state, told) {
  if (!holds(state, told)) return state;
  const { message_id: messageId, emoji, actor_user_id: actor, operation } = told;
  const step = operation === "add" ? including : excluding;
  const held = at(state.reactions, messageId) ?? {};
  const users = step(at(held, emoji)?.users, actor);
  const entries = put(held, emoji, told.count ? { count: told.count, users } : undefined);
  const changed = withSlice(state, "reactions", putIfAny(state.reactions, messageId, entries));
  return withOwnReaction(changed, told);
}

/** Reactors are known up to 32, so what the user itself reacted with is kept apart. */
function withOwnReaction(state, { message_id: messageId, emoji, actor_user_id: actor, operation, count }) {
  const own = at(state.own_reactions, messageId) ?? [];
  const isOwn = actor === state.user_id ? operation === "add" : own.includes(emoji);
  const emojis = isOwn && count > 0 ? including(own, emoji) : excluding(own, emoji);
  return withSlice(state, "own_reactions", putIfAny(state.own_reactions, messageId, emojis));
}

function withReactions(state, messageId, reactions) {
  const shown = reactions.filter((one) => one.count > 0);
  const entries = Object.fromEntries(
    shown.map((one) => [one.emoji, { count: one.count, users: [...new Set(one.reactor_user_ids ?? [])].sort() }]),
  );
  const own = shown.filter((one) => one.reactor_user_ids?.includes(state.user_id)).map((one) => one.emoji);
  const changed = withSlice(state, "reactions", putIfAny(state.reactions, messageId, entries));
  return withSlice(changed, "own_reactions", putIfAny(changed.own_reactions, messageId, own.sort()));
}

/** The order of a channel: by creation, then by id, because the wire's times have a resolution of a second. */
export function byCreation(one, other) {
  return one.created_at_unix - other.created_at_unix || (one.message_id < other.message_id ? -1 : 1);
}

/** An attachment inside its message, which says where it is. */
export function withoutPlace({ guild_id: _guild, channel_id: _channel, ...attachment }) {
  return attachment;
}

function holds(state, told) {
  return state.messages[told.channel_id].some((one) => one.message_id === told.message_id);
}

/** Of live channels that were read, and of others not. */
const inContent = (step) => (state, told) =>
  state.live[told.channel_id] === told.guild_id && state.messages[told.channel_id] ? step(state, told) : state;

export const MESSAGES = {
  message_create: inContent(messageCreate),
  message_update: inContent(messageUpdate),
  message_delete: inContent(messageDelete),
  message_reaction: inContent(messageReaction),
};
