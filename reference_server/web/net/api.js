/** REST calls with the session's token, which is renewed once it has expired. */

/** An answer that is no success; `code` is the server's, `status` 0 means that there was no answer to `path`. */
export class Refused extends Error {
  constructor(status, code, path) {
    super(SENTENCES[code] ?? SENTENCES[status] ?? `The server answered ${status}.`);
    this.status = status;
    this.code = code;
    this.path = path;
  }
}

const SENTENCES = {
  0: "The server cannot be reached.",
  400: "The server does not take this value.",
  401: "Name or password is wrong, or the session has ended.",
  403: "You are not allowed to do that.",
  404: "That does not exist any more.",
  409: "A limit is reached: there can be no more of these.",
  413: "That is too large.",
  415: "The server does not take this kind of file.",
  422: "The server does not take this value.",
  429: "Too many requests. Wait a moment.",
  guild_creation_limit_reached: "You cannot create more workspaces.",
  directory_join_user_banned: "You are banned from this workspace.",
  directory_join_ip_banned: "Your address is banned from this workspace.",
};

export class Api {
  #session;
  #renewal = null;
  /** Called when the session is over and cannot be renewed. */
  onSessionEnd = () => {};

  constructor(session) {
    this.#session = session;
  }

  /** Open a session for an account. */
  async logIn(username, password) {
    this.#session.open(await this.#send("POST", "/auth/login", { json: { username, password } }));
  }

  async register(username, password) {
    await this.#send("POST", "/auth/register", { json: { username, password } });
  }

  /** End the session on the server as well. */
  async logOut() {
    const token = this.#session.refreshToken;
    this.#session.close();
    await this.#send("POST", "/auth/logout", { json: { refresh_token: token } });
  }

  /** Read or change something; resolves to the decoded body, or null where there is none. Throws `Refused`. */
  call(method, path, json) {
    return this.#authorised(method, path, json === undefined ? {} : { json });
  }

  /** Send the bytes of a file; resolves to the decoded body. */
  upload(path, file) {
    return this.#authorised("POST", path, { file });
  }

  /** The bytes of a file. */
  download(path) {
    return this.#authorised("GET", path, { asBlob: true });
  }

  async #authorised(method, path, options) {
    const token = this.#session.accessToken;
    try {
      return await this.#send(method, path, { ...options, token });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      await this.#renew(token);
      return this.#send(method, path, { ...options, token: this.#session.accessToken });
    }
  }

  /** One renewal at a time: a refresh token that is presented twice ends the session (AUTH-4). */
  async #renew(expired) {
    if (this.#session.accessToken !== expired) return;
    this.#renewal ??= this.#refresh().finally(() => (this.#renewal = null));
    await this.#renewal;
  }

  async #refresh() {
    try {
      const json = { refresh_token: this.#session.refreshToken };
      this.#session.open(await this.#send("POST", "/auth/refresh", { json }));
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        this.#session.close();
        this.onSessionEnd();
      }
      throw error;
    }
  }

  async #send(method, path, { json, file, token, asBlob = false }) {
    const headers = {};
    if (token) headers.authorization = `Bearer ${token}`;
    if (json !== undefined) headers["content-type"] = "application/json";
    if (file) headers["content-type"] = file.type || "application/octet-stream";
    const body = json === undefined ? file : JSON.stringify(json);
    const answer = await fetch(path, { method, headers, body, credentials: "omit", cache: "no-store" }).catch(() => {
      throw new Refused(0, "unreachable", path);
    });
    if (!answer.ok) throw new Refused(answer.status, await codeOf(answer), path);
    if (answer.status === 204) return null;
    return (asBlob ? answer.blob() : answer.json()).catch(() => {
      throw new Refused(0, "unreadable", path);
    });
  }
}

async function codeOf(answer) {
  try {
    return String((await answer.json()).error);
  } catch {
    return "";
  }
}
