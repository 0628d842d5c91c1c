/** The icons: drawn here, in one stroke width, for a field of 24 by 24. */

import { h } from "./dom.js";

const PATHS = {
  gear: [
    "M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z",
    "M19 12a7 7 0 0 0-.1-1.2l2-1.6-2-3.4-2.4 1a7 7 0 0 0-2-1.2L14.1 3h-4.2l-.4 2.6a7 7 0 0 0-2 1.2l-2.4-1-2 3.4 2 1.6a7 7 0 0 0 0 2.4l-2 1.6 2 3.4 2.4-1a7 7 0 0 0 2 1.2l.4 2.6h4.2l.4-2.6a7 7 0 0 0 2-1.2l2.4 1 2-3.4-2-1.6c.1-.4.1-.8.1-1.2Z",
  ],
  plus: ["M12 5v14M5 12h14"],
  close: ["M6 6l12 12M18 6L6 18"],
  down: ["M6 9l6 6 6-6"],
  hash: ["M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16"],
  voice: ["M4 10v4h3.5L12 18V6l-4.5 4H4ZM15.5 9.5a3.5 3.5 0 0 1 0 5M18 7a7 7 0 0 1 0 10"],
  people: [
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  ],
  shield: ["M12 3 4.5 6v5.5c0 4.5 3 8 7.5 9.5 4.5-1.5 7.5-5 7.5-9.5V6L12 3Z"],
  edit: ["M4 20h4L19 9l-4-4L4 16v4Z"],
  trash: ["M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"],
  smile: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14a4 4 0 0 0 7 0M9 9.5v.5M15 9.5v.5"],
  clip: ["M8 12.5l5.5-5.5a3 3 0 0 1 4.2 4.2l-7.7 7.7a5 5 0 0 1-7-7L11 4"],
  send: ["M4 12 20 4l-5 16-3.5-6.5L4 12Z"],
  pulse: ["M3 12h4l2.5-7 5 14 2.5-7h4"],
  mic: ["M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3ZM6 12a6 6 0 0 0 12 0M12 18v3"],
  up: ["M6 15l6-6 6 6"],
};

/** An icon beside or in place of a text; it says nothing by itself. */
export function icon(name) {
  const properties = { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
  return h(
    "svg",
    properties,
    PATHS[name].map((d) => h("path", { d })),
  );
}
