/** Parts that several views are made of. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** A button with a text. */
export function button(label, onClick, properties = {}) {
  return h("button", { type: "button", class: "button", on: { click: onClick }, ...properties }, label);
}

/** A button that shows an icon alone; its name is for everybody who cannot see it, and a hint for who can. */
export function iconButton(name, label, onClick, properties = {}) {
  const shown = { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: onClick } };
  return h("button", { ...shown, ...properties }, icon(name));
}

/** A name as somebody chose it: whatever it holds, it turns nothing around it. */
export function nameOf(text, properties = {}) {
  return h("bdi", { class: "name", ...properties }, text);
}

/** The name of a user as far as it is known. */
export function username(state, userId) {
  return state.people[userId]?.username ?? state.friends?.[userId]?.username ?? `user ${userId.slice(-6)}`;
}

/** The picture of a user, or the first letter of the name on a colour of its own. */
export function avatar(state, userId, { size = "m" } = {}) {
  const version = state.people[userId]?.avatar_version ?? 0;
  const shape = { class: `avatar avatar-${size} hue-${hueOf(userId)}` };
  if (version === 0) return h("span", { ...shape, "aria-hidden": "true" }, initial(username(state, userId)));
  const source = `/users/${userId}/avatar?version=${version}`;
  return h("img", { ...shape, src: source, alt: "", "data-version": version });
}

/** Which of the eight colours belongs to an id. */
export function hueOf(id) {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 8, 0);
}

export function initial(name) {
  const first = [...name].find((letter) => /[\p{L}\p{N}]/u.test(letter));
  return (first ?? "?").toUpperCase();
}

/** A labelled control; `control` gets the properties that tie it to label and hint. */
export function field(id, label, control, { hint = null } = {}) {
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  return h("div", { class: "field" }, [
    h("label", { for: id }, label),
    control({ id, ...described }),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
  ]);
}

export function textField(id, label, properties, options) {
  return field(id, label, (tied) => h("input", { type: "text", autocomplete: "off", ...properties, ...tied }), options);
}

export function selectField(id, label, choices, properties, options) {
  const shown = choices.map(([value, name]) => h("option", { key: value, value }, name));
  return field(id, label, (tied) => h("select", { ...properties, ...tied }, shown), options);
}

export function checkbox(id, label, properties) {
  return h("div", { class: "check", key: id }, [
    h("input", { type: "checkbox", id, ...properties }),
    h("label", { for: id }, label),
  ]);
}

/** Handle a form's submission with what its fields hold, and stay on the page. */
export function onSubmit(handle) {
  return {
    submit: (event) => {
      event.preventDefault();
      handle(Object.fromEntries(new FormData(event.target)), event.target);
    },
  };
}

/** A day and a time of day, short, in the user's own way of writing; a time beyond all calendars as its number. */
export function timeOf(unix, { day = true } = {}) {
  const options = { hour: "2-digit", minute: "2-digit", ...(day && { month: "short", day: "numeric" }) };
  const at = new Date(unix * 1000);
  if (Number.isNaN(at.getTime())) return h("time", {}, String(unix));
  return h("time", { datetime: at.toISOString() }, new Intl.DateTimeFormat(undefined, options).format(at));
}

/** What stands where there is nothing to show. */
export function emptyState(title, ...more) {
  return h("div", { class: "empty" }, [h("h2", {}, title), ...more.map((text) => h("p", {}, text))]);
}

/** Why nothing can be changed here (UX-5). */
export function readOnly(id, permission, what) {
  return h("p", { class: "reason", id, key: id }, `Read-only: you need the permission ${permission} to ${what}.`);
}

/** A role's colour is free to choose, so it colours a dot and no text that has to be read. */
export function paint(node, color) {
  if (/^#[0-9A-Fa-f]{6}$/.test(color)) node.style.backgroundColor = color;
}

/** A button that asks once more before it does what cannot be taken back. */
export function confirmed(shell, id, label, act, properties = {}) {
  const isAsking = shell.ui.confirming === id;
  const click = () => {
    shell.update({ confirming: isAsking ? null : id });
    if (isAsking) void act();
  };
  return button(isAsking ? `Confirm: ${label.toLowerCase()}` : label, click, {
    key: id,
    class: "button small danger",
    ...properties,
  });
}
