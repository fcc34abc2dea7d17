// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// The amount of a refund is positive, whichever sign the sender uses, with the built-in mapping and with rules. Other amounts do not change.
func TestRefundsHaveOneSign(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	p.send(http.MethodPost, "/v1/batch", `{"batch":[
		{"type":"track","event":"Order Refunded","messageId":"1","userId":"u","properties":{"order_id":"o","total":-12.5,"currency":"EUR"}},
		{"type":"track","event":"Order Refunded","messageId":"2","userId":"u","properties":{"order_id":"o","total":12.5,"currency":"EUR"}},
		{"type":"track","event":"Order Completed","messageId":"3","userId":"u","properties":{"order_id":"p","total":-1,"currency":"EUR"}}]}`, "Authorization", writeKey)
	events := p.store.events()
	require.Len(t, events, 3)
	require.Equal(t, []int64{12_500_000, 12_500_000, -1_000_000}, []int64{events[0].Amount, events[1].Amount, events[2].Amount})

	spec := segmentSpec()
	spec.Mapping = []v1alpha1.MappingRule{{Event: &v1alpha1.EventMapping{
		Name: `"Order Refunded"`, ID: `body.messageId`, Time: `body.timestamp`, Identities: map[string]v1alpha1.CELExpression{"customerId": `body.userId`},
		OrderID: `"o"`, Amount: `body.paidBack`, Currency: `"EUR"`,
	}}}
	rules := newPod(t, spec, "test-write-key")
	r := rules.send(http.MethodPost, "/v1/track", `{"messageId":"1","userId":"u","timestamp":"2026-11-01T00:00:00Z","paidBack":"-30.00"}`, "Authorization", writeKey)
	require.Equal(t, 200, r.Code)
	require.EqualValues(t, 30_000_000, rules.store.events()[0].Amount)
}
