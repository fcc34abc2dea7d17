// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Sends a visit with one of the SDKs as its documentation shows, and prints what the SDK made of the responses: send.cjs SDK URL KEY.
const at = new Date('2026-11-21T10:14:57.000Z')
const order = { order_id: 'o-1', total: 129.9, currency: 'EUR', products: [{ sku: 'TEE-M', quantity: 2 }] }
const errors = []
const failed = (e) => {
  if (e) errors.push(String(e.message ?? e))
}

// until calls f with a callback for errors, and waits for it.
const until = (f) => new Promise((done) => f((e) => { failed(e); done() }))

const sdks = {
  async posthog(host, key) {
    const { PostHog } = require('posthog-node')
    const client = new PostHog(key, { host, flushAt: 20, fetchRetryCount: 1 })
    client.on('error', failed)
    client.capture({ distinctId: 'visitor', event: '$pageview', properties: { $device_id: 'visitor', $current_url: 'https://shop.example.test/' } })
    client.capture({ distinctId: 'user-1', event: 'Order Completed', timestamp: at, properties: { $device_id: 'visitor', ...order }, groups: { club: 'gold' } })
    client.identify({ distinctId: 'user-1', properties: { email: 'Ana@example.test', $set_once: { first: 'news' } } })
    client.alias({ distinctId: 'user-1', alias: 'kiosk' })
    client.groupIdentify({ groupType: 'club', groupKey: 'gold', properties: { since: 2020 } })
    if (await client.isFeatureEnabled('new-cart', 'user-1')) errors.push('a flag is on')
    await client.shutdown()
  },

  async mixpanel(url, key) {
    const { hostname, port } = new URL(url)
    const client = require('mixpanel').init(key, { host: `${hostname}:${port}`, protocol: 'http', key })
    await until((done) => client.track('Product Viewed', { distinct_id: '$device:visitor', $device_id: 'visitor', $insert_id: 'm-1' }, done))
    await until((done) => client.track_batch([
      { event: 'Order Completed', properties: { distinct_id: 'user-1', $user_id: 'user-1', $device_id: 'visitor', $insert_id: 'm-2', time: at, ...order } },
      { event: '$session_start', properties: { distinct_id: 'user-1' } },
    ], done))
    await until((done) => client.import('Store Visited', at, { distinct_id: 'user-1', $insert_id: 'm-3' }, done))
    await until((done) => client.import_batch([{ event: 'Coupon Used', properties: { distinct_id: 'user-1', $insert_id: 'm-4', time: at } }], done))
    await until((done) => client.people.set('user-1', { $email: 'Ana@example.test', tier: 'gold' }, done))
    await until((done) => client.people.increment('user-1', 'visits', done))
    await until((done) => client.groups.set('club', 'gold', { since: 2020 }, done))
  },

  async amplitude(url, key) {
    const amplitude = require('@amplitude/analytics-node')
    await amplitude.init(key, { serverUrl: `${url}/2/httpapi`, flushMaxRetries: 1 }).promise
    const who = { user_id: 'user-1', device_id: 'visitor' }
    const sent = [
      amplitude.track('Product Viewed', {}, { device_id: 'visitor', insert_id: 'a-1' }),
      amplitude.track('Order Completed', order, { ...who, insert_id: 'a-2', time: at.getTime() }),
      amplitude.identify(new amplitude.Identify().set('email', 'Ana@example.test').setOnce('first', 'news').add('visits', 1), { ...who, insert_id: 'a-3' }),
      amplitude.setGroup('club', 'gold', { ...who, insert_id: 'a-4' }),
      amplitude.groupIdentify('club', 'gold', new amplitude.Identify().set('since', 2020), { ...who, insert_id: 'a-5' }),
      amplitude.revenue(new amplitude.Revenue().setPrice(12.55).setQuantity(2).setProductId('TEE-M').setEventProperties({ currency: 'EUR' }),
        { ...who, insert_id: 'a-6' }),
    ]
    await amplitude.flush().promise
    for (const s of sent) {
      const { code, message } = await s.promise
      if (code !== 200) errors.push(`${code} ${message}`)
    }
  },

  async rudderstack(url, key) {
    const RudderAnalytics = require('@rudderstack/rudder-sdk-node')
    const client = new RudderAnalytics(key, { dataPlaneUrl: url, flushAt: 20, maxInternalQueueSize: 100 })
    client.page({ anonymousId: 'visitor', name: 'Home', messageId: 'r-1' })
    client.track({ userId: 'user-1', anonymousId: 'visitor', event: 'Order Completed', properties: order, originalTimestamp: at, messageId: 'r-2' }, failed)
    client.identify({ userId: 'user-1', traits: { email: 'Ana@example.test', tier: 'gold' }, messageId: 'r-3' }, failed)
    client.alias({ userId: 'user-1', previousId: 'kiosk', messageId: 'r-4' }, failed)
    client.group({ userId: 'user-1', groupId: 'gold', traits: { since: 2020 }, messageId: 'r-5' }, failed)
    for (let i = 0; i < 5; i++) await until((done) => client.flush((e) => done(e)))
  },

  async jitsu(host, key) {
    const client = require('@jitsu/js').jitsuAnalytics({ host, writeKey: key })
    await client.setAnonymousId('visitor')
    await client.page({ name: 'Home' })
    await client.identify('user-1', { email: 'Ana@example.test', tier: 'gold' })
    await client.track('Order Completed', order)
    await client.group('gold', { since: 2020 })
  },
}

const [sdk, url, key] = process.argv.slice(2)
// Some SDKs write to standard output, which is for the result.
console.log = console.error
sdks[sdk](url, key).catch(failed).finally(() => {
  process.stdout.write(JSON.stringify({ errors }), () => process.exit(0))
})
