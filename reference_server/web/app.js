/** The shell as a whole: what the user has in sight, and how it follows from state and events. */

import { Api } from "./net/api.js";
import { ModerationDesk } from "./net/moderation.js";
import { Session } from "./net/session.js";
import { Sync } from "./net/sync.js";
import { ownPermissions } from "./model/permissions.js";
import { CHANNEL, MODERATION, NOWHERE, reasonFor, settled } from "./model/selection.js";
import { NOTHING } from "./model/state.js";
import { place, Preferences } from "./preferences.js";
import { draw } from "./views/dom.js";
import { page } from "./views/page.js";
import { keepingPlace } from "./views/scrolling.js";

const AFRESH = Object.freeze({
  selection: NOWHERE,
  remembered: {},
  overlay: null,
  isMenuOpen: false,
  notices: [],
  errors: {},
  editing: null,
  confirming: null,
  picking: null,
  openMember: null,
  directory: null,
  connection: { status: "off" },
  isDiagnosing: false,
  authMode: "login",
});

/** Drawn by `page`, which is given the shell itself; views read `state` and `ui` and call what changes them. */
export class Shell {
  #root;
  #isDue = false;
  #focusOn = null;
  ui = AFRESH;
  session = new Session();
  api = new Api(this.session);
  sync = null;
  desk = null;
  preferences = new Preferences();
  #destination = null;
  /** What was half-typed into a composer, by channel. */
  drafts = new Map();
  /** What the browser's security policy refused; there should be nothing. */
  violations = [];

  constructor(root) {
    this.#root = root;
    this.api.onSessionEnd = () => this.leave("Your session has ended. Log in again.");
  }

  get state() {
    return this.sync?.state ?? NOTHING;
  }

  /** Show the log-in form, or what the session of before the reload shows. */
  start() {
    if (this.session.isOpen) this.enter();
    else this.draw();
  }

  /** Begin with the session that is open. */
  enter() {
    const sync = new Sync(
      this.api,
      () => this.ui.selection,
      () => this.session.accessToken,
    );
    sync.onChange = (before, after, event) => this.#follow(before, after, event);
    sync.onEvent = (event) => this.desk.follow(event);
    sync.onFrame = () => this.ui.isDiagnosing && this.draw();
    sync.gateway.onStatus = (connection) => this.update({ connection });
    this.sync = sync;
    this.desk = new ModerationDesk(this.api, () => this.draw());
    const { guildId, remembered } = place.read();
    this.#destination = guildId;
    this.ui = { ...AFRESH, remembered };
    sync.start();
    this.draw();
  }

  /** Go back to the log-in form, and say why. */
  leave(reason = null) {
    this.sync?.stop();
    this.session.close();
    place.forget();
    this.sync = null;
    this.drafts.clear();
    this.ui = { ...AFRESH, errors: reason ? { auth: reason } : {} };
    this.draw();
  }

  /** Change what is in sight and draw it. */
  update(changes) {
    this.ui = { ...this.ui, ...changes };
    this.draw();
  }

  /** Show a workspace, one of its channels, or another view. */
  select(selection) {
    this.#see(settled(selection, this.state, this.ui.remembered));
    this.update({ isMenuOpen: false, editing: null, picking: null, confirming: null });
    this.#watch();
    this.sync.settle();
  }

  selectGuild(guildId) {
    this.select({ view: CHANNEL, guildId, channelId: this.ui.remembered[guildId] ?? null });
  }

  selectChannel(channelId) {
    this.select({ view: CHANNEL, guildId: this.ui.selection.guildId, channelId });
  }

  /** Show a workspace as soon as its channels were read. */
  arriveAt(guildId) {
    this.#destination = guildId;
    this.#arrive();
  }

  /** Open a dialog; there is never more than one. `opener` is the id of the element that gets the focus back. */
  openDialog(kind, opener, more = {}) {
    this.update({ overlay: { kind, opener, ...more }, isMenuOpen: false, confirming: null, errors: {} });
    this.#watch();
  }

  closeDialog() {
    const opener = this.ui.overlay?.opener ?? null;
    this.update({ overlay: null, confirming: null, errors: {} });
    this.focus(opener);
    this.#watch();
  }

  chooseTab(tab) {
    this.update({ overlay: { ...this.ui.overlay, tab }, confirming: null });
    this.#watch();
  }

  /** Give the focus to an element by its id, once it is drawn. */
  focus(id) {
    this.#focusOn = id;
    this.draw();
  }

  /** Tell the user something that should not be missed. */
  notify(text) {
    if (this.ui.notices.at(-1) !== text) this.update({ notices: [...this.ui.notices, text].slice(-3) });
  }

  /** Whether the user itself has a permission in the workspace in sight, as far as is known. */
  may(permission) {
    return ownPermissions(this.state, this.ui.selection.guildId).has(permission);
  }

  /** Draw soon; changes that come together are drawn together. */
  draw() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      const focused = document.activeElement;
      keepingPlace(this.#root, () => draw(this.#root, page(this)));
      if (!focused.isConnected) this.#focusOn ??= "stage"; // what had the focus is gone
      if (this.#focusOn) document.getElementById(this.#focusOn)?.focus();
      this.#focusOn = null;
    });
  }

  #follow(before, after, event) {
    const { selection, remembered } = this.ui;
    const reason = selection.view === "friends" ? null : reasonFor(selection, before, after, event);
    this.#see(settled(selection, after, remembered));
    if (reason) {
      this.notify(reason);
      this.#closeWhatIsGone();
    }
    this.#arrive();
    this.#watch();
  }

  /** Have something in sight, and remember it for the way back and for a reload. */
  #see(selection) {
    const { guildId, channelId } = selection;
    const remembered = guildId && channelId ? { ...this.ui.remembered, [guildId]: channelId } : this.ui.remembered;
    this.update({ selection, remembered });
    if (guildId) place.keep(guildId, remembered);
  }

  #arrive() {
    const guildId = this.#destination;
    if (guildId === null || !this.state.channels[guildId]) return;
    this.#destination = null;
    this.selectGuild(guildId);
  }

  /** A dialog about a workspace goes with the workspace. */
  #closeWhatIsGone() {
    const { overlay, selection } = this.ui;
    if (overlay?.guildId && overlay.guildId !== selection.guildId) this.closeDialog();
  }

  /** The moderation desk is read while it is in sight. */
  #watch() {
    const { selection, overlay } = this.ui;
    const isOpen =
      selection.view === MODERATION || (overlay?.kind === "workspace-settings" && overlay.tab === "Moderation");
    this.desk?.watch(isOpen ? selection.guildId : null, {
      bans: this.may("manage_ip_bans"),
      audit: this.may("view_audit_log"),
    });
  }
}
