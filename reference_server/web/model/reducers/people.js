/** Steps about people: oneself, profiles, friends (contract 9.2). */

import { put, set, withSlice } from "../state.js";

/** Remember the own id. */
function ready(state, told) {
  return withSlice(state, "user_id", told.user_id);
}

/** Set the fields of a held profile, an empty text included, and the name of a held friend. */
function profileUpdate(state, { user_id: userId, updated_fields: fields }) {
  const { about_markdown_tokens: _, ...changed } = fields;
  const known = inProfile(state, userId, (profile) => ({ ...profile, ...changed }));
  if (fields.username === undefined) return known;
  const named = inPerson(known, userId, (person) => ({ ...person, username: fields.username }));
  const friend = named.friends?.[userId];
  return friend ? set(named, "friends", userId, { ...friend, username: fields.username }) : named;
}

/** The version becomes the larger of old and new. */
function avatarUpdate(state, { user_id: userId, avatar_version: version }) {
  const newer = (held) => ({ ...held, avatar_version: Math.max(held.avatar_version, version) });
  return inPerson(inProfile(state, userId, newer), userId, newer);
}

/** The version becomes the larger of old and new. */
function bannerUpdate(state, { user_id: userId, banner_version: version }) {
  return inProfile(state, userId, (held) => ({ ...held, banner_version: Math.max(held.banner_version, version) }));
}

/** Add to the incoming or the outgoing requests; a request between others is none of ours. */
function requestCreate(state, { request_id: requestId, ...request }) {
  if (request.recipient_user_id === state.user_id) return withRequest(state, "incoming", requestId, request);
  if (request.sender_user_id === state.user_id) return withRequest(state, "outgoing", requestId, request);
  return state;
}

/** Move an accepted request to the friends; the copy meant for the other side is none of ours. */
function requestUpdate(state, told) {
  if (told.user_id !== state.user_id) return state;
  const left = withoutRequest(state, told.request_id);
  const friend = { username: told.friend_username, created_at_unix: told.friendship_created_at_unix };
  return left.friends === null ? left : set(left, "friends", told.friend_user_id, friend);
}

/** Drop the request. */
function requestDelete(state, told) {
  return withoutRequest(state, told.request_id);
}

/** Drop the friend. */
function friendRemove(state, told) {
  if (told.user_id !== state.user_id || state.friends === null) return state;
  return set(state, "friends", told.friend_user_id, undefined);
}

function withRequest(state, side, requestId, request) {
  const held = state.friend_requests;
  return held === null ? state : set(state, "friend_requests", side, put(held[side], requestId, request));
}

function withoutRequest(state, requestId) {
  const left = withRequest(state, "incoming", requestId, undefined);
  return withRequest(left, "outgoing", requestId, undefined);
}

function inProfile(state, userId, change) {
  const profile = state.profiles[userId];
  return profile ? set(state, "profiles", userId, change(profile)) : state;
}

function inPerson(state, userId, change) {
  const person = state.people[userId];
  return person ? set(state, "people", userId, change(person)) : state;
}

export const PEOPLE = {
  ready,
  profile_update: profileUpdate,
  profile_avatar_update: avatarUpdate,
  profile_banner_update: bannerUpdate,
  friend_request_create: requestCreate,
  friend_request_update: requestUpdate,
  friend_request_delete: requestDelete,
  friend_remove: friendRemove,
};
