// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Sends with Snowplow's tracker for Node, by POST and by GET, and prints the ids of the events, and the requests that failed.
const sp = require('@snowplow/node-tracker')

const ecommerce = (name) => `iglu:com.snowplowanalytics.snowplow.ecommerce/${name}/jsonschema/1-0-0`

async function send(endpoint, key, eventMethod, encodeBase64, byHeader) {
  const failed = []
  const tracker = sp.newTracker(
    { namespace: 'test', appId: 'shop', encodeBase64 },
    {
      endpoint: byHeader ? endpoint : `${endpoint}/${key}`,
      customHeaders: byHeader ? { Authorization: `Bearer ${key}` } : undefined,
      eventMethod,
      bufferSize: 4,
      onRequestFailure: (f) => failed.push(String(f.status ?? f.message)),
    },
  )
  tracker.setUserId('880011')
  tracker.setDomainUserId('d-1')
  tracker.setNetworkUserId('n-1')
  tracker.setSessionId('s-1')
  const ids = {}
  const track = (name, event, context, at) => {
    ids[name] = tracker.track(event, context, at).eid
  }
  track('Page Viewed', sp.buildPageView({ pageUrl: 'https://shop.example.test/?utm_campaign=spring', pageTitle: 'Grüße' }))
  track('Play', sp.buildStructEvent({ category: 'video', action: 'Play', label: 'intro', value: 1.5 }))
  track('viewed_product', sp.buildSelfDescribingEvent({
    event: { schema: 'iglu:com.example/viewed_product/jsonschema/1-0-0', data: { sku: 'TEE-M', note: 'größer > kleiner?' } },
  }), [{ schema: 'iglu:com.example/store/jsonschema/1-0-0', data: { city: 'Köln' } }])
  track('Order Completed', sp.buildSelfDescribingEvent({
    event: { schema: 'iglu:com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2', data: { type: 'transaction' } },
  }), [
    { schema: ecommerce('transaction'), data: { transaction_id: `o-${eventMethod}`, revenue: 129.9, currency: 'EUR', payment_method: 'card', total_quantity: 2 } },
    { schema: ecommerce('product'), data: { id: 'TEE-M', category: 'Tops', price: 64.95, currency: 'EUR', quantity: 2 } },
  ], { type: 'ttm', value: Date.UTC(2026, 4, 1, 12) })
  tracker.track(sp.buildPagePing({ pageUrl: 'https://shop.example.test/', minXOffset: 0, maxXOffset: 0, minYOffset: 0, maxYOffset: 0 }))
  await tracker.flush()
  return { ids, failed }
}

async function main() {
  const [endpoint, key] = process.argv.slice(2)
  console.log(JSON.stringify([
    await send(endpoint, key, 'post', true, false),
    await send(endpoint, key, 'post', false, true),
    await send(endpoint, key, 'get', true, false),
  ]))
}

main().catch((e) => {
  console.error(e)
  process.exit(1)
})
