"""The stand-in's own endpoints: everything a person can do or see, without a browser.

All bodies and answers are JSON. `team` is an id or a domain (default: the first workspace), `as` a person's id,
handle or role, `channel` an id or a name. Refused requests answer 400 or 404 with {"ok": false, "error": sentence}.

GET  /_sandbox/session                team, as                                              who and what a page shows
GET  /_sandbox/messages               team, as, channel[, thread]                           messages, ephemerals too
GET  /_sandbox/home, /modals          team, as                                              view; stack of views
GET  /_sandbox/files/{id}             as                                                    the file's bytes
GET  /_sandbox/state                                                                        teams, people, tokens, …
GET  /_sandbox/ledger                 kind, name, team, after                               what crossed the wire
GET  /_sandbox/stream                                                                       server-sent events
POST /_sandbox/commands               team, as, channel, text["/word …"], forge             delivery
POST /_sandbox/posts                  team, as, channel, text[, thread]                     ts
POST /_sandbox/clicks                 team, as, channel+ts or view, action_id[, block_id, value, forge]  delivery
POST /_sandbox/submissions            team, as, view, values[, forge]                       delivery, errors
POST /_sandbox/closings               team, as, view                                        delivery
POST /_sandbox/inputs                 team, as, view, values                                keeps what was typed
POST /_sandbox/home                   team, as, tab=home or messages[, wait]                delivery when waiting
POST /_sandbox/suggestions            team, as, view, action_id, value                      options
POST /_sandbox/dismissals             team, as, channel, ts                                 an ephemeral message goes
POST /_sandbox/raw                    body, content_type[, forge.request]                   delivery of these bytes
POST /_sandbox/replays                delivery[, fresh=false]                               the same bytes again
POST /_sandbox/events                 team, event[, wait, copies, late]                     delivery when waiting
POST /_sandbox/verify-url                                                                   delivery
POST /_sandbox/teams                  name, domain[, people]                                team
POST, PATCH /_sandbox/people          team, name, role, flags …; PATCH: person + changes  person
POST, PATCH /_sandbox/channels        team, name, members …; PATCH: channel, archived, add, remove  channel
POST, DELETE /_sandbox/installations  team[, as, scopes]; DELETE uninstalls                 bot token
POST /_sandbox/install-flow           team, as[, decision]                                  final status and URL
POST /_sandbox/revocations            team                                                  tokens_revoked
GET, PUT /_sandbox/settings           any field of AppSettings, or manifest                 settings
POST /_sandbox/clock                  advance (seconds)                                     now
GET, POST, DELETE /_sandbox/faults    method, kind, times, … or reject_blocks               faults
PUT  /_sandbox/limits                 enabled[, overrides {method: [per minute, burst]}]    limits
POST /_sandbox/sockets                reason, or drop                                       asks apps to reconnect
POST /_sandbox/settle, /reset, /save                                                        waits; starts over; saves

`forge` is {"patch": {…merged into the payload…}, "element": {…}, "request": {"unsigned", "secret", "age", "signature",
"headers"}}: what Slack would never send, to see how an app takes it.
"""
