/** What a user has in sight, and where the sight goes when that disappears (CLIENT-7, CLIENT-8). */

import { hasChannel } from "./state.js";

export const FRIENDS = "friends";
export const CHANNEL = "channel";
export const MODERATION = "moderation";

/** Nothing in sight yet. */
export const NOWHERE = Object.freeze({ view: CHANNEL, guildId: null, channelId: null });

/**
 * The selection that holds in a state: it stays while it can, and else moves on to the nearest that is there, or to
 * nothing. `remembered` has the channel that was last in sight, by workspace.
 */
export function settled(selection, state, remembered = {}) {
  if (selection.view === FRIENDS) return selection;
  const guildId = Object.hasOwn(state.workspaces, selection.guildId ?? "")
    ? selection.guildId
    : (Object.keys(state.workspaces)[0] ?? null);
  if (guildId === null) return selection.guildId === null ? selection : NOWHERE;
  const isSame = guildId === selection.guildId;
  const wished = (isSame && selection.channelId) || remembered[guildId];
  const isThere = wished && hasChannel(state, guildId, wished);
  const channelId = isThere ? wished : (state.channels[guildId]?.[0]?.channel_id ?? null);
  if (isSame && channelId === selection.channelId) return selection;
  return { view: isSame && !isLost(selection, state) ? selection.view : CHANNEL, guildId, channelId };
}

function isLost(selection, state) {
  return selection.channelId !== null && !hasChannel(state, selection.guildId, selection.channelId);
}

/**
 * Why what was in sight is gone: one sentence, or null where it is still there or went by the user's own doing.
 *
 * @param event the event that came just before, or null after a read
 */
export function reasonFor(selection, before, after, event) {
  const name = before.workspaces[selection.guildId]?.name;
  if (name !== undefined && !Object.hasOwn(after.workspaces, selection.guildId)) return leavingReason(name, event);
  const channel = before.channels[selection.guildId]?.find((one) => one.channel_id === selection.channelId);
  if (channel === undefined || hasChannel(after, selection.guildId, selection.channelId)) return null;
  if (event?.name === "channel_delete") return `#${channel.name} was deleted.`;
  return `You no longer have access to #${channel.name}.`;
}

function leavingReason(name, event) {
  const isTold = event?.name === "workspace_member_remove";
  const reason = isTold ? event.payload.reason : "gone";
  return {
    kick: `You were kicked from ${name}.`,
    ban: `You were banned from ${name}.`,
    leave: `You left ${name}.`,
    gone: `You are no longer a member of ${name}.`,
  }[reason];
}

/**
 * The channels to subscribe to, as `[guildId, channelId]`: one of every workspace, because without any a connection
 * hears nothing of it; the one in sight; and those that were read before, so that they stay current.
 */
export function subscriptionsDue(state, selection) {
  const due = [];
  for (const [guildId, channels] of Object.entries(state.channels)) {
    const ids = channels.map((channel) => channel.channel_id);
    const isTaken = (id) => state.live[id] === guildId || state.asked[id] === guildId;
    const first = ids.some(isTaken) ? [] : ids.slice(0, 1);
    const wanted = ids.filter((id) => id === selection.channelId || Object.hasOwn(state.messages, id));
    for (const id of new Set([...wanted, ...(wanted.length > 0 ? [] : first)])) {
      if (!isTaken(id)) due.push([guildId, id]);
    }
  }
  return due;
}

/** Users whose name is needed and not known: members in sight, authors, participants. */
export function peopleDue(state, selection) {
  const guildId = selection.guildId;
  const reactors = (state.messages[selection.channelId] ?? []).map((one) => one.author_id);
  const ids = [
    state.user_id,
    ...Object.keys(state.members[guildId] ?? {}),
    ...reactors,
    ...Object.values(state.voice).flatMap((voices) => Object.keys(voices)),
    ...Object.keys(state.friends ?? {}),
  ];
  return [...new Set(ids)].filter((id) => id !== "" && !Object.hasOwn(state.people, id));
}
