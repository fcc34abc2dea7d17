// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Sends with Segment's SDK for Node as its documentation shows, and prints what the SDK made of the answers.
const { Analytics } = require('@segment/analytics-node')

async function main() {
  const [host, writeKey, visits] = process.argv.slice(2)
  const analytics = new Analytics({ host, writeKey, flushAt: 7, flushInterval: 200, maxRetries: 5 })
  const errors = []
  analytics.on('error', (e) => errors.push(String(e.reason ?? e.code ?? e)))
  for (let i = 0; i < Number(visits); i++) {
    const anonymousId = `anon-${i}`
    analytics.page({ anonymousId, name: 'Home', properties: { path: '/' } })
    analytics.track({ anonymousId, event: 'Product Viewed', properties: { sku: 'TEE-M', price: 59.95 } })
    analytics.identify({ userId: `user-${i}`, anonymousId, traits: { email: `Person${i}@Example.test`, tier: 'gold' } })
    analytics.track({
      userId: `user-${i}`,
      event: 'Order Completed',
      timestamp: new Date(Date.now() - 60_000),
      properties: { order_id: `o-${i}`, total: 129.9, currency: 'EUR', products: [{ sku: 'TEE-M', quantity: 2 }] },
    })
    analytics.alias({ userId: `user-${i}`, previousId: `kiosk-${i}` })
    analytics.group({ userId: `user-${i}`, groupId: 'club', traits: { plan: 'family' } })
  }
  await analytics.closeAndFlush({ timeout: 60_000 })
  console.log(JSON.stringify({ errors }))
}

main().catch((e) => {
  console.error(e)
  process.exit(1)
})
