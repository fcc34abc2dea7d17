// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

// Sources for exports whose columns have names of their own.

func payloadSource(mapping string) string {
	return manifests + sourceOf("export", "  transport: {webhook: {secretRef: {name: k}, bearer: {}}}\n  mapping:\n"+mapping)
}

const tillRules = `
  - when: body.?Vorgang.orValue("") in ["STORNO", "TRAINING", "KASSENSTURZ"]
    drop: {}
  - when: body.?Vorgang.orValue("") in ["VERKAUF", "RETOURE"]
    event:
      name: 'body.Vorgang == "VERKAUF" ? "Order Completed" : "Order Refunded"'
      id: body.Filiale + "|" + body.Kasse + "|" + body.BelegNr
      time: body.Datum.split(".")[2] + "-" + body.Datum.split(".")[1] + "-" + body.Datum.split(".")[0] + "T" + body.Uhrzeit + "+01:00"
      identities: {loyaltyId: 'body.?Kundenkarte', email: 'body[?"E-Mail"]'}
      orderId: body.Filiale + "-" + body.Kasse + "-" + body.BelegNr
      amount: body.Brutto.replace(".", "").replace(",", ".")
      currency: body.Waehrung
`

const formRules = `
  - forEach: '[{"kind": "nps", "score": body["How likely are you to recommend us? (0-10)"]}, {"kind": "csat", "score": body["How was your visit? [Staff]"]}]'
    event:
      name: '"Survey Responded"'
      time: body.Timestamp
      identities: {email: 'body.Username'}
      survey: {kind: item.kind, score: int(item.score)}
`

const hotjarRules = `
  - when: '!("1. How likely are you to recommend us to a friend?" in body)'
    drop: {}
  - event:
      name: '"Survey Responded"'
      id: '"hotjar:55:" + body.Number'
      time: body["Date Submitted"] + "Z"
      identities: {anonymousId: 'body.?User', customerId: 'body[?"User ID (user attribute)"]', email: 'body[?"3. Your e-mail (optional)"]'}
      survey: {kind: '"nps"', score: 'int(body["1. How likely are you to recommend us to a friend?"])'}
`

const klaviyoRules = `
  - event:
      name: 'body.Metric == "Refunded Order" ? "Order Refunded" : body.Metric'
      id: body["Event ID"]
      time: body.Timestamp
      identities: {email: 'body.?Email', phone: 'body[?"Phone Number"]', customerId: 'body[?"External ID"]'}
      amount: body.?Value
      currency: body.?Currency
`

const matomoRules = `
  - forEach: body.actionDetails
    event:
      name: 'item.type == "ecommerceOrder" ? "Order Completed" : item.type'
      id: '"matomo:" + body.idVisit'
      time: item.timestamp
      identities: {anonymousId: 'body.visitorId', customerId: 'body.?userId'}
      orderId: item.?orderId
      amount: item.?revenue
      currency: body.siteCurrency
`

const qualtricsRules = `
  - when: '!body.?ResponseId.orValue("").startsWith("R_")'
    drop: {}
  - when: 'body.?Status.orValue("") != "IP Address"'
    drop: {}
  - event:
      name: '"Survey Responded"'
      id: body.ResponseId
      time: body.RecordedDate
      identities: {email: 'body.?RecipientEmail', customerId: 'body.?ExternalReference'}
`

const stripeRules = `
  - when: body.Mode == "Test" || !(body.Status in ["Paid", "Refunded", "Partial Refund", "Disputed"])
    drop: {}
  - event:
      name: '"Order Completed"'
      id: body.id
      time: body["Created date (UTC)"] + "Z"
      identities: {email: 'body[?"Customer Email"]', stripeId: 'body[?"Customer ID"]'}
      orderId: body[?"order_id (metadata)"]
      amount: body.Amount
      currency: body.Currency.upperAscii()
`

const stripeBalanceRules = `
  - when: '!(body.reporting_category in ["charge", "refund", "dispute"])'
    drop: {}
  - event:
      name: 'body.reporting_category == "charge" ? "Order Completed" : "Order Refunded"'
      id: body.balance_transaction_id
      time: body.created_utc + "Z"
      identities: {email: 'body.?customer_email', stripeId: 'body.?customer_id'}
      amount: body.gross
      currency: body.currency.upperAscii()
`

const zendeskRules = `
  - when: body.status == "deleted"
    drop: {}
  - forEach: >-
      [{"what": "created", "name": "Support Ticket Created", "at": body.created_at}] +
      (body.?metric_set.?solved_at.orValue(null) == null ? [] : [{"what": "solved", "name": "Support Ticket Solved", "at": body.metric_set.solved_at}]) +
      (body.?satisfaction_rating.?score.orValue("") in ["good", "bad"] ? [{"what": "satisfaction", "name": "Survey Responded", "at": body.updated_at}] : [])
    event:
      name: item.name
      id: '"zendesk:" + string(body.id) + ":" + item.what'
      time: item.at
      identities: {email: 'body.?requester.?email', phone: 'body.?requester.?phone'}
`
