/** The composer below a channel: what is half-typed stays, whatever happens around it, and waits for the way back. */

import { sendMessage } from "../actions.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";
import { formError } from "./status.js";

export function composer(shell, channel) {
  const place = { guildId: shell.ui.selection.guildId, channelId: channel.channel_id };
  const send = (form) =>
    sendMessage(shell, place, form.elements.content, [...form.elements.files.files]).then(() => clearFiles(form));
  const keys = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  };
  const typed = (event) => {
    shell.drafts.set(channel.channel_id, event.target.value);
    fit(event.target);
  };
  return h(
    "form",
    { key: "composer", class: "composer", on: { submit: (event) => (event.preventDefault(), send(event.target)) } },
    [
      formError(shell, "composer"),
      h("div", { class: "composer-row" }, [
        h("label", { class: "icon-button attach", title: "Attach files" }, [
          icon("clip"),
          h("input", { type: "file", name: "files", multiple: true, class: "unseen", "aria-label": "Attach files" }),
        ]),
        h("textarea", {
          id: `composer-${channel.channel_id}`,
          name: "content",
          rows: "1",
          dir: "auto",
          "aria-label": `Message #${channel.name}`,
          placeholder: `Message #${channel.name}`,
          mounted: (node) => restore(shell, channel, node),
          on: { keydown: keys, input: typed },
        }),
        iconButton("send", "Send message", null, { type: "submit", on: {} }),
      ]),
    ],
  );
}

function restore(shell, channel, node) {
  node.value = shell.drafts.get(channel.channel_id) ?? "";
  fit(node);
}

/** As high as its text, up to what the style permits. */
function fit(node) {
  node.style.height = "auto";
  node.style.height = `${node.scrollHeight}px`;
}

function clearFiles(form) {
  if (form.elements.content.value === "") form.elements.files.value = "";
}
