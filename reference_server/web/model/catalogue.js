/** What each event carries: table 5.2 of the contract, one entry a row. */

import { permissionList } from "./permissions.js";
import {
  changes, count, flag, integer, listOf, object, oneOf, opaque, optional, orNull, text, time, ulid, where,
} from "./types.js";

const legacyRole = oneOf("owner", "moderator", "member");
const visibility = oneOf("private", "public");
const streamSource = oneOf("microphone", "camera", "screen_share");
const actor = { actor_user_id: optional(ulid) };
const inGuild = { guild_id: ulid };
const inChannel = { guild_id: ulid, channel_id: ulid };
const updated = { updated_at_unix: time };

const attachment = object({
  attachment_id: ulid, ...inChannel, owner_id: ulid, filename: text, mime_type: text, size_bytes: count,
  sha256_hex: text,
});
const reaction = object({
  emoji: text, count, reacted_by_me: flag, reactor_user_ids: optional(listOf(ulid, { atMost: 32 })),
});
const channel = object({ channel_id: ulid, name: text, kind: oneOf("text", "voice") });
const participant = object({
  user_id: ulid, identity: text, joined_at_unix: time, updated_at_unix: time, is_muted: flag, is_deafened: flag,
  is_speaking: flag, is_video_enabled: flag, is_screen_share_enabled: flag,
});
const role = object({
  role_id: ulid, name: text, position: integer, is_system: flag, permissions: permissionList,
  color_hex: optional(text),
});
const override = object({ allow: permissionList, deny: permissionList });
const overrideUpdate = { ...inChannel, updated_fields: override, ...updated, ...actor };
const namesOneTarget = ({ role: byRole, target_kind: kind, target_id: id }) =>
  (kind === undefined) === (id === undefined) && (byRole === undefined) !== (kind === undefined);
const stream = { ...inChannel, user_id: ulid, identity: text, stream: streamSource };

/** The types of payloads by event name; a `Map`, because names come from outside (`constructor` is one). */
export const CATALOGUE = new Map(
  Object.entries({
    ready: object({ user_id: ulid }),
    subscribed: object(inChannel),
    presence_sync: object({ ...inGuild, user_ids: listOf(ulid) }),
    presence_update: object({ ...inGuild, user_id: ulid, status: oneOf("online", "offline") }),
    message_create: object({
      message_id: ulid, ...inChannel, author_id: ulid, content: text, markdown_tokens: listOf(opaque),
      attachments: listOf(attachment), reactions: listOf(reaction), created_at_unix: time,
    }),
    message_update: object({
      ...inChannel, message_id: ulid, ...updated,
      updated_fields: changes({ content: text, markdown_tokens: listOf(opaque), attachments: listOf(attachment) }),
    }),
    message_delete: object({ ...inChannel, message_id: ulid, deleted_at_unix: time }),
    message_reaction: object({
      ...inChannel, message_id: ulid, emoji: text, count, operation: oneOf("add", "remove"), actor_user_id: ulid,
    }),
    channel_create: object({ ...inGuild, channel }),
    channel_update: object({ ...inChannel, updated_fields: changes({ name: text }), ...updated, ...actor }),
    channel_delete: object({ ...inChannel, deleted_at_unix: time, ...actor }),
    channel_reorder: object({ ...inGuild, channel_ids: listOf(ulid), ...updated, ...actor }),
    workspace_update: object({ ...inGuild, updated_fields: changes({ name: text, visibility }), ...updated, ...actor }),
    workspace_member_add: object({ ...inGuild, user_id: ulid, role: legacyRole, joined_at_unix: time, ...actor }),
    workspace_member_update: object({
      ...inGuild, user_id: ulid, updated_fields: changes({ role: legacyRole }), ...updated, ...actor,
    }),
    workspace_member_remove: object({
      ...inGuild, user_id: ulid, reason: oneOf("kick", "ban", "leave"), removed_at_unix: time, ...actor,
    }),
    workspace_member_ban: object({ ...inGuild, user_id: ulid, banned_at_unix: time, ...actor }),
    workspace_role_create: object({ ...inGuild, role, ...actor }),
    workspace_role_update: object({
      ...inGuild, role_id: ulid, ...updated, ...actor,
      updated_fields: changes({ name: text, permissions: permissionList, color_hex: orNull(text) }),
    }),
    workspace_role_delete: object({ ...inGuild, role_id: ulid, deleted_at_unix: time, ...actor }),
    workspace_role_reorder: object({ ...inGuild, role_ids: listOf(ulid), ...updated, ...actor }),
    workspace_role_assignment_add: object({
      ...inGuild, user_id: ulid, role_id: ulid, assigned_at_unix: time, ...actor,
    }),
    workspace_role_assignment_remove: object({
      ...inGuild, user_id: ulid, role_id: ulid, removed_at_unix: time, ...actor,
    }),
    workspace_channel_override_update: where(
      object({
        ...overrideUpdate, role: optional(legacyRole), target_kind: optional(oneOf("role", "member")),
        target_id: optional(ulid),
      }),
      namesOneTarget,
    ),
    workspace_channel_role_override_update: object({ ...overrideUpdate, role: legacyRole }),
    workspace_channel_permission_override_update: object({
      ...overrideUpdate, target_kind: oneOf("role", "member"), target_id: ulid,
    }),
    workspace_ip_ban_sync: object({
      ...inGuild, summary: object({ action: oneOf("upsert", "remove"), changed_count: count }), ...updated, ...actor,
    }),
    profile_update: object({
      user_id: ulid, ...updated,
      updated_fields: changes({ username: text, about_markdown: text, about_markdown_tokens: listOf(opaque) }),
    }),
    profile_avatar_update: object({ user_id: ulid, avatar_version: count, ...updated }),
    profile_banner_update: object({ user_id: ulid, banner_version: count, ...updated }),
    friend_request_create: object({
      request_id: ulid, sender_user_id: ulid, sender_username: text, recipient_user_id: ulid,
      recipient_username: text, created_at_unix: time,
    }),
    friend_request_update: object({
      request_id: ulid, state: oneOf("accepted"), user_id: ulid, friend_user_id: ulid, friend_username: text,
      friendship_created_at_unix: time, ...updated, ...actor,
    }),
    friend_request_delete: object({ request_id: ulid, deleted_at_unix: time, ...actor }),
    friend_remove: object({ user_id: ulid, friend_user_id: ulid, removed_at_unix: time, ...actor }),
    voice_participant_sync: object({ ...inChannel, participants: listOf(participant), synced_at_unix: time }),
    voice_participant_join: object({ ...inChannel, participant }),
    voice_participant_leave: object({ ...inChannel, user_id: ulid, identity: text, left_at_unix: time }),
    voice_participant_update: object({
      ...inChannel, user_id: ulid, identity: text, ...updated,
      updated_fields: changes({
        is_muted: flag, is_deafened: flag, is_speaking: flag, is_video_enabled: flag, is_screen_share_enabled: flag,
      }),
    }),
    voice_stream_publish: object({ ...stream, published_at_unix: time }),
    voice_stream_unpublish: object({ ...stream, unpublished_at_unix: time }),
  }),
);
