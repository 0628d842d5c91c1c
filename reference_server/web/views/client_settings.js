/** What belongs to this client and this user: voice and profile. Nothing of a workspace is here (UX-3). */

import { attempt, change, logOut } from "../actions.js";
import { dialog, tabs } from "./dialog.js";
import { h } from "./dom.js";
import { avatar, button, checkbox, field, onSubmit, textField } from "./parts.js";
import { formError } from "./status.js";

const TABS = { Voice: voice, Profile: profile };

export function clientSettings(shell) {
  const { tab } = shell.ui.overlay;
  const box = { id: "client-settings", title: "Client settings", onClose: () => shell.closeDialog() };
  const names = Object.keys(TABS);
  const choice = {
    id: "client",
    label: "Client settings",
    names,
    chosen: tab,
    onChoose: (name) => shell.chooseTab(name),
  };
  return dialog(box, tabs(choice, TABS[tab](shell)));
}

function voice(shell) {
  const chosen = shell.preferences.voice;
  const follow = (name) => ({
    checked: chosen[name],
    on: { change: (event) => (shell.preferences.setVoice({ [name]: event.target.checked }), shell.draw()) },
  });
  return h("div", { class: "section" }, [
    h("h2", {}, "Voice"),
    h("p", { class: "hint" }, "How you enter a voice channel with this client. It is kept in this browser."),
    checkbox("voice-muted", "Enter muted", follow("muted")),
    checkbox("voice-deafened", "Enter deafened", follow("deafened")),
  ]);
}

function profile(shell) {
  const { state } = shell;
  const own = state.profiles[state.user_id];
  if (own === undefined) return h("p", { class: "hint" }, "Reading…");
  return h("div", {}, [picture(shell, own), nameAndText(shell, own), session(shell)]);
}

function picture(shell, own) {
  const upload = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) await attempt(shell, "avatar", () => shell.api.upload("/users/me/profile/avatar", file));
  };
  const input = (tied) => h("input", { type: "file", accept: "image/*", on: { change: upload }, ...tied });
  return h("div", { class: "section picture" }, [
    avatar(shell.state, shell.state.user_id, { size: "l" }),
    h("div", {}, [
      field("profile-avatar", "Avatar", input, { hint: `An image of at most 2 MiB. Version ${own.avatar_version}.` }),
      formError(shell, "avatar"),
    ]),
  ]);
}

function nameAndText(shell, own) {
  const save = ({ username, about }) => {
    const changed = {
      ...(username !== own.username && { username }),
      ...(about !== own.about_markdown && { about_markdown: about }),
    };
    if (Object.keys(changed).length > 0) return change(shell, "profile", "PATCH", "/users/me/profile", changed);
    return null;
  };
  const about = (tied) => h("textarea", { name: "about", rows: "4", dir: "auto", value: own.about_markdown, ...tied });
  return h("form", { class: "section", on: onSubmit(save) }, [
    h("h2", {}, "Profile"),
    textField("profile-username", "Username", {
      name: "username",
      value: own.username,
      required: true,
      pattern: "[A-Za-z0-9_.]{3,32}",
      spellcheck: "false",
    }),
    field("profile-about", "About", about),
    formError(shell, "profile"),
    h("button", { type: "submit", class: "button primary" }, "Save profile"),
  ]);
}

function session(shell) {
  return h("div", { class: "section" }, [
    h("h2", {}, "Session"),
    button("Log out", () => logOut(shell), { class: "button danger" }),
  ]);
}
