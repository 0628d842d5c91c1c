/** The roles of a workspace, in its settings, and who holds them. */

import { change } from "../actions.js";
import { PERMISSIONS, rolesInOrder } from "../model/permissions.js";
import { h } from "./dom.js";
import {
  checkbox,
  confirmed,
  field,
  iconButton,
  nameOf,
  onSubmit,
  paint,
  readOnly,
  selectField,
  textField,
  username,
} from "./parts.js";
import { formError } from "./status.js";

const NO_COLOR = "#808080";

export function rolesPanel(shell) {
  const { guildId } = shell.ui.overlay;
  const roles = rolesInOrder(shell.state.roles[guildId]);
  const isPermitted = shell.may("manage_workspace_roles");
  return h("div", {}, [
    h("div", { class: "section" }, [
      h("h2", {}, "Roles"),
      !isPermitted && readOnly("roles-reason", "manage_workspace_roles", "change roles"),
      formError(shell, "roles"),
      h(
        "ul",
        { class: "rows" },
        roles.map(([roleId, role], at) => roleRow(shell, roleId, role, { roles, at, isPermitted })),
      ),
    ]),
    isPermitted && createForm(shell, guildId),
    holders(shell, guildId, roles),
  ]);
}

function roleRow(shell, roleId, role, { roles, at, isPermitted }) {
  const { openRole, guildId } = shell.ui.overlay;
  const isOpen = openRole === roleId;
  const path = `/guilds/${guildId}/roles`;
  const isOurs = isPermitted && !role.is_system;
  const mayMove = isOurs && at > 0 && !roles[at - 1][1].is_system;
  const open = () => shell.update({ overlay: { ...shell.ui.overlay, openRole: isOpen ? null : roleId } });
  return h("li", { key: roleId, class: "row row-tall" }, [
    h("button", { type: "button", class: "role-head", "aria-expanded": String(isOpen), on: { click: open } }, [
      h("span", {
        class: "role-dot",
        key: role.color_hex ?? "none",
        mounted: (node) => paint(node, role.color_hex ?? ""),
      }),
      nameOf(role.name),
      h("span", { class: "hint" }, `position ${role.position}`),
    ]),
    h("div", { class: "actions" }, [
      mayMove && iconButton("up", `Move ${role.name} up`, () => moveUp(shell, path, roles, at)),
      isOurs &&
        confirmed(shell, `role-${roleId}`, "Delete", () => change(shell, "roles", "DELETE", `${path}/${roleId}`)),
    ]),
    isOpen && roleForm(shell, `${path}/${roleId}`, roleId, role, isOurs),
  ]);
}

function moveUp(shell, path, roles, at) {
  const ids = roles.filter(([, role]) => !role.is_system).map(([roleId]) => roleId);
  const index = ids.indexOf(roles[at][0]);
  const order = ids.with(index - 1, ids[index]).with(index, ids[index - 1]);
  return change(shell, "roles", "POST", `${path}/reorder`, { role_ids: order });
}

function roleForm(shell, path, roleId, role, isOurs) {
  const save = (values) => {
    const wanted = {
      name: values.name,
      permissions: PERMISSIONS.filter((name) => name in values),
      color_hex: colorOf(values),
    };
    return change(shell, "roles", "PATCH", path, wanted);
  };
  const id = (name) => `role-${roleId}-${name}`;
  const off = { disabled: !isOurs };
  return h("form", { class: "role-form", on: onSubmit(save), "aria-label": `Role ${role.name}` }, [
    textField(id("name"), "Role name", { name: "name", value: role.name, required: true, maxlength: "32", ...off }),
    colorFields(id, role.color_hex, off),
    h("fieldset", { class: "grid", ...off }, [
      h("legend", {}, "Permissions"),
      ...PERMISSIONS.map((name) => checkbox(id(name), name, { name, checked: role.permissions.includes(name) })),
    ]),
    isOurs && h("button", { type: "submit", class: "button primary small" }, "Save role"),
  ]);
}

function colorFields(id, color, off = {}) {
  return h("div", { class: "inline" }, [
    checkbox(id("coloured"), "With a colour", { name: "coloured", checked: color !== null, ...off }),
    field(id("color"), "Colour", (tied) =>
      h("input", { type: "color", name: "color", value: (color ?? NO_COLOR).toLowerCase(), ...off, ...tied }),
    ),
  ]);
}

function colorOf(values) {
  return "coloured" in values ? values.color.toUpperCase() : null;
}

function createForm(shell, guildId) {
  const create = async ({ name, ...values }, form) => {
    const role = { name, permissions: PERMISSIONS.filter((one) => one in values) };
    if (colorOf(values)) role.color_hex = colorOf(values);
    const isDone = await change(shell, "create-role", "POST", `/guilds/${guildId}/roles`, role);
    if (isDone) form.reset();
  };
  return h("form", { class: "section inline-form", on: onSubmit(create), "aria-label": "New role" }, [
    h("h2", {}, "New role"),
    textField("new-role-name", "Name of the new role", { name: "name", required: true, maxlength: "32" }),
    colorFields((name) => `new-role-${name}`, null),
    h("button", { type: "submit", class: "button primary" }, "Create role"),
    formError(shell, "create-role"),
  ]);
}

/** Giving a role to a member, and taking it away. */
function holders(shell, guildId, roles) {
  const { state } = shell;
  const isPermitted = shell.may("manage_member_roles");
  const assigned = Object.entries(state.assignments[guildId] ?? {}).flatMap(([userId, ids]) =>
    ids.map((id) => [userId, id]),
  );
  const path = (roleId, userId) => `/guilds/${guildId}/roles/${roleId}/members/${userId}`;
  const roleName = (roleId) => state.roles[guildId]?.[roleId]?.name ?? "unknown role";
  const row = ([userId, roleId]) =>
    h("li", { key: `${userId}-${roleId}`, class: "row" }, [
      nameOf(username(state, userId)),
      h("bdi", { class: "chip" }, roleName(roleId)),
      isPermitted &&
        confirmed(shell, `holder-${userId}-${roleId}`, "Take away", () =>
          change(shell, "assign", "DELETE", path(roleId, userId)),
        ),
    ]);
  return h("div", { class: "section" }, [
    h("h2", {}, "Who holds what"),
    !isPermitted && readOnly("assign-reason", "manage_member_roles", "give roles or take them away"),
    h("ul", { class: "rows" }, assigned.map(row)),
    isPermitted && assignForm(shell, guildId, roles, path),
  ]);
}

function assignForm(shell, guildId, roles, path) {
  const people = Object.keys(shell.state.members[guildId] ?? {}).map((userId) => [
    userId,
    username(shell.state, userId),
  ]);
  const choices = roles.filter(([, role]) => !role.is_system).map(([roleId, role]) => [roleId, role.name]);
  const assign = ({ user, role }) => change(shell, "assign", "POST", path(role, user));
  return h("form", { class: "inline-form", on: onSubmit(assign) }, [
    selectField("assign-user", "Member", people, { name: "user" }),
    selectField("assign-role", "Role", choices, { name: "role" }),
    h("button", { type: "submit", class: "button primary" }, "Give role"),
    formError(shell, "assign"),
  ]);
}
