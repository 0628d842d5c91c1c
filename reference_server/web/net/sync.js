/** Keeps a replica in step with the server: connection, reads, subscriptions, names. */

import { withPeople } from "../model/bodies.js";
import { keyOf, reading } from "../model/readings.js";
import { Replica } from "../model/replica.js";
import { peopleDue, subscriptionsDue } from "../model/selection.js";
import { liveIn } from "../model/state.js";
import { pauseAfter } from "./backoff.js";
import { Refused } from "./api.js";
import { Gateway } from "./gateway.js";
import { HISTORY, read } from "./reads.js";

const LOOKUP = 64;
/** So often a channel that is listed may refuse what is read in it before it is left alone. */
const REFUSALS = 3;
/** Events after which access may have been lost and regained unnoticed, which only a new subscribe mends (ACCESS-6). */
const TOUCHES_ACCESS =
  /^workspace_(role_(update|delete|reorder|assignment_\w+)|channel_\w*override_update|member_update)$/;

export class Sync {
  #api;
  #selection;
  #replica = new Replica();
  #wanted = new Map();
  #isReading = false;
  #failures = 0;
  #generation = 0;
  #lookedUp = new Set();
  #touched = new Set();
  #depths = new Map();
  #refusals = new Map();
  #waiting = [];
  #deaf = { timer: null, times: 0 };
  /** Called after each change with the state before, the state now, and the event that led to it or null. */
  onChange = () => {};
  /** Called with the event when it came, also where no state changes. */
  onEvent = () => {};
  /** Called after every frame, also one that was not taken. */
  onFrame = () => {};

  /**
   * @param {() => object} selection what the user has in sight
   * @param {() => string} accessToken
   */
  constructor(api, selection, accessToken) {
    this.#api = api;
    this.#selection = selection;
    this.gateway = new Gateway(async () => {
      // Renews the token if it has expired; a browser cannot tell why an upgrade was refused.
      await api.call("GET", "/auth/me");
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      return `${scheme}//${location.host}/gateway/ws?access_token=${encodeURIComponent(accessToken())}`;
    });
    this.gateway.onFrame = (frame) => this.#take(frame);
  }

  get state() {
    return this.#replica.state;
  }

