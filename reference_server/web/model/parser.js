/** Reading frames (contract 1 and 9.1): tolerant of what is new, closed to what is wrong. */

import { CATALOGUE } from "./catalogue.js";
import { parse, tellsAMemberTwice } from "./json.js";
import { Malformed } from "./types.js";

export const MAX_EVENT_BYTES = 65536;

const NAME = /^[a-z0-9_.]{1,64}$/;
const UTF8 = new TextEncoder();

/**
 * What a client makes of a frame: `{ event: { name, ...payload } }`, `{ unknown: name }` for a name that it does not
 * know (CLIENT-1), or `{ rejected: reason }` for a malformed envelope or payload (CLIENT-2).
 *
 * @param {unknown} frame the data of a WebSocket message: a text, or something binary, which is never an event
 */
export function readFrame(frame) {
  if (typeof frame !== "string") return { rejected: "not a text frame" };
  if (UTF8.encode(frame).length > MAX_EVENT_BYTES) return { rejected: "larger than an event may be" };
  const envelope = readEnvelope(frame);
  if (envelope.rejected) return envelope;
  const payloadOf = CATALOGUE.get(envelope.t);
  if (payloadOf === undefined) return { unknown: envelope.t };
  try {
    return { event: { name: envelope.t, payload: payloadOf(envelope.d) } };
  } catch (error) {
    if (error instanceof Malformed) return { rejected: `${envelope.t}: ${error.message}` };
    throw error;
  }
}

function readEnvelope(frame) {
  let whole;
  try {
    whole = parse(frame);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return { rejected: "not one JSON object" };
    throw error;
  }
  if (!isObject(whole)) return { rejected: "not one JSON object" };
  if (tellsAMemberTwice(frame, Object.keys(whole).length)) return { rejected: "a member occurs twice" };
  const { v, t, d } = whole;
  if (v !== 1 || typeof t !== "string" || !NAME.test(t) || !isObject(d)) return { rejected: "not an envelope" };
  return { t, d };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
