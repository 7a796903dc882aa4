#!/usr/bin/env bash
# What two vendors' SDKs do with a pause of exactly the timeout, and with an event that is dated back.
#
# Guess before the run: thirty minutes without an event end a session, so a pause of exactly thirty minutes starts a new
# one. An event with an earlier time, sent late, stays in the session or joins an older one.
# Seen: for both a pause of exactly thirty minutes goes on with the session; a millisecond more starts another. PostHog
# measures the distance in either direction: one event dated back by more than half an hour starts a session of its own,
# and the next event of the present starts a third, though the user never paused.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts posthog-js@1.449.2 @amplitude/analytics-core@2.61.0
node - <<'JS'
const assert = require('node:assert')
const { SessionIdManager } = require('posthog-js/lib/src/sessionid.js')
const { isNewSession } = require('@amplitude/analytics-core')
const timeout = 1800
const start = Date.UTC(2025, 0, 1, 10)

// Which session each event is in, as capture(name, properties, {timestamp}) asks for it, with a memory as its store.
function posthog(seconds) {
    const persistence = {
        props: {}, _disabled: false, flush() {}, load() {}, refreshKey() {},
        register(values) { Object.assign(this.props, values) },
    }
    const config = { token: 'none', persistence: 'memory', session_idle_timeout_seconds: timeout }
    const manager = new SessionIdManager({ persistence, config, register() {} })
    const ids = seconds.map((second) => manager.checkAndGetSessionAndWindowId(false, start + second * 1000).sessionId)
    manager.destroy()
    return ids.map((id) => [...new Set(ids)].indexOf(id) + 1)
}

function amplitude(pause) {
    const now = Date.now
    Date.now = () => start + pause * 1000
    const fresh = isNewSession(timeout * 1000, start)
    Date.now = now
    return fresh ? [1, 2] : [1, 1]
}

const seen = {
    'PostHog, a pause of 1800 s': posthog([0, 1800]),
    'PostHog, a pause of 1800.001 s': posthog([0, 1800.001]),
    'PostHog, third event dated back by 29 min': posthog([0, 600, -1140, 660]),
    'PostHog, third event dated back by 31 min': posthog([0, 600, -1260, 660]),
    'Amplitude, a pause of 1800 s': amplitude(1800),
    'Amplitude, a pause of 1800.001 s': amplitude(1800.001),
}
for (const name of ['posthog-js', '@amplitude/analytics-core']) {
    console.log('version:', name, JSON.parse(require('fs').readFileSync(`node_modules/${name}/package.json`)).version)
}
for (const [name, sessions] of Object.entries(seen)) console.log(`seen: ${name}: sessions ${sessions.join(', ')}`)
assert.deepStrictEqual(Object.values(seen), [[1, 1], [1, 2], [1, 1, 1, 1], [1, 1, 2, 3], [1, 1], [1, 2]], 'changed')
JS
