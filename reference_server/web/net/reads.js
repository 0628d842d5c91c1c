/** The REST reads behind each kind of reading (contract 9.3); lists that come in pages are walked. */

const HISTORY_PAGE = 100;
const MEMBER_PAGE = 200;
/** How much of a channel's history is read at first. */
export const HISTORY = 50;

const guild = ({ guildId }) => `/guilds/${guildId}`;
const channel = ({ guildId, channelId }) => `/guilds/${guildId}/channels/${channelId}`;

const READS = {
  profile: (api) => api.call("GET", "/auth/me"),
  guilds: (api) => api.call("GET", "/guilds"),
  channels: (api, wanted) => api.call("GET", `${guild(wanted)}/channels`),
  roles: (api, wanted) => api.call("GET", `${guild(wanted)}/roles`),
  members: (api, wanted) => members(api, wanted),
  permissions: (api, wanted) => api.call("GET", `${channel(wanted)}/permissions/self`),
  messages: (api, wanted, depth) => history(api, wanted, depth),
  friends: (api) => api.call("GET", "/friends"),
  requests: (api) => api.call("GET", "/friends/requests"),
};

/**
 * The body of a read; throws `Refused`.
 *
 * @param {number} depth of messages: how many, from the newest on
 */
export function read(api, wanted, depth) {
  return READS[wanted.what](api, wanted, depth);
}

async function members(api, wanted) {
  const found = [];
  for (let cursor = null; ;) {
    const query = new URLSearchParams({ limit: MEMBER_PAGE, ...(cursor && { cursor }) });
    const page = await api.call("GET", `${guild(wanted)}/members?${query}`);
    found.push(...page.members);
    cursor = page.next_cursor;
    if (cursor === null) return { members: found };
  }
}

/** The newest messages of a channel: `{ messages, whole }`, where `whole` says that there is none older. */
async function history(api, wanted, depth) {
  const messages = [];
  for (let before = null; ;) {
    const limit = Math.min(HISTORY_PAGE, depth - messages.length);
    const query = new URLSearchParams({ limit, ...(before && { before }) });
    const page = await api.call("GET", `${channel(wanted)}/messages?${query}`);
    messages.push(...page.messages);
    before = page.next_before;
    const whole = page.messages.length < limit || before === null;
    if (whole || messages.length >= depth) return { messages, whole };
  }
}
