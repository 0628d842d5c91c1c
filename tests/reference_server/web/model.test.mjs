/** What the vectors cannot say: reads, pruning, sight, pauses, names from outside. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const from = (name) => import(pathToFileURL(`${process.env.SHELL_FOLDER}/${name}`));
const { readFrame } = await from("model/parser.js");
const { Replica } = await from("model/replica.js");
const { reading } = await from("model/readings.js");
const { ownPermissions, PERMISSIONS } = await from("model/permissions.js");
const { reasonFor, settled, subscriptionsDue, NOWHERE } = await from("model/selection.js");
const { FIRST_MS, LONGEST_MS, pauseAfter } = await from("net/backoff.js");

const id = (word) =>
  word
    .toUpperCase()
    .replaceAll(/[ILOU]/g, "0")
    .padEnd(26, "0")
    .replace(/^./, "0");
const [ME, BEN, GARDEN, TEA, BAR] = ["xana", "xben", "xgarden", "xtea", "xbar"].map(id);
const NOW = 1700000000;

const frame = (t, d) => JSON.stringify({ v: 1, t, d });
const got = (wanted, body) => ({ wanted, status: 200, body });
const channel = (channel_id, name) => ({ channel_id, name, kind: "text" });
const message = (message_id, content, more = {}) => ({
  message_id,
  guild_id: GARDEN,
  channel_id: TEA,
  author_id: BEN,
  content,
  markdown_tokens: [],
  attachments: [],
  reactions: [],
  created_at_unix: NOW,
  ...more,
});
const GUILDS = { guilds: [{ guild_id: GARDEN, name: "garden", visibility: "private" }] };

/** A replica that has read one workspace and is subscribed to its first channel. */
function filled({ messages = [message(id("xfirst"), "hello")] } = {}) {
  const replica = new Replica();
  replica.apply(frame("ready", { user_id: ME }));
  read(replica, got(reading("guilds"), GUILDS));
  read(replica, got(reading("channels", GARDEN), { channels: [channel(TEA, "tea"), channel(BAR, "bar")] }));
  replica.subscribing(GARDEN, TEA);
  replica.apply(frame("subscribed", { guild_id: GARDEN, channel_id: TEA }));
  read(
    replica,
    got(reading("members", GARDEN), {
      members: [
        { user_id: ME, role_ids: [] },
        { user_id: BEN, role_ids: [] },
      ],
    }),
    got(reading("permissions", GARDEN, TEA), { role: "member", permissions: ["create_message"] }),
    got(reading("messages", GARDEN, TEA), { messages, whole: true }),
  );
  return replica;
}

function read(replica, ...results) {
  replica.beginReading();
  return replica.finishReading(results);
}

const told = (replica) => replica.state.messages[TEA].map((one) => one.content);

test("names from outside are no members of objects", () => {
  for (const name of ["constructor", "__proto__", "tostring"]) {
    assert.deepEqual(readFrame(frame(name, {})), { unknown: name });
  }
  const replica = filled();
  for (const emoji of ["__proto__", "constructor", "1"]) {
    const payload = { guild_id: GARDEN, channel_id: TEA, message_id: id("xfirst"), emoji, count: 1, operation: "add" };
    replica.apply(frame("message_reaction", { ...payload, actor_user_id: BEN }));
    const entries = replica.state.reactions[id("xfirst")];
    assert.ok(Object.hasOwn(entries, emoji));
    assert.deepEqual(entries[emoji], { count: 1, users: [BEN] });
    replica.apply(frame("message_reaction", { ...payload, count: 0, operation: "remove", actor_user_id: BEN }));
    assert.ok(!Object.hasOwn(replica.state.reactions, id("xfirst")));
  }
});

