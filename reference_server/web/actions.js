/** What a user does: requests, and what is said where one is refused. What changes by them comes back as events. */

import { Refused } from "./net/api.js";
import { reading } from "./model/readings.js";
import { CHANNEL } from "./model/selection.js";

/**
 * Carry out a request; resolves to whether it went well. A refusal is told at `place`, or as a notice without one.
 */
export async function attempt(shell, place, work) {
  if (place) shell.update({ errors: { ...shell.ui.errors, [place]: null } });
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    lookAgain(shell, error);
    if (place) shell.update({ errors: { ...shell.ui.errors, [place]: error.message } });
    else shell.notify(error.message);
    return false;
  }
}

/** What a refusal makes doubtful is read again: whether its place is still there for the user (table 9.3). */
function lookAgain(shell, { status, path }) {
  const guildId = /^\/guilds\/(\w{26})\//.exec(path)?.[1];
  const isHeld = Object.hasOwn(shell.state.workspaces, guildId ?? "");
  if (isHeld && (status === 403 || status === 404)) shell.sync.want(reading("channels", guildId));
}

export function logIn(shell, { username, password }) {
  return attempt(shell, "auth", async () => {
    await shell.api.logIn(username, password);
    shell.enter();
  });
}

/** Create an account and log in with it; registering answers alike for a name that is taken (AUTH-1). */
export function register(shell, { username, password }) {
  return attempt(shell, "auth", async () => {
    await shell.api.register(username, password);
    await shell.api.logIn(username, password);
    shell.enter();
  });
}

export async function logOut(shell) {
  const ending = shell.api.logOut();
  shell.leave();
  await ending.catch(() => null); // the session is over here in any case
}

/** Create a workspace with a first channel, and go there. */
export async function createWorkspace(shell, { name, visibility }) {
  let guildId = null;
  const isCreated = await attempt(shell, "create-workspace", async () => {
    guildId = (await shell.api.call("POST", "/guilds", { name, visibility })).guild_id;
  });
  if (!isCreated) return;
  // It is there, so the form is done with, whatever becomes of the channel: sent again it would make another one.
  await attempt(shell, null, () => shell.api.call("POST", `/guilds/${guildId}/channels`, { name: "general" }));
  goTo(shell, guildId);
  shell.closeDialog();
}

export async function joinWorkspace(shell, guildId) {
  const isDone = await attempt(shell, "join-workspace", async () => {
    await shell.api.call("POST", `/guilds/${guildId}/join`);
    goTo(shell, guildId);
  });
  if (isDone) shell.closeDialog();
}

/** Show a workspace as soon as it was read. */
function goTo(shell, guildId) {
  shell.sync.want(reading("guilds"), reading("channels", guildId));
  shell.arriveAt(guildId);
}

export async function loadDirectory(shell) {
  await attempt(shell, "join-workspace", async () => {
    shell.update({ directory: (await shell.api.call("GET", "/guilds/public?limit=50")).guilds });
  });
}

export function createChannel(shell, guildId, { name, kind }) {
  return attempt(shell, "create-channel", () => shell.api.call("POST", `/guilds/${guildId}/channels`, { name, kind }));
}

export function change(shell, place, method, path, json) {
  return attempt(shell, place, () => shell.api.call(method, path, json));
}

/** Send what the composer of a channel holds; a text that was typed meanwhile stays. */
export async function sendMessage(shell, { guildId, channelId }, box, files) {
  const content = box.value;
  if (content.trim() === "" && files.length === 0) return;
  const channel = `/guilds/${guildId}/channels/${channelId}`;
  const isDone = await attempt(shell, "composer", async () => {
    const attachments = [];
    for (const file of files) {
      attachments.push(
        await shell.api.upload(`${channel}/attachments?filename=${encodeURIComponent(file.name)}`, file),
      );
    }
    const ids = attachments.map((one) => one.attachment_id);
    await shell.api.call("POST", `${channel}/messages`, { content, ...(ids.length > 0 && { attachment_ids: ids }) });
  });
  if (!isDone || box.value !== content) return;
  box.value = "";
  shell.drafts.delete(channelId);
  box.dispatchEvent(new Event("input"));
}

/** Save the bytes of an attachment under its name. */
export async function saveAttachment(shell, { guildId, channelId }, { attachment_id: id, filename }) {
  await attempt(shell, null, async () => {
    const blob = await shell.api.download(`/guilds/${guildId}/channels/${channelId}/attachments/${id}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = filename;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

export function toggleReaction(shell, { guildId, channelId }, messageId, emoji, isOwn) {
  const path = `/guilds/${guildId}/channels/${channelId}/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`;
  return change(shell, null, isOwn ? "DELETE" : "POST", path);
}

/** Enter a voice channel as the client settings say. */
export function joinVoice(shell, { guildId, channelId }) {
  const path = `/guilds/${guildId}/channels/${channelId}/voice`;
  return attempt(shell, null, async () => {
    await shell.api.call("POST", `${path}/token`, { can_publish: true, can_subscribe: true });
    const { muted, deafened } = shell.preferences.voice;
    if (muted || deafened) await shell.api.call("POST", `${path}/state`, { is_muted: muted, is_deafened: deafened });
  });
}

/** Open the moderation view of the workspace in sight. */
export function openModeration(shell) {
  shell.select({ ...shell.ui.selection, view: "moderation" });
}

export function openChannelView(shell) {
  shell.select({ ...shell.ui.selection, view: CHANNEL });
}
