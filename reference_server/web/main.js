/** Starts the shell, and lets a test ask what it believes. */

import { Shell } from "./app.js";

const shell = new Shell(document.getElementById("root"));

document.addEventListener("securitypolicyviolation", (event) => {
  shell.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
  shell.draw();
});

globalThis.syncCheck = {
  get state() {
    return shell.state;
  },
  get counters() {
    return { ...shell.sync?.counters };
  },
  get violations() {
    return [...shell.violations];
  },
  /** Resolves once all that the events of so far ask for was read. */
  rested: () => shell.sync?.rested(),
};

shell.start();
