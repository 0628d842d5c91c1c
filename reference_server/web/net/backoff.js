/** Pauses between attempts: growing, bounded, and spread so that many clients do not come back at once (CLIENT-9). */

export const FIRST_MS = 500;
export const LONGEST_MS = 30000;

/**
 * The pause before an attempt, in milliseconds: between half and the whole of a bound that doubles up to `LONGEST_MS`.
 *
 * @param {number} failures how many attempts have failed in a row, from 0
 * @param {() => number} chance a number from 0 up to 1
 */
export function pauseAfter(failures, chance = Math.random) {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return Math.round(bound / 2 + (bound / 2) * chance());
}
