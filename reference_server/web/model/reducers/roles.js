/** Steps of a workspace's roles and who holds them (contract 9.2). */

import { excluding, including, put, putIfAny, set } from "../state.js";
import { withoutRole } from "./overrides.js";

/** Insert or replace; no colour means null. */
function roleCreate(state, { guild_id: guildId, role: { role_id: roleId, ...role } }) {
  const roles = state.roles[guildId];
  return roles ? set(state, "roles", guildId, put(roles, roleId, { color_hex: null, ...role })) : state;
}

/** Set the fields of a held role; a colour that is null clears it. */
function roleUpdate(state, { guild_id: guildId, role_id: roleId, updated_fields: fields }) {
  const role = state.roles[guildId]?.[roleId];
  return role ? set(state, "roles", guildId, put(state.roles[guildId], roleId, { ...role, ...fields })) : state;
}

/** Drop the role, its assignments and overrides, and its use as default join role. */
function roleDelete(state, { guild_id: guildId, role_id: roleId }) {
  let left = state;
  if (left.default_join_role_id[guildId] === roleId) left = set(left, "default_join_role_id", guildId, undefined);
  for (const userId of Object.keys(left.assignments[guildId] ?? {})) {
    left = withAssignments(left, guildId, userId, excluding(left.assignments[guildId][userId], roleId));
  }
  left = withoutRole(left, guildId, roleId);
  return left.roles[guildId] ? set(left, "roles", guildId, put(left.roles[guildId], roleId, undefined)) : left;
}

/** Of n ids the first gets position n, the last 1; unlisted roles stay, unknown ids only count. */
function roleReorder(state, { guild_id: guildId, role_ids: ids }) {
  const roles = state.roles[guildId];
  if (!roles) return state;
  const changed = ids.reduce(
    (held, roleId, index) =>
      Object.hasOwn(held, roleId) ? put(held, roleId, { ...held[roleId], position: ids.length - index }) : held,
    roles,
  );
  return set(state, "roles", guildId, changed);
}

/** Add the pair. */
function assignmentAdd(state, { guild_id: guildId, user_id: userId, role_id: roleId }) {
  return withAssignments(state, guildId, userId, including(state.assignments[guildId]?.[userId], roleId));
}

/** Remove the pair. */
function assignmentRemove(state, { guild_id: guildId, user_id: userId, role_id: roleId }) {
  return withAssignments(state, guildId, userId, excluding(state.assignments[guildId]?.[userId], roleId));
}

function withAssignments(state, guildId, userId, roleIds) {
  return set(state, "assignments", guildId, putIfAny(state.assignments[guildId] ?? {}, userId, roleIds));
}

export const ROLES = {
  workspace_role_create: roleCreate,
  workspace_role_update: roleUpdate,
  workspace_role_delete: roleDelete,
  workspace_role_reorder: roleReorder,
  workspace_role_assignment_add: assignmentAdd,
  workspace_role_assignment_remove: assignmentRemove,
};
