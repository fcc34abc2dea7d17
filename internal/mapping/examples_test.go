// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// The examples of the docs give the results that they name.
func TestExamples(t *testing.T) {
	fields := map[string]int{}
	for _, x := range Examples() {
		fields[x.Field]++
		m := &v1alpha1.EventMapping{Name: `"A"`}
		expression := v1alpha1.CELExpression(x.Expression)
		switch x.Field {
		case "time":
			m.Time = expression
		case "amount":
			m.Amount, m.Currency = expression, `"EUR"`
		default:
			m.Identities = map[string]v1alpha1.CELExpression{x.Field: expression}
		}
		p, err := Compile([]v1alpha1.MappingRule{{Event: m}})
		require.NoError(t, err, x.Expression)
		body, err := value.Decode([]byte(x.Sent))
		require.NoError(t, err, x.Sent)
		o := p.Map(&Input{Body: body, Now: time.Now(), Budget: NewBudget(), MaxEvents: 1})
		require.Len(t, o.Made, 1)
		require.Nil(t, o.Made[0].Rejection, x.Expression)
		require.Equal(t, x.Result, resultOf(t, x.Field, &o.Made[0].Event), x.Expression)
	}
	require.Len(t, fields, 4)
}

func resultOf(t *testing.T, field string, e *event.Event) string {
	t.Helper()
	switch field {
	case "time":
		return time.UnixMicro(e.Time).UTC().Format(time.RFC3339)
	case "amount":
		return big.NewRat(e.Amount, event.MicroUnits).FloatString(2)
	}
	require.Len(t, e.Identities, 1)
	normal, ok := privacy.Normalize(field, e.Identities[0].Value)
	require.True(t, ok, e.Identities[0].Value)
	return normal
}
