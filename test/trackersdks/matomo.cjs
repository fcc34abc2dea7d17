// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Sends with Matomo's tracker for Node, one by one and in bulk, and prints the errors and the response to the bulk request.
const http = require('http')
const MatomoTracker = require('matomo-tracker')

// The tracker does not say when a request is answered, and does not read the response, which keeps the process alive.
const answered = []
const get = http.get
http.get = (...args) => {
  const request = get(...args)
  answered.push(new Promise((resolve) => request.on('close', resolve).on('response', (r) => r.resume().on('end', resolve))))
  return request
}

async function main() {
  const [host, token] = process.argv.slice(2)
  const matomo = new MatomoTracker(1, `${host}/matomo.php`)
  const errors = []
  matomo.on('error', (e) => errors.push(String(e)))
  matomo.track('https://shop.example.test/')
  matomo.track({
    url: 'https://shop.example.test/thanks', action_name: 'Vielen Dank', uid: '880011', _id: '0123456789abcdef', idgoal: 0, ec_id: 'o-1', revenue: 129.9,
    ec_items: JSON.stringify([['TEE-M', 'Tee', 'Tops', 64.95, 2]]), cdt: '2026-05-01 12:00:00', token_auth: token,
  })
  const answer = await new Promise((resolve) => matomo.trackBulk([
    { url: 'https://shop.example.test/video', _id: '0123456789abcdef', e_c: 'video', e_a: 'Play', e_n: 'intro & more', e_v: 1.5 },
    { url: 'https://shop.example.test/search', _id: '0123456789abcdef', search: 'größe 38' },
    { url: 'https://shop.example.test/', _id: '0123456789abcdef', ping: 1 },
    { url: 'https://shop.example.test/old', _id: '0123456789abcdef', cdt: '2020-01-01 00:00:00' },
  ], resolve))
  await Promise.all(answered)
  console.log(JSON.stringify({ errors, answer: JSON.parse(answer) }))
}

main().catch((e) => {
  console.error(e)
  process.exit(1)
})
