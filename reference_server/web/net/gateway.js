/** The connection to the gateway: it comes back by itself, after pauses that grow (CLIENT-9). */

import { pauseAfter } from "./backoff.js";

/** Below the contract's 60 frames in 10 s, beyond which the server ends the connection (BAD-2). */
const FRAMES = 50;
const WINDOW_MS = 10000;
/** A connection that held so long was a good one: the next pause is short again. */
const STEADY_MS = 10000;

export class Gateway {
  #addressOf;
  #socket = null;
  #timer = null;
  #pacer = null;
  #failures = 0;
  #steady = null;
  #waiting = new Map();
  #sentAt = [];
  /** How often the connection was lost, and the pauses that followed, in milliseconds. */
  pauses = [];
  status = "off";
  onFrame = () => {};
  onStatus = () => {};

  /** @param {() => Promise<string>} addressOf the URL to connect to; rejects where that cannot be known now */
  constructor(addressOf) {
    this.#addressOf = addressOf;
  }

  /** Connect, and stay connected until `stop`. */
  start() {
    this.#failures = 0;
    void this.#connect();
  }

  /** Try at once instead of waiting for the pause to end. */
  retry() {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    void this.#connect();
  }

  stop() {
    for (const timer of [this.#timer, this.#pacer, this.#steady]) clearTimeout(timer);
    [this.#timer, this.#pacer, this.#steady] = [null, null, null];
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#tell("off");
  }

  /** Send a subscribe once the rate permits it; a repeated one that still waits is one. */
  subscribe(guildId, channelId) {
    this.#waiting.set(channelId, { v: 1, t: "subscribe", d: { guild_id: guildId, channel_id: channelId } });
    this.#flush();
  }

  async #connect() {
    this.#timer = null;
    this.#tell("connecting");
    const address = await this.#addressOf().catch(() => null);
    if (this.status !== "connecting") return;
    if (address === null) {
      this.#lose(null);
      return;
    }
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#receive(socket, data));
    socket.addEventListener("close", ({ code, reason }) => this.#lose(socket, code, reason));
  }

  #receive(socket, data) {
    if (socket !== this.#socket) return;
    if (this.status !== "open") {
      this.#sentAt = [];
      this.#waiting.clear();
      this.#steady = setTimeout(() => (this.#failures = 0), STEADY_MS);
      this.#tell("open");
    }
    this.onFrame(data);
  }

  #lose(socket, code = 0, reason = "") {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#steady);
    clearTimeout(this.#pacer);
    this.#pacer = null;
    const pause = pauseAfter(this.#failures);
    this.#failures += 1;
    this.pauses.push(pause);
    this.#timer = setTimeout(() => void this.#connect(), pause);
    this.#tell("lost", { code, reason, pause });
  }

  #flush() {
    if (this.status !== "open" || this.#pacer !== null) return;
    const now = performance.now();
    this.#sentAt = this.#sentAt.filter((at) => now - at < WINDOW_MS);
    for (const [channelId, command] of this.#waiting) {
      if (this.#sentAt.length >= FRAMES) {
        this.#pacer = setTimeout(() => this.#resume(), WINDOW_MS - (now - this.#sentAt[0]));
        return;
      }
      this.#waiting.delete(channelId);
      this.#sentAt.push(now);
      this.#socket.send(JSON.stringify(command));
    }
  }

  #resume() {
    this.#pacer = null;
    this.#flush();
  }

  #tell(status, details = {}) {
    this.status = status;
    this.onStatus({ status, ...details });
  }
}
