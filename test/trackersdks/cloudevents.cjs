// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Sends with the CloudEvents SDK for JavaScript in all its modes, and prints the status of each response.
const { CloudEvent, HTTP, Mode, emitterFor } = require('cloudevents')

async function main() {
  const [url, token] = process.argv.slice(2)
  const transport = async (message) => {
    const body = typeof message.body === 'string' ? message.body : JSON.stringify(message.body)
    const r = await fetch(url, { method: 'POST', headers: { ...message.headers, Authorization: `Bearer ${token}` }, body })
    return r.status
  }
  const event = (id, data) => new CloudEvent({
    id, source: '/shop/orders', type: 'Order Completed', time: '2026-05-01T12:00:00.000Z', subject: 'o-1', customerid: 'kunde ä', data,
  })
  const data = { order_id: 'o-1', total: 129.9, currency: 'EUR', email: 'ana@example.test' }
  console.log(JSON.stringify([
    await emitterFor(transport, { binding: HTTP, mode: Mode.STRUCTURED })(event('structured', data)),
    await emitterFor(transport, { binding: HTTP, mode: Mode.BINARY })(event('binary', data)),
  ]))
}

main().catch((e) => {
  console.error(e)
  process.exit(1)
})
