/** The tokens of this tab's session. They are kept for a reload and nowhere else, and never shown. */

import { stored } from "../preferences.js";

const KEY = "sync-check.session";

export class Session {
  #tokens = stored(sessionStorage, KEY);

  get isOpen() {
    return this.#tokens !== null;
  }

  get accessToken() {
    return this.#tokens?.access_token ?? "";
  }

  get refreshToken() {
    return this.#tokens?.refresh_token ?? "";
  }

  /** Keep a pair of tokens as the server returned it. */
  open({ access_token, refresh_token }) {
    this.#tokens = { access_token, refresh_token };
    sessionStorage.setItem(KEY, JSON.stringify(this.#tokens));
  }

  close() {
    this.#tokens = null;
    sessionStorage.removeItem(KEY);
  }
}
