/** What belongs to this client alone and not to an account: kept by the browser. */

const KEY = "sync-check.preferences";
const PLACE = "sync-check.place";
const DEFAULTS = { muted: false, deafened: false };

export class Preferences {
  #voice = { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };

  /** How the user enters a voice channel: muted, deafened. */
  get voice() {
    return this.#voice;
  }

  setVoice(changes) {
    this.#voice = { ...this.#voice, ...changes };
    localStorage.setItem(KEY, JSON.stringify(this.#voice));
  }
}

/** Where this tab was: the workspace in sight, and by workspace the channel that was last in sight; for a reload. */
export const place = {
  read: () => ({ guildId: null, remembered: {}, ...JSON.parse(sessionStorage.getItem(PLACE) ?? "{}") }),
  keep: (guildId, remembered) => sessionStorage.setItem(PLACE, JSON.stringify({ guildId, remembered })),
  forget: () => sessionStorage.removeItem(PLACE),
};
