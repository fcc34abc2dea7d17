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

// Values that JSON has no number for, such as NaN, are refused.
func TestValuesWithoutJSONNumber(t *testing.T) {
	for _, expression := range []v1alpha1.CELExpression{`1.0 / 0.0`, `-1.0 / 0.0`, `0.0 / 0.0`} {
		require.Equal(t, "error: the value cannot be written as JSON", result(t, `{"type":"t"}`, expression), expression)
	}
}

// Properties with the maximum number of bytes are accepted, and one byte more is refused.
func TestMaximumSizeOfProperties(t *testing.T) {
	document := func(n int) string { return `{"type":"t","t":"` + strings.Repeat("x", n) + `"}` }
	require.Len(t, result(t, document(32<<10-1), `body.t`), 32<<10-1+len(`""`))
	require.Equal(t, "error: the values take more than 32768 bytes", result(t, document(32<<10), `body.t`))
}

// An event has at most sixteen identities, whether they are in one list or in several.
func TestMaximumNumberOfIdentities(t *testing.T) {
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
