// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A misspelt field is refused by name under strict validation, which kubectl asks for by default.
func TestUnknownFields(t *testing.T) {
	cases := []struct{ doc, path string }{
		{"eventstore", "spec.retentoin"},
		{"eventstore", storage + ".class"},
		{"touchpointsource-hmac", hmac + ".algo"},
		{"touchpointsource-hmac", "spec.mapping.0.event.user"},
		{"touchpointsource-bearer", webhook + ".bearer.token"},
		{"journeymap", "spec.stages.1.touchpoints.0.match.0.name"},
		{"journeymap", "spec.pod.affinity"},
		{"metricreport", "spec.kpis.0.measure.profit"},
	}
	for _, c := range cases {
		t.Run(c.doc+"/"+c.path, func(t *testing.T) {
			err := create(t.Context(), edits{c.path: "x"}.apply(t, load(t, c.doc)))
			require.Error(t, err)
			require.Contains(t, err.Error(), fmt.Sprintf("unknown field %q", field(strings.Split(c.path, "."))))
		})
	}
}

// Entries of a list that are told apart by name cannot have one name twice.
func TestDuplicateNames(t *testing.T) {
	for _, c := range []struct{ doc, list string }{
		{"journeymap", "spec.sources"},
		{"journeymap", "spec.personas"},
		{"journeymap", "spec.stages"},
		{"journeymap", "spec.stages.[].touchpoints"},
		{"metricreport", "spec.kpis"},
	} {
		t.Run(c.doc+"/"+c.list, func(t *testing.T) {
			_, at, value, found := find(t, []string{c.doc}, strings.Split(c.list, "."))
			require.True(t, found)
			list, ok := value.([]any)
			require.True(t, ok)
			err := create(t.Context(), edits{strings.Join(at, "."): append(list, list[len(list)-1])}.apply(t, load(t, c.doc)))
			got := causes(t, err)
			require.Len(t, got, 1)
			require.Equal(t, fmt.Sprintf("%s[%d]", field(at), len(list)), got[0].Field)
			require.Contains(t, got[0].Message, "Duplicate value")
		})
	}
}

// The largest map that the lists allow costs less than the API server spends on CEL at runtime.
func TestLargestMapIsAccepted(t *testing.T) {
	where := repeat(map[string]any{"key": "orderId", "operator": "In", "values": []any{"1", "2"}}, 8)
	match := repeat(map[string]any{"event": "Order Completed", "where": where}, 4)
	touchpoints := repeat(map[string]any{"name": "t", "match": match}, 24)
	stages := repeat(map[string]any{"name": "s", "touchpoints": touchpoints}, 20)
	require.NoError(t, create(t.Context(), edits{"spec.stages": stages}.apply(t, load(t, "journeymap"))))
}
