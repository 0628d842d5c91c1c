"""The profile that `profile init` writes: every key with a word on it, all but the URL commented out."""

from typing import Final

TEMPLATE: Final = """\
# The profile of a target: what your server has, lacks and permits, and how to reach it.
# Every key may be left out; what stands behind a # is what holds without it, or an example.
# Secrets are not written here: a key names the environment variable that holds one.

{url}
# gateways = ["wss://node1.example.org/gateway/ws"]  # if not below the url; several: clients take turns
# absent = ["voice", "search"]         # what it lacks; or features = ["messages", …], all that it has
# revision = 2                         # or 1
# migration_window = true              # false: overrides are never told of under their former name (EVT-5)
# shared = false                       # true: others use it meanwhile, so its counters are not judged
# time_scale = 1.0                     # more: sync-check waits so many times as long
# trusts_proxy = false                 # true: it takes a client's address from the header
# address_header = "x-forwarded-for"

# What is not safe is done to a server that is not on this machine only if both of these are here:
# host = "chat.example.org"             # several: a list; the hosts of url, gateways and metrics.urls
# allow = ["hostile_input", "floods", "slow_consumers", "ip_bans", "lock_outs"]

# [limits]                             # in force, by the names of `sync-check serve --help`
# requests_per_minute = 600
# guilds_per_user = 5

# [metrics]
# prefix = ""                          # before the name of each counter
# urls = ["https://node1.example.org/metrics"]  # if not at /metrics; several are summed
# authorization = "CHAT_METRICS_AUTHORIZATION"  # variable with the value of that header

# [accounts]
# from = "register"                    # "file": listed ones; "admin": made by a call of yours
# file = "accounts.txt"                # a username a line, and behind it the variable of its password
# password = "CHAT_PASSWORD"           # variable for lines without one

# [accounts.admin]
# path = "/admin/users"
# body = {{ username = "{{username}}", password = "{{password}}" }}
# secret_headers = {{ authorization = "CHAT_ADMIN_AUTHORIZATION" }}

# [headers]                            # go with every request
# x-tenant = "test"

# [secret_headers]                     # the same, by variables
# x-gate = "CHAT_GATE"

# [tls]
# ca = "ca.pem"                        # certificates to trust in place of the system's

# [target.process]                     # a command that is the target, started and stopped by the run
# command = ["./chat-server", "--port", "9000"]
# folder = "."
# environment = {{ CHAT_LOG = "debug" }}
# ready_within_s = 30                  # it is ready once GET /health answers 200
# stop = "SIGTERM"                     # to its whole process group, and SIGKILL after stop_within_s
# stop_within_s = 5
# log = "chat-server.log"              # where its output goes

# [slo]                                # crossing one is FAIL, if sync-check itself was in time
# visible_p99_ms = 500                 # from sending an operation until clients see it
# eviction_s = 2                       # from the overflow of a slow client's queue until it is ended
# bystander_ratio = 1.2                # how many times as long as usual others wait meanwhile

# [rename.paths]                       # the contract's name = yours; renaming is all that there is
# "/guilds/{{guild_id}}/leave" = "/workspaces/{{guild_id}}/exit"

# [rename.events]
# message_create = "message.created"

# [rename.fields]
# guild_id = "workspace_id"
"""
