/** Steps of a workspace's overrides, and which target a role form means (contract 9.2, OVR-4, COMPAT-3). */

import { seedRoleId, SEED_OF_LEGACY } from "../permissions.js";
import { hasChannel, put, set } from "../state.js";

/**
 * The key of an override's target: `role:<id>` or `member:<id>`.
 *
 * A role form stands for the seed role of that name and has its key; while no such role is known it is the legacy
 * role's name alone.
 */
function targetOf(roles, { role, target_kind: kind, target_id: id }) {
  if (role === undefined) return `${kind}:${id}`;
  const seed = seedRoleId(roles, role);
  return seed === undefined ? role : `role:${seed}`;
}

/** Replace the target's override in a held channel; two empty lists drop it. */
function overrideUpdate(state, told) {
  const { guild_id: guildId, channel_id: channelId, updated_fields: override } = told;
  if (!hasChannel(state, guildId, channelId)) return state;
  const target = targetOf(state.roles[guildId], told);
  const isAny = override.allow.length > 0 || override.deny.length > 0;
  const held = state.overrides[guildId]?.[channelId] ?? {};
  // Removed first, so that the order is that of the last writes.
  const targets = put(put(held, target, undefined), target, isAny ? override : undefined);
  return withTargets(state, guildId, channelId, targets);
}

/** The state without the overrides of a role, in all channels. */
export function withoutRole(state, guildId, roleId) {
  return Object.entries(state.overrides[guildId] ?? {}).reduce(
    (left, [channelId, targets]) => withTargets(left, guildId, channelId, put(targets, `role:${roleId}`, undefined)),
    state,
  );
}

/** The state whose roles became known: what role forms wrote before goes to the seed roles. */
export function resolved(state, guildId) {
  let changed = state;
  for (const [channelId, targets] of Object.entries(state.overrides[guildId] ?? {})) {
    const entries = Object.entries(targets).map(([target, override]) =>
      Object.hasOwn(SEED_OF_LEGACY, target)
        ? [targetOf(state.roles[guildId], { role: target }), override]
        : [target, override],
    );
    changed = withTargets(changed, guildId, channelId, Object.fromEntries(entries));
  }
  return changed;
}

function withTargets(state, guildId, channelId, targets) {
  const held = state.overrides[guildId] ?? {};
  // The order counts: of two forms that meet in one target, the later write wins.
  if (JSON.stringify(held[channelId] ?? {}) === JSON.stringify(targets)) return state;
  const { [channelId]: _, ...others } = held;
  const channels = Object.keys(targets).length === 0 ? others : { ...others, [channelId]: targets };
  const left = set(state, "overrides", guildId, undefined);
  return Object.keys(channels).length === 0 ? left : set(left, "overrides", guildId, channels);
}

export const OVERRIDES = {
  workspace_channel_override_update: overrideUpdate,
  workspace_channel_role_override_update: overrideUpdate,
  workspace_channel_permission_override_update: overrideUpdate,
};