test("a number that is spelled as a fraction counts where it has a meaning only", () => {
  const update = (more) =>
    `{"v":1,"t":"workspace_update","d":{"guild_id":"${GARDEN}","updated_fields":{"name":"x"},${more}}}`;
  assert.ok(readFrame(update('"updated_at_unix":1700000000')).event);
  assert.ok(readFrame(update('"updated_at_unix":1700000000,"weight":1.0,"text":"1.0"')).event);
  assert.ok(readFrame(update('"updated_at_unix":1.7e9')).rejected);
});

test("events that come while something is read win over what is read", () => {
  const replica = filled();
  replica.beginReading();
  replica.apply(frame("message_create", message(id("xsecond"), "newer")));
  replica.apply(
    frame("message_delete", { guild_id: GARDEN, channel_id: TEA, message_id: id("xfirst"), deleted_at_unix: NOW }),
  );
  replica.finishReading([
    got(reading("messages", GARDEN, TEA), { messages: [message(id("xfirst"), "hello")], whole: true }),
  ]);
  assert.deepEqual(told(replica), ["newer"]);
});

test("what is gone from a list is pruned with everything that hangs on it", () => {
  const reactions = [{ emoji: "x", count: 1, reacted_by_me: true, reactor_user_ids: [ME] }];
  const replica = filled({ messages: [message(id("xfirst"), "hello", { reactions })] });
  assert.deepEqual(replica.state.own_reactions, { [id("xfirst")]: ["x"] });
  read(replica, got(reading("channels", GARDEN), { channels: [channel(BAR, "bar")] }));
  const { live, messages, reactions: left, own_reactions: own, permissions } = replica.state;
  assert.deepEqual([live, messages, left, own, permissions], [{}, {}, {}, {}, {}]);
});

for (const status of [403, 404]) {
  test(`a channel that answers ${status} is pruned, and the list read anew`, () => {
    const replica = filled();
    const next = read(replica, { wanted: reading("messages", GARDEN, TEA), status });
    assert.deepEqual(next, [reading("channels", GARDEN)]);
    assert.deepEqual(replica.state.messages, {});
  });
}

test("a workspace whose channels are refused is emptied, and gone once the list of workspaces says so", () => {
  const replica = filled();
  const refused = { wanted: reading("channels", GARDEN), status: 403 };
  assert.deepEqual(read(replica, refused), [reading("guilds")]);
  assert.deepEqual([replica.state.channels, replica.state.messages, replica.state.live], [{ [GARDEN]: [] }, {}, {}]);
  assert.deepEqual(subscriptionsDue(replica.state, NOWHERE), []);
  assert.deepEqual(read(replica, got(reading("guilds"), GUILDS)), []);
  assert.ok(replica.state.members[GARDEN]);
  read(replica, got(reading("guilds"), { guilds: [] }));
  assert.deepEqual([replica.state.workspaces, replica.state.channels, replica.state.members], [{}, {}, {}]);
});

test("a senseless body changes nothing and is counted", () => {
  const replica = filled();
  const before = replica.state;
  const bodies = [null, [], {}, { messages: "x", whole: true }, { messages: [{ message_id: 1 }], whole: true }];
  for (const body of bodies) read(replica, got(reading("messages", GARDEN, TEA), body));
  for (const status of [0, 401, 429, 500]) read(replica, { wanted: reading("guilds"), status });
  assert.equal(replica.state, before);
  assert.equal(replica.counters.unread, bodies.length + 4);
});

test("a new connection forgets its subscriptions, and what was being read with the old one", () => {
  const replica = filled();
  replica.subscribing(GARDEN, BAR);
  replica.beginReading();
  replica.apply(frame("subscribed", { guild_id: GARDEN, channel_id: BAR }));
  replica.apply(frame("ready", { user_id: ME }));
  replica.finishReading([]);
  assert.deepEqual([replica.state.live, replica.state.asked], [{}, {}]);
  assert.deepEqual(told(replica), ["hello"], "what was read stays in sight");
  assert.deepEqual(subscriptionsDue(replica.state, NOWHERE), [[GARDEN, TEA]]);
});

