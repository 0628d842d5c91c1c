/** What belongs to this client alone and not to an account: kept by the browser. */

const KEY = "sync-check.preferences";
const PLACE = "sync-check.place";
const DEFAULTS = { muted: false, deafened: false };

/** What a storage of the browser keeps under a key, or null: it may be anything, because others can write there. */
export function stored(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

export class Preferences {
  #voice = { ...DEFAULTS, ...stored(localStorage, KEY) };

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
  read: () => ({ guildId: null, remembered: {}, ...stored(sessionStorage, PLACE) }),
  keep: (guildId, remembered) => sessionStorage.setItem(PLACE, JSON.stringify({ guildId, remembered })),
  forget: () => sessionStorage.removeItem(PLACE),
};
