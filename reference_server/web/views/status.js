/** What the shell says of itself: its connection, what happened, what went wrong, and what it counted. */

import { h } from "./dom.js";
import { button, iconButton } from "./parts.js";

const WORDS = { off: "Offline", connecting: "Connecting…", open: "Connected", lost: "Connection lost" };

export function connectionWord(shell) {
  const { status } = shell.ui.connection;
  return h("span", { class: `connection connection-${status}`, role: "status" }, WORDS[status]);
}

/** Above everything else while nothing can come in. */
export function connectionBanner(shell) {
  const { status, pause, reason } = shell.ui.connection;
  if (status !== "lost") return null;
  const because = reason ? ` (${reason})` : "";
  return h("div", { key: "banner", class: "banner", role: "alert" }, [
    h("p", {}, `Connection lost${because}. The next attempt follows in ${(pause / 1000).toFixed(1)} s.`),
    button("Try now", () => shell.sync.gateway.retry(), { class: "button small" }),
  ]);
}

/** Why something is gone, until it is dismissed. */
export function notices(shell) {
  return h(
    "div",
    { class: "notices", key: "notices", role: "alert", "aria-label": "Notices" },
    shell.ui.notices.map((text, at) =>
      h("div", { key: text, class: "notice" }, [
        h("p", {}, h("bdi", {}, text)),
        iconButton("close", "Dismiss", () => shell.update({ notices: shell.ui.notices.toSpliced(at, 1) })),
      ]),
    ),
  );
}

export function formError(shell, place) {
  const text = shell.ui.errors[place];
  return text ? h("p", { key: `error-${place}`, class: "error", role: "alert" }, text) : null;
}

/** What was received and not taken, and what the browser's policy refused. */
export function diagnostics(shell) {
  const counters = { ...shell.sync.counters, csp_violations: shell.violations.length };
  const pauses = shell.sync.gateway.pauses.slice(-8).join(", ");
  const entry = (name, value) => h("div", { key: name }, [h("dt", {}, name), h("dd", { "data-counter": name }, value)]);
  return h("aside", { key: "diagnostics", class: "diagnostics", "aria-label": "Diagnostics" }, [
    h("h2", {}, "Diagnostics"),
    h("dl", {}, [
      ...Object.entries(counters).map(([name, value]) => entry(name, value)),
      entry("connection", shell.ui.connection.status),
      entry("pauses_ms", pauses || "none"),
      entry("live_channels", Object.keys(shell.state.live).length),
    ]),
  ]);
}
