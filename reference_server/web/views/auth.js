/** The form to log in or to create an account. */

import { logIn, register } from "../actions.js";
import { h } from "./dom.js";
import { button, onSubmit, textField } from "./parts.js";

export function authForm(shell) {
  const isNew = shell.ui.authMode === "register";
  const title = isNew ? "Create an account" : "Log in";
  const other = isNew ? "I have an account" : "Create an account instead";
  const error = shell.ui.errors.auth;
  const submit = (values) => (isNew ? register : logIn)(shell, values);
  return h("main", { key: "auth", class: "gate" }, [
    h("form", { class: "card gate-card", "aria-labelledby": "auth-title", on: onSubmit(submit) }, [
      h("div", { class: "brand", "aria-hidden": "true" }, "sc"),
      h("h1", { id: "auth-title" }, title),
      h("p", { class: "hint" }, "The reference client of sync-check."),
      textField("auth-username", "Username", nameRules(isNew), {
        hint: isNew ? "3 to 32 letters, digits, _ and ." : null,
      }),
      textField("auth-password", "Password", passwordRules(isNew), { hint: isNew ? "At least 12 characters." : null }),
      error && h("p", { class: "error", role: "alert" }, error),
      h("button", { type: "submit", class: "button primary" }, title),
      button(other, () => shell.update({ authMode: isNew ? "login" : "register", errors: {} }), { class: "link" }),
    ]),
  ]);
}

function nameRules(isNew) {
  const pattern = isNew ? { pattern: "[A-Za-z0-9_.]{3,32}" } : {};
  return { name: "username", required: true, autocomplete: "username", spellcheck: "false", ...pattern };
}

function passwordRules(isNew) {
  const rules = isNew ? { minlength: "12", maxlength: "128", autocomplete: "new-password" } : {};
  return { type: "password", name: "password", required: true, autocomplete: "current-password", ...rules };
}
