/**
 * A page drawn from data and changed in place: elements that stay are kept, with their focus, scroll position and what
 * was typed into them.
 *
 * `h` describes an element, `draw` makes a parent's children look as described. Texts become text nodes: there is no
 * way from a string to markup.
 */

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect", "g"]);
/** What a user changes by typing or choosing; see `setLive`. */
const LIVE = new Set(["value", "checked"]);
const drawn = new WeakMap();

/**
 * Describe an element. Of the properties, `key` tells siblings apart, `on` holds listeners by type, and `mounted` is
 * called with the element once it is there; all others are attributes, true being one without a value.
 */
export function h(tag, properties = {}, ...children) {
  const shown = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  return {
    tag,
    properties,
    children: shown.map((child) => (typeof child === "object" ? child : { text: String(child) })),
  };
}

/** Make a parent's children look as described. */
export function draw(parent, nodes) {
  const old = new Map();
  for (const [key, node] of named([...parent.childNodes], (node) => drawn.get(node))) old.set(key, node);
  const wanted = named(nodes, (node) => node).map(([key, description]) => {
    const held = old.get(key);
    old.delete(key);
    return held ? changed(held, description) : created(description);
  });
  for (const node of old.values()) node.remove();
  place(parent, wanted);
}

/** `[name, node]` of siblings: by tag and key, or else by tag and how many such came before. */
function named(nodes, describe) {
  const seen = new Map();
  return nodes.map((node) => {
    const { tag = "", properties } = describe(node);
    const key = properties?.key;
    const number = seen.get(tag) ?? 0;
    if (key === undefined) seen.set(tag, number + 1);
    return [key === undefined ? `${tag}#${number}` : `${tag}:${key}`, node];
  });
}

function created(description) {
  const { tag, text, properties, children } = description;
  if (tag === undefined) {
    const node = document.createTextNode(text);
    drawn.set(node, description);
    return node;
  }
  const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  drawn.set(node, { ...description, properties: {} });
  draw(node, children);
  setProperties(node, {}, properties);
  drawn.set(node, description);
  if (properties.mounted) queueMicrotask(() => node.isConnected && properties.mounted(node));
  return node;
}

function changed(node, description) {
  const before = drawn.get(node);
  drawn.set(node, description);
  if (description.tag === undefined) {
    if (before.text !== description.text) node.data = description.text;
    return node;
  }
  // Children first: a select takes a value only once it has that option.
  draw(node, description.children);
  setProperties(node, before.properties, description.properties);
  return node;
}

function setProperties(node, before, now) {
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (["key", "mounted"].includes(name)) continue;
    if (name === "on") listen(node, now.on ?? {});
    else if (LIVE.has(name)) setLive(node, name, before[name], now[name]);
    else if (before[name] !== now[name]) setAttribute(node, name, now[name]);
  }
}

function setAttribute(node, name, value) {
  if (value === undefined || value === null || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Follow a new value, unless the user has changed what was shown: what is half-typed stays. */
function setLive(node, name, before, now) {
  if (before === now) return;
  const isTouched = before !== undefined && node[name] !== before;
  if (!isTouched) node[name] = now ?? "";
}

/** One listener for each type, which asks for the handler of the moment. */
function listen(node, handlers) {
  const known = (node.handlers ??= {});
  for (const type of Object.keys(handlers)) {
    if (!Object.hasOwn(known, type)) node.addEventListener(type, (event) => node.handlers[type]?.(event));
  }
  node.handlers = { ...Object.fromEntries(Object.keys(known).map((type) => [type, null])), ...handlers };
}

/** Put nodes in order and move only those that are out of it; where the browser can, a move keeps the focus. */
function place(parent, nodes) {
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else if (node.isConnected && parent.moveBefore) parent.moveBefore(node, next);
    else parent.insertBefore(node, next);
  }
}
