/**
 * What one connection believes: built from REST reads and events only, never from the answer to an own change.
 *
 * Without I/O: `apply` and `finishReading` return what to read next, the owner reads it.
 */

import { load, prune } from "./bodies.js";
import { readFrame } from "./parser.js";
import { askedBy, inOrder, keyOf, reading } from "./readings.js";
import { reduce } from "./reducers/index.js";
import { makeAsked, NOTHING, withSlice } from "./state.js";
import { Malformed } from "./types.js";

const GONE = [403, 404];

export class Replica {
  /** Frames with unknown names, malformed frames, and reads that gave nothing usable. */
  counters = { received: 0, unknown_received: 0, parse_rejected: 0, unread: 0 };
  state = NOTHING;
  #buffer = null;

  /** Take in a frame; returns the event, or null if it is ignored, and what has to be read after it. */
  apply(frame) {
    this.counters.received += 1;
    const { event, unknown } = readFrame(frame);
    if (event === undefined) {
      this.counters[unknown === undefined ? "parse_rejected" : "unknown_received"] += 1;
      return { event: null, wanted: [] };
    }
    if (event.name === "ready") this.#startAnew();
    const wanted = askedBy(this.state, event);
    this.#buffer?.push({ event, hasAsked: wanted.length > 0 });
    this.state = reduce(this.state, event);
    return { event, wanted };
  }

  /** A subscribe is about to be sent; a `subscribed` that nobody asked for has no effect. */
  subscribing(guildId, channelId) {
    this.state = makeAsked(this.state, guildId, channelId);
  }

  /** Reads are about to be sent: what comes from now on is applied again on top of what they give. */
  beginReading() {
    if (this.#buffer !== null) throw new Error("a reading was begun while another was under way");
    this.#buffer = [];
  }

  /**
   * Take over what reads gave, then the buffered events again; returns what to read next.
   *
   * @param {{ wanted: object, status: number | null, body?: unknown }[]} results none if the reads were given up
   */
  finishReading(results) {
    const buffered = this.#buffer;
    this.#buffer = null;
    const wanted = inOrder(results).flatMap((result) => this.#take(result));
    for (const { event, hasAsked } of buffered) {
      // Of what was not held when it came nothing was asked, and what was read may be older.
      if (!hasAsked) wanted.push(...askedBy(this.state, event));
      // An older list did not name the channel: that does not undo the answer.
      else if (event.name === "subscribed") this.subscribing(event.payload.guild_id, event.payload.channel_id);
      this.state = reduce(this.state, event);
    }
    return [...new Map(wanted.map((one) => [keyOf(one), one])).values()];
  }

  /** A new connection is subscribed to nothing; what was read stays in sight until it is read anew. */
  #startAnew() {
    if (this.#buffer !== null) this.#buffer = [];
    for (const slice of ["asked", "live", "presence", "voice"]) this.state = withSlice(this.state, slice, {});
  }

  #take({ wanted, status, body }) {
    if (GONE.includes(status)) {
      const [state, next] = prune(this.state, wanted);
      this.state = state;
      return next;
    }
    if (status !== 200) {
      this.counters.unread += 1;
      return [];
    }
    const held = this.state.workspaces;
    try {
      this.state = load(this.state, wanted, body);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.counters.unread += 1;
    }
    // Until its first subscription a connection hears nothing of a workspace: its channels tell where to subscribe.
    const found = Object.keys(this.state.workspaces).filter((guildId) => !Object.hasOwn(held, guildId));
    return found.map((guildId) => reading("channels", guildId));
  }
}