  get counters() {
    return { ...this.#replica.counters, reconnects: this.gateway.pauses.length };
  }

  /** Whether nothing is being read or asked for: all that was caused so far and came is in the state. */
  get isAtRest() {
    return !this.#isReading && this.#wanted.size === 0 && Object.keys(this.state.asked).length === 0;
  }

  /** Resolves once that is so. */
  rested() {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#rest();
    });
  }

  start() {
    this.gateway.start();
  }

  stop() {
    this.#generation += 1;
    clearTimeout(this.#deaf.timer);
    this.gateway.stop();
    for (const name of ["onChange", "onEvent", "onFrame"]) this[name] = () => {}; // what still comes is nobody's
  }

  /** Read something, because an own request was answered: its body is a reason to look, not what is believed. */
  want(...readings) {
    for (const one of readings) this.#wanted.set(keyOf(one), one);
    void this.#read();
  }

  /** Read more of a channel's history: all of it that is then in sight, so that no event is missed meanwhile. */
  readFurther(guildId, channelId) {
    this.#depths.set(channelId, (this.state.messages[channelId]?.length ?? 0) + HISTORY);
    this.want(reading("messages", guildId, channelId));
  }

  /** See to what follows from a change of state or sight: subscriptions and names. */
  settle() {
    for (const [guildId, channelId] of subscriptionsDue(this.state, this.#selection())) {
      const isLeftAlone = (this.#refusals.get(channelId) ?? 0) >= REFUSALS;
      if (this.gateway.status === "open" && !isLeftAlone) this.#subscribe(guildId, channelId);
    }
    const unknown = peopleDue(this.state, this.#selection()).filter((id) => !this.#lookedUp.has(id));
    for (let at = 0; at < unknown.length; at += LOOKUP) void this.#lookUp(unknown.slice(at, at + LOOKUP));
  }

  #take(frame) {
    let event = null;
    this.#change(() => {
      const taken = this.#replica.apply(frame);
      event = taken.event;
      if (event?.name === "ready") this.#startAnew();
      if (event && TOUCHES_ACCESS.test(event.name) && taken.wanted.length > 0) this.#touch(event.payload.guild_id);
      for (const one of taken.wanted) this.#wanted.set(keyOf(one), one);
      return event;
    });
    if (event) this.onEvent(event);
    this.onFrame();
    void this.#read();
  }

  /** What was being read belongs to the connection before; its buffer does not see what this one tells. */
  #startAnew() {
    this.#generation += 1;
    this.#wanted.clear();
    this.#touched.clear();
    this.#refusals.clear();
    this.#lookedUp.clear();
  }

  #touch(guildId) {
    this.#touched.add(guildId);
    this.#refusals.clear();
  }

  async #read() {
    if (this.#isReading || this.#wanted.size === 0) return;
    this.#isReading = true;
    const batch = [...this.#wanted.values()];
    const generation = this.#generation;
    this.#wanted.clear();
    this.#replica.beginReading();
    const results = await Promise.all(batch.map((wanted) => this.#fetched(wanted)));
    const isCurrent = generation === this.#generation;
    let next = [];
    this.#change(() => {
      next = this.#replica.finishReading(isCurrent ? results : []);
    });
    this.#isReading = false;
    for (const one of next) this.#wanted.set(keyOf(one), one);
    if (isCurrent) this.#resubscribe();
    this.#listenFor();
    this.settle();
    this.#rest();
    this.#repeatLater(isCurrent ? results : []);
    void this.#read();
  }

  async #fetched(wanted) {
    try {
      const held = this.state.messages[wanted.channelId]?.length ?? 0;
      const depth = Math.max(HISTORY, held, this.#depths.get(wanted.channelId) ?? 0);
      return { wanted, status: 200, body: await read(this.#api, wanted, depth) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { channelId } = wanted;
      if (error.status === 403 || error.status === 404)
        this.#refusals.set(channelId, (this.#refusals.get(channelId) ?? 0) + 1);
      return { wanted, status: error.status };
    }
  }

  /** What got no usable answer is read again after a pause, for as long as the connection stands. */
  #repeatLater(results) {
    const missed = results.filter(({ status }) => status === 0 || status === 408 || status === 429 || status >= 500);
    if (missed.length === 0) {
      this.#failures = 0;
      return;
    }
    const generation = this.#generation;
    setTimeout(() => {
      if (generation === this.#generation) this.want(...missed.map(({ wanted }) => wanted));
    }, pauseAfter(this.#failures));
    this.#failures += 1;
  }

  #subscribe(guildId, channelId) {
    this.#replica.subscribing(guildId, channelId);
    this.gateway.subscribe(guildId, channelId);
  }

  #resubscribe() {
    for (const guildId of this.#touched) {
      const asked = Object.keys(this.state.asked).filter((id) => this.state.asked[id] === guildId);
      for (const channelId of [...liveIn(this.state, guildId), ...asked]) this.#subscribe(guildId, channelId);
    }
    this.#touched.clear();
  }

  /**
   * A workspace in which no channel is open to the user tells nothing, not even that one opens: its list is read again,
   * after pauses that grow.
   */
  #listenFor() {
    const heard = new Set([...Object.values(this.state.live), ...Object.values(this.state.asked)]);
    const deaf = Object.keys(this.state.channels).filter((guildId) => !heard.has(guildId));
    if (deaf.length === 0) this.#deaf.times = 0;
    if (deaf.length === 0 || this.#deaf.timer !== null) return;
    this.#deaf.timer = setTimeout(() => {
      this.#deaf.timer = null;
      if (this.gateway.status === "open") this.want(...deaf.map((guildId) => reading("channels", guildId)));
    }, pauseAfter(this.#deaf.times));
    this.#deaf.times += 1;
  }

  async #lookUp(ids) {
    for (const id of ids) this.#lookedUp.add(id);
    try {
      const body = await this.#api.call("POST", "/users/lookup", { user_ids: ids });
      this.#change(() => {
        this.#replica.state = withPeople(this.state, body);
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      for (const id of ids) this.#lookedUp.delete(id);
    }
  }

  #rest() {
    if (!this.isAtRest) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Carry out a step, which returns the event that it takes in or nothing, and tell of the change that it made. */
  #change(step) {
    const before = this.state;
    const event = step() ?? null;
    if (this.state !== before) {
      this.onChange(before, this.state, event);
      this.settle();
    }
    this.#rest();
  }
}