test("one channel of each workspace is subscribed to, the one in sight, and what was read", () => {
  const replica = filled();
  assert.deepEqual(subscriptionsDue(replica.state, NOWHERE), []);
  const inSight = { view: "channel", guildId: GARDEN, channelId: BAR };
  assert.deepEqual(subscriptionsDue(replica.state, inSight), [[GARDEN, BAR]]);
});

test("the sight stays where it can, and else moves on and says why", () => {
  const before = filled().state;
  const inSight = { view: "channel", guildId: GARDEN, channelId: TEA };
  assert.equal(settled(inSight, before), inSight);
  const hidden = { ...before, channels: { [GARDEN]: [channel(BAR, "bar")] } };
  assert.deepEqual(settled(inSight, hidden), { ...inSight, channelId: BAR });
  assert.equal(reasonFor(inSight, before, hidden, null), "You no longer have access to #tea.");
  const removal = (reason) => ({ name: "workspace_member_remove", payload: { reason } });
  const gone = { ...before, workspaces: {} };
  assert.equal(settled(inSight, gone), NOWHERE);
  assert.equal(reasonFor(inSight, before, gone, removal("kick")), "You were kicked from garden.");
  assert.equal(reasonFor(inSight, before, gone, removal("ban")), "You were banned from garden.");
  assert.equal(reasonFor(inSight, before, gone, null), "You are no longer a member of garden.");
  assert.equal(reasonFor(inSight, before, before, null), null);
});

test("own permissions are the union of what is held, and everything for owners", () => {
  const role = (name, permissions, is_system = false) => ({
    name,
    position: 1,
    is_system,
    permissions,
    color_hex: null,
  });
  const state = {
    ...filled().state,
    roles: {
      [GARDEN]: {
        [id("xeverybody")]: role("@everyone", ["create_message"], true),
        [id("xmember")]: role("member", ["subscribe_streams"]),
        [id("xcrew")]: role("crew", ["delete_message"]),
        [id("xowner")]: role("workspace_owner", [], true),
      },
    },
  };
  assert.deepEqual([...ownPermissions(state, GARDEN)].sort(), ["create_message", "subscribe_streams"]);
  const crew = { ...state, assignments: { [GARDEN]: { [ME]: [id("xcrew")] } } };
  assert.ok(ownPermissions(crew, GARDEN).has("delete_message"));
  const owner = { ...state, members: { [GARDEN]: { [ME]: "owner" } } };
  assert.deepEqual([...ownPermissions(owner, GARDEN)], PERMISSIONS);
});

test("pauses grow, are bounded, and are spread", () => {
  const longest = Array.from({ length: 12 }, (_, failures) => pauseAfter(failures, () => 1 - Number.EPSILON));
  const shortest = Array.from({ length: 12 }, (_, failures) => pauseAfter(failures, () => 0));
  assert.equal(longest[0], FIRST_MS);
  assert.equal(longest.at(-1), LONGEST_MS);
  for (let at = 1; at < 6; at += 1) assert.ok(shortest[at] >= longest[at - 1], "the next is not shorter");
  shortest.forEach((pause, at) => assert.equal(pause, Math.round(longest[at] / 2)));
});

test("a frame nested too deeply changes nothing, and one nested deeply is like any other", () => {
  const nested = (levels) => frame("message_create", message(id("xm1"), "hello", { more: "LEVELS" }))
    .replace('"LEVELS"', `${"[".repeat(levels)}1${"]".repeat(levels)}`);
  for (const levels of [513, 5000]) assert.deepEqual(readFrame(nested(levels)), { rejected: "not one JSON object" });
  assert.equal(readFrame(nested(500)).event.name, "message_create");
  const texts = frame("message_create", message(id("xm1"), `"${"[{".repeat(1000)}`));
  assert.equal(readFrame(texts).event.name, "message_create");
});
