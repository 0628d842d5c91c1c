/** Keeps what a user reads where it is while the page changes around it. */

const NEAR_PX = 48;

/** Carry out a change of the page; scrolled lists marked `data-scroll` stay at their place, or at their end. */
export function keepingPlace(root, change) {
  const before = new Map([...root.querySelectorAll("[data-scroll]")].map((list) => [list, placeOf(list)]));
  change();
  for (const list of root.querySelectorAll("[data-scroll]")) restore(list, before.get(list));
}

function placeOf(list) {
  const top = list.getBoundingClientRect().top;
  const items = [...list.querySelectorAll("[data-anchor]")];
  return {
    of: list.dataset.scroll,
    isAtEnd: list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX,
    // Any of these may be gone afterwards, so several are remembered.
    anchors: items
      .map((item) => [item, item.getBoundingClientRect()])
      .filter(([, box]) => box.bottom > top)
      .map(([item, box]) => [item, box.top]),
  };
}

function restore(list, before) {
  if (before === undefined || before.of !== list.dataset.scroll || before.isAtEnd) {
    list.scrollTop = list.scrollHeight;
    return;
  }
  const anchor = before.anchors.find(([item]) => list.contains(item));
  if (anchor) list.scrollTop += anchor[0].getBoundingClientRect().top - anchor[1];
}
