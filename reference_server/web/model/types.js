/**
 * Types of the wire. Each is a function that returns a value as a client keeps it, or throws `Malformed`.
 *
 * What an object has beyond its declared members is left out (CLIENT-1); what is missing or of another type makes the
 * whole malformed (CLIENT-2).
 */

/** A payload that breaks the catalogue; `member` is the dotted path to what is wrong. */
export class Malformed extends Error {
  constructor(member) {
    super(`${member || "the payload"} is missing or of another type`);
    this.member = member;
  }
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

function when(accepts) {
  return (value, path) => {
    if (!accepts(value)) throw new Malformed(path);
    return value;
  };
}

export const text = when((value) => typeof value === "string");
export const flag = when((value) => typeof value === "boolean");
export const integer = when(Number.isInteger);
export const count = when((value) => Number.isInteger(value) && value >= 0);
export const time = when((value) => Number.isInteger(value) && value > 0);
export const ulid = when((value) => typeof value === "string" && ULID.test(value));
/** A JSON object that is kept as it is. */
export const opaque = when((value) => typeof value === "object" && value !== null && !Array.isArray(value));
export const oneOf = (...names) => when((value) => names.includes(value));

/** A member that may be left out, but is never null. */
export const optional = (type) => Object.assign((value, path) => type(value, path), { isOptional: true });
export const orNull = (type) => (value, path) => (value === null ? null : type(value, path));

export function listOf(type, { atMost = Infinity } = {}) {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > atMost) throw new Malformed(path);
    return value.map((item, index) => type(item, `${path}.${index}`));
  };
}

/** An object with these members; optional ones that are left out stay so. */
export function object(members) {
  const declared = Object.entries(members);
  return (value, path = "") => {
    opaque(value, path);
    const kept = {};
    for (const [name, type] of declared) {
      if (Object.hasOwn(value, name)) kept[name] = type(value[name], path ? `${path}.${name}` : name);
      else if (!type.isOptional) throw new Malformed(path ? `${path}.${name}` : name);
    }
    return kept;
  };
}

/** `updated_fields`: what changed, and at least one known field of it (EVT-2). */
export function changes(members) {
  const read = object(Object.fromEntries(Object.entries(members).map(([name, type]) => [name, optional(type)])));
  return (value, path) => {
    const kept = read(value, path);
    if (Object.keys(kept).length === 0) throw new Malformed(path);
    return kept;
  };
}

/** An object of a type for which a further rule holds. */
export function where(type, holds) {
  return (value, path = "") => {
    const kept = type(value, path);
    if (!holds(kept)) throw new Malformed(path);
    return kept;
  };
}
