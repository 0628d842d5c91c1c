/**
 * The contract's test vectors against the shell's parser and reducers; the same in Node and in a browser.
 *
 * A vector comes as `tests/reference_server/web/exported.py` writes it: whole states, in the notation of the vectors.
 */

/** What is wrong with how a vector came out: nothing, or sentences. */
export function faultsOf(vector, { readFrame, reduce, NOTHING }) {
  const faults = [];
  const before = stateOf(vector.before, NOTHING);
  const read = readFrame(vector.binary ? new Uint8Array() : vector.text);
  const isKnown = read.event !== undefined;
  if (isKnown !== (vector.verdict !== "ignore")) faults.push(`read as ${JSON.stringify(read).slice(0, 200)}`);
  if ((read.unknown !== undefined) !== (vector.kind === "unknown")) faults.push("the wrong counter would count it");
  const after = isKnown ? reduce(before, read.event) : before;
  if (vector.verdict === "apply" && after === before) faults.push("nothing changed");
  if (vector.verdict !== "apply" && after !== before) faults.push("something changed");
  if (isKnown && reduce(after, read.event) !== after) faults.push("applied twice, it changes something more");
  const [told, wanted] = [JSON.stringify(ordered(portraitOf(after))), JSON.stringify(ordered(vector.after))];
  if (told !== wanted) faults.push(`it led to ${told} instead of ${wanted}`);
  return faults;
}

/** The state of a client that has read everything, and sent a subscribe for each channel it sees. */
function stateOf(slices, nothing) {
  const read = Object.fromEntries(Object.entries(nothing).map(([slice, empty]) => [slice, slices[slice] ?? empty]));
  for (const guildId of Object.keys(read.workspaces)) {
    for (const [slice, empty] of [
      ["channels", []],
      ["members", {}],
      ["roles", {}],
    ]) {
      read[slice] = { ...read[slice], [guildId]: read[slice][guildId] ?? empty };
    }
    for (const { channel_id: channelId } of read.channels[guildId]) {
      if (!(channelId in read.live)) read.asked = { ...read.asked, [channelId]: guildId };
    }
  }
  for (const channelId of Object.keys(read.live)) {
    read.messages = { ...read.messages, [channelId]: read.messages[channelId] ?? [] };
  }
  for (const [messageId, entries] of Object.entries(read.reactions)) {
    const own = Object.keys(entries)
      .filter((emoji) => entries[emoji].users.includes(read.user_id))
      .sort();
    if (own.length > 0) read.own_reactions = { ...read.own_reactions, [messageId]: own };
  }
  read.friends ??= {};
  read.friend_requests = { incoming: {}, outgoing: {}, ...read.friend_requests };
  return read;
}

const HELD_APART = ["asked", "own_reactions", "people", "whole"];

/** The slices that hold anything; what is only ours is left out. */
function portraitOf(state) {
  const shown = Object.entries(state).filter(([slice]) => !HELD_APART.includes(slice));
  return Object.fromEntries(
    shown.map(([slice, value]) => [slice, pruned(slice, value)]).filter(([, value]) => isAny(value)),
  );
}

function pruned(slice, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (slice === "friend_requests") return isAny(value.incoming) || isAny(value.outgoing) ? value : {};
  if (["profiles", "friends", "reactions"].includes(slice)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => isAny(one)));
}

function isAny(value) {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** A copy whose members are in alphabetical order; lists keep theirs. */
function ordered(value) {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, ordered(value[name])]),
  );
}
