/** The whole table 9.2: the state that comes of an event. */

import { LIVE } from "./live.js";
import { MESSAGES } from "./messages.js";
import { OVERRIDES } from "./overrides.js";
import { PEOPLE } from "./people.js";
import { ROLES } from "./roles.js";
import { REMOVALS, WORKSPACE } from "./workspace.js";

/** Of held workspaces, and of others not (CLIENT-4). */
function inGuild(steps) {
  const held = (step) => (state, told) => (Object.hasOwn(state.workspaces, told.guild_id) ? step(state, told) : state);
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, held(step)]));
}

/** Every event that has an effect; `workspace_ip_ban_sync` has none on a state. */
export const REDUCERS = new Map(
  Object.entries({
    ...inGuild({ ...WORKSPACE, ...ROLES, ...OVERRIDES }),
    ...MESSAGES,
    ...PEOPLE,
    ...LIVE,
    ...REMOVALS,
  }),
);

/** The state after an event; the same object if the event has no effect (CLIENT-3, CLIENT-4, CLIENT-5). */
export function reduce(state, event) {
  const step = REDUCERS.get(event.name);
  return step === undefined ? state : step(state, event.payload);
}
