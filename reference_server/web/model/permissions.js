/** Permission names in canonical order, and what a member may do at guild level (contract 8). */

import { listOf, text } from "./types.js";

export const PERMISSIONS = [
  "manage_roles",
  "manage_member_roles",
  "manage_workspace_roles",
  "manage_channel_overrides",
  "delete_message",
  "ban_member",
  "view_audit_log",
  "manage_ip_bans",
  "create_message",
  "publish_video",
  "publish_screen_share",
  "subscribe_streams",
];

/** The seed role that a legacy role stands for (contract 8.1). */
export const SEED_OF_LEGACY = {
  owner: { name: "workspace_owner", is_system: true },
  moderator: { name: "moderator", is_system: false },
  member: { name: "member", is_system: false },
};

/** A list of permission names; unknown ones are skipped (contract 9.1). */
export function permissionList(value, path) {
  return NAMES(value, path).filter((name) => PERMISSIONS.includes(name));
}

const NAMES = listOf(text);

/** The id of the seed role of a legacy role; of several of that name the oldest: names mean nothing (ROLE-9). */
export function seedRoleId(roles, legacy) {
  const seed = SEED_OF_LEGACY[legacy];
  return Object.entries(roles ?? {})
    .filter(([, role]) => role.name === seed.name && role.is_system === seed.is_system)
    .map(([roleId]) => roleId)
    .sort()[0];
}

/**
 * What the user itself may do in a workspace, as far as roles and members were read: a set of permission names.
 *
 * The server decides; this only tells which controls to offer.
 */
export function ownPermissions(state, guildId) {
  const roles = state.roles[guildId] ?? {};
  const held = [...heldRoles(state, guildId, state.user_id), everyone(roles)].filter(Boolean);
  if (held.some((role) => role.is_system && role.name === SEED_OF_LEGACY.owner.name)) return new Set(PERMISSIONS);
  return new Set(held.flatMap((role) => role.permissions));
}

/** The roles of a member, highest position first, without `@everyone`. */
export function heldRoles(state, guildId, userId) {
  const roles = state.roles[guildId] ?? {};
  const legacy = state.members[guildId]?.[userId];
  const ids = new Set(state.assignments[guildId]?.[userId] ?? []);
  const implied = legacy && seedRoleId(roles, legacy);
  if (implied) ids.add(implied);
  return rolesInOrder(roles)
    .filter(([roleId]) => ids.has(roleId))
    .map(([, role]) => role);
}

/** `[id, role]` of each role, highest position first. */
export function rolesInOrder(roles) {
  return Object.entries(roles ?? {}).sort(
    ([oneId, one], [otherId, other]) => other.position - one.position || (oneId < otherId ? -1 : 1),
  );
}

function everyone(roles) {
  return Object.values(roles).find((role) => role.is_system && role.name === "@everyone");
}
