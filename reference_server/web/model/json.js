/** JSON as the gateway means it: numbers keep their spelling apart, and members that occur twice are seen. */

/**
 * Whether a JSON text tells the same member of its outermost object twice.
 *
 * `JSON.parse` keeps the last one in silence, so the members are counted in the text.
 *
 * @param {string} text a valid JSON text of an object
 * @param {number} members how many different members the object has
 */
export function tellsAMemberTwice(text, members) {
  let depth = 0;
  let told = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (token === ":" && depth === 1) told += 1;
  }
  return told > members;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * `JSON.parse`, except that an integer spelled as a fraction (`1.0`, `1e3`) is no integer.
 *
 * The contract's integers are told without point and exponent; JavaScript alone could not tell them apart. Such a
 * number becomes an object, which no rule takes for a number.
 *
 * @throws {SyntaxError | RangeError} for what is not JSON or nested too deeply
 */
export function parse(text) {
  if (text.length > 2 * MAX_NESTING && isNestedTooDeeply(text)) throw new RangeError("nested too deeply");
  const value = JSON.parse(text);
  return SPELLED_OTHERWISE.test(text) ? JSON.parse(text.replace(STRING_OR_NUMBER, marked)) : value;
}

/** Levels of a frame. Comparing values takes the stack as deep as they are nested, which the engine bounds. */
const MAX_NESTING = 512;

function isNestedTooDeeply(text) {
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}

const SPELLED_OTHERWISE = /\d[.eE]/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function marked(token) {
  const isMeant = token[0] === '"' || /^-?\d+$/.test(token) || !Number.isInteger(Number(token));
  return isMeant ? token : `{"spelled":"${token}"}`;
}

/** Whether two values that JSON can express are equal; an absent one is `undefined`. */
export function same(one, other) {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
  );
}
