// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// TestValuesThatJSONHasNoNumberFor are refused, one as the other.
func TestValuesThatJSONHasNoNumberFor(t *testing.T) {
	for _, expression := range []v1alpha1.CELExpression{`1.0 / 0.0`, `-1.0 / 0.0`, `0.0 / 0.0`} {
		require.Equal(t, "error: the value cannot be written as JSON", result(t, `{"type":"t"}`, expression), expression)
	}
}

// TestRoomOfProperties: as many bytes as there is room for are taken, one more is refused.
func TestRoomOfProperties(t *testing.T) {
	document := func(n int) string { return `{"type":"t","t":"` + strings.Repeat("x", n) + `"}` }
	require.Len(t, result(t, document(32<<10-1), `body.t`), 32<<10-1+len(`""`))
	require.Equal(t, "error: the values take more than 32768 bytes", result(t, document(32<<10), `body.t`))
}

// TestMostIdentities: an event has sixteen, whether they come in one list or in several, and more are refused.
func TestMostIdentities(t *testing.T) {
	rejection := func(first, second int) string {
		list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`"a",`, n), ",") + "]" }
		o := run(t, `{"type":"t","a":`+list(first)+`,"b":`+list(second)+`}`, v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) {
			e.Identities = exprs{"customerId": `body.a`, "email": `body.b`}
		})})
		if r := o.Made[0].Rejection; r != nil {
			return r.Message
		}
		require.Len(t, o.Made[0].Event.Identities, first+second)
		return ""
	}
	require.Empty(t, rejection(16, 0))
	require.Empty(t, rejection(9, 7))
	o := run(t, `{"type":"t","a":[`+strings.Repeat("null,", 30)+`"x"]}`, v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) {
		e.Identities = exprs{"customerId": `body.a`}
	})})
	require.Equal(t, []event.Identity{{Type: "customerId", Value: "x"}}, o.Made[0].Event.Identities, "what is not there takes no place")
	for _, n := range [][2]int{{17, 0}, {0, 17}, {9, 8}, {40, 0}} {
		require.Contains(t, rejection(n[0], n[1]), "more than 16 identities")
	}
}
