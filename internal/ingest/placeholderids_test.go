// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
)

// Placeholders are not ids of orders or sessions. Each such order is an order of its own, and the placeholders are counted.
func TestPlaceholdersAreNoOrderOrSessionIDs(t *testing.T) {
	rule := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, Time: `body.at`, Identities: exprs{"customerId": `body.who`}, OrderID: `body.order`, SessionID: `body.session`,
	}}
	p := newPod(t, openSpec(rule), "", func(p *pod, _ *batch.Options) { p.config.Placeholders = []v1alpha1.Placeholder{"no-number"} })
	for _, word := range []string{"undefined", "0", "n/a", "(not set)", "[object Object]", "No-Number", "null null"} {
		p.send(http.MethodPost, "/", `{"who":"u-1","at":"2026-11-21T10:14:00Z","order":"`+word+`","session":"`+word+`"}`)
	}
	p.send(http.MethodPost, "/", `{"who":"u-2","at":"2026-11-21T10:15:00Z","order":"99","session":"s-0"}`)
	events := p.store.events()
	require.Len(t, events, 8)
	for _, e := range events[:7] {
		require.Empty(t, e.OrderID)
		require.Empty(t, e.SessionID)
	}
	require.Equal(t, "99", events[7].OrderID)
	require.Equal(t, "s-0", events[7].SessionID)
	require.EqualValues(t, 2*7, p.store.counters().Placeholders)
}

// Placeholders are not groups. Otherwise, all customers with the group undefined would belong to one company.
func TestPlaceholdersAreNoGroups(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	for _, id := range []string{`"undefined"`, `0`, `"n/a"`, `"ACME"`, `17`} {
		p.send(http.MethodPost, "/v1/group?writeKey=test-write-key",
			`{"type":"group","messageId":"m`+strings.Trim(id, `"`)+`","userId":"u1","groupId":`+id+`,"timestamp":"2026-11-21T10:14:00Z"}`)
	}
	var groups []string
	for _, e := range p.store.events() {
		groups = append(groups, string(e.Groups))
	}
	require.Equal(t, []string{"", "", "", `{"group":"ACME"}`, `{"group":"17"}`}, groups)
	require.EqualValues(t, 3, p.store.counters().Placeholders)
}
