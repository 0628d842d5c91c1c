/** What belongs to this client alone and not to an account: kept by the browser. */

const KEY = "sync-check.preferences";
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
