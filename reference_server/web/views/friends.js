/** Friends, and the requests on their way. */

import { change } from "../actions.js";
import { h } from "./dom.js";
import { avatar, button, confirmed, nameOf, onSubmit, textField, username } from "./parts.js";
import { formError } from "./status.js";

export function friendsView(shell) {
  return h("section", { key: "friends", class: "pane", "aria-label": "Friends" }, [
    h("header", { class: "pane-head" }, h("h1", {}, "Friends")),
    h("div", { class: "pane-body", tabindex: "0", role: "group", "aria-label": "People" }, [
      askForm(shell),
      incoming(shell),
      outgoing(shell),
      friends(shell),
    ]),
  ]);
}

function askForm(shell) {
  const ask = async ({ user }, form) => {
    const isDone = await change(shell, "ask", "POST", "/friends/requests", { recipient_user_id: user.trim() });
    if (isDone) form.reset();
  };
  const own = `Your own id is ${shell.state.user_id}.`;
  return h("form", { class: "section inline-form", on: onSubmit(ask) }, [
    textField(
      "friend-id",
      "User id",
      { name: "user", required: true, pattern: "\\s*[0-9A-HJKMNP-TV-Z]{26}\\s*", spellcheck: "false" },
      { hint: own },
    ),
    h("button", { type: "submit", class: "button primary" }, "Send friend request"),
    formError(shell, "ask"),
  ]);
}

function list(title, rows) {
  if (rows.length === 0) return null;
  const id = `list-${title.toLowerCase().replaceAll(" ", "-")}`;
  return h("section", { key: title, class: "section", "aria-labelledby": id }, [
    h("h2", { id }, `${title} (${rows.length})`),
    h("ul", { class: "rows" }, rows),
  ]);
}

function row(shell, key, userId, name, actions) {
  return h("li", { key, class: "row" }, [
    avatar(shell.state, userId),
    nameOf(name),
    h("div", { class: "actions" }, actions),
  ]);
}

function incoming(shell) {
  const entries = Object.entries(shell.state.friend_requests?.incoming ?? {});
  const drop = (id) => change(shell, null, "DELETE", `/friends/requests/${id}`);
  const accept = (id) => change(shell, null, "POST", `/friends/requests/${id}/accept`);
  return list(
    "Incoming",
    entries.map(([id, one]) =>
      row(shell, id, one.sender_user_id, one.sender_username, [
        button("Accept", () => accept(id), {
          class: "button primary small",
          "aria-label": `Accept ${one.sender_username}`,
        }),
        button("Decline", () => drop(id), { class: "button small", "aria-label": `Decline ${one.sender_username}` }),
      ]),
    ),
  );
}

function outgoing(shell) {
  const entries = Object.entries(shell.state.friend_requests?.outgoing ?? {});
  const drop = (id) => change(shell, null, "DELETE", `/friends/requests/${id}`);
  return list(
    "Outgoing",
    entries.map(([id, one]) =>
      row(shell, id, one.recipient_user_id, one.recipient_username, [
        button("Cancel", () => drop(id), {
          class: "button small",
          "aria-label": `Cancel the request to ${one.recipient_username}`,
        }),
      ]),
    ),
  );
}

function friends(shell) {
  const ids = Object.keys(shell.state.friends ?? {});
  const remove = (userId) => change(shell, null, "DELETE", `/friends/${userId}`);
  const rows = ids.map((userId) =>
    row(shell, userId, userId, username(shell.state, userId), [
      confirmed(shell, `unfriend-${userId}`, "Remove friend", () => remove(userId)),
    ]),
  );
  return (
    list("All friends", rows) ??
    h("p", { class: "hint" }, "No friends yet: ask somebody by id, or in the member list of a workspace.")
  );
}
