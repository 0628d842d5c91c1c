/** Keeps what a user reads where it is while the page changes around it. */

const NEAR_PX = 48;

/** By list: by how much it missed its place, because it scrolls by whole pixels, and where it was scrolled to then. */
const missed = new WeakMap();

/** Carry out a change of the page; scrolled lists marked `data-scroll` stay at their place, or at their end. */
export function keepingPlace(root, change) {
  const before = new Map([...root.querySelectorAll("[data-scroll]")].map((list) => [list, placeOf(list)]));
  change();
  for (const list of root.querySelectorAll("[data-scroll]")) restore(list, before.get(list));
}

function placeOf(list) {
  const last = missed.get(list);
  const by = last?.at === list.scrollTop ? last.by : 0;
  const top = list.getBoundingClientRect().top;
  return {
    of: list.dataset.scroll,
    isAtEnd: list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX,
    // Any of these may be gone afterwards, so several are remembered.
    anchors: [...list.querySelectorAll("[data-anchor]")]
      .map((item) => [item, item.getBoundingClientRect()])
      .filter(([, box]) => box.bottom > top)
      .map(([item, box]) => [item, box.top - by]),
  };
}

function restore(list, before) {
  if (before === undefined || before.of !== list.dataset.scroll || before.isAtEnd) {
    list.scrollTop = list.scrollHeight;
    return;
  }
  const [item, top] = before.anchors.find(([one]) => list.contains(one)) ?? [null];
  if (item === null) return;
  list.scrollTop += item.getBoundingClientRect().top - top;
  missed.set(list, { at: list.scrollTop, by: item.getBoundingClientRect().top - top });
}
