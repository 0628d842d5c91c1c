/** What the moderation view shows beside the state: IP bans and the audit log, read anew after every event. */

import { Refused } from "./api.js";

const PAGE = 50;
const UNREAD = Object.freeze({ bans: null, audit: null });

export class ModerationDesk {
  #api;
  #onRead;
  #guildId = null;
  #may = {};
  #isReading = false;
  #isDue = false;
  /** The lists as they were last read; null where they were not, or may not be. */
  lists = UNREAD;

  constructor(api, onRead) {
    this.#api = api;
    this.#onRead = onRead;
  }

  /** Keep the lists of a workspace current that the user may read; null for none. */
  watch(guildId, may) {
    if (guildId === this.#guildId && may.bans === this.#may.bans && may.audit === this.#may.audit) return;
    this.#guildId = guildId;
    this.#may = may;
    this.lists = UNREAD;
    if (guildId !== null) void this.read();
  }

  /** An IP ban is told without saying which, and every change of a workspace may be in its audit log. */
  follow(event) {
    if (this.#guildId !== null && event.payload.guild_id === this.#guildId) void this.read();
  }

  /** Read both lists; what comes while they are read has them read once more. */
  async read() {
    this.#isDue = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isDue && this.#guildId !== null) {
      this.#isDue = false;
      const guildId = this.#guildId;
      const lists = {
        bans: await this.#list(this.#may.bans, `/guilds/${guildId}/ip-bans?limit=${PAGE}`, "bans"),
        audit: await this.#list(this.#may.audit, `/guilds/${guildId}/audit?limit=${PAGE}`, "events"),
      };
      if (guildId === this.#guildId) this.lists = lists;
      this.#onRead();
    }
    this.#isReading = false;
  }

  async #list(isPermitted, path, member) {
    if (!isPermitted) return null;
    try {
      return (await this.#api.call("GET", path))[member];
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }
}
