// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A source with a preset is previewed like one with rules of its own, and refused like on a cluster if something is missing.
func TestSourcesWithAPreset(t *testing.T) {
	const transport = "  preset: stripe\n  transport: {webhook: {secretRef: {name: k}}}\n"
	events := write(t, "stripe.ndjson", `{"id":"evt_1","created":1777640400,"type":"checkout.session.completed","data":{"object":{"id":"cs_1",`+
		`"amount_total":500,"currency":"eur","client_reference_id":"a","payment_status":"paid"}}}`+"\n"+
		`{"id":"evt_2","created":1777640400,"type":"payment_intent.created","data":{"object":{}}}`+"\n")
	p, err := open(t, manifests+sourceOf("pay", transport), events)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 1, 1, 0}, []int64{p.Filled.Rows, p.Filled.Events, p.Filled.Dropped, p.Filled.Refused}, "%v", p.Filled.Lines())

	_, err = open(t, manifests+sourceOf("till", "  preset: square\n  transport: {webhook: {secretRef: {name: k}}}\n"), events)
	require.ErrorContains(t, err, "spec.transport.webhook.publicURL: set it: the signature of Square covers the URL")
}
