// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/mapping"
)

// An id that does not depend on the item would be the same for all events of a document, which would then count once.
func TestIDOfADocumentIsUniqueForItems(t *testing.T) {
	ids := func(id v1alpha1.CELExpression) (out []string) {
		rule := v1alpha1.MappingRule{ForEach: `body.lines`, Event: eventOf(func(e *v1alpha1.EventMapping) { e.ID = id })}
		for _, m := range run(t, `{"id":"o-1","type":"t","customer":{"id":1},"lines":[{"n":"a"},{"n":"b"}]}`, rule).Made {
			require.Nil(t, m.Rejection)
			out = append(out, m.Event.ID)
		}
		return out
	}
	require.Equal(t, []string{"o-1#0", "o-1#1"}, ids(`body.id`))
	require.Equal(t, []string{"o-1a", "o-1b"}, ids(`body.id + item.n`))
	require.Equal(t, []string{"", ""}, ids(`body.?nothing`))
	one := run(t, `{"id":"o-1","type":"t","customer":{"id":1}}`, v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.ID = `body.id` })})
	require.Equal(t, "o-1", one.Made[0].Event.ID)
	require.Equal(t, mapping.NoPlace, one.Made[0].Place)
}

// A time that a rule computes from now is the time of receipt.
func TestTimeFromNowIsTheTimeOfReceipt(t *testing.T) {
	for expression, want := range map[v1alpha1.CELExpression]event.TimeSource{
		`body.at`:               event.TimeFromEvent,
		`now`:                   event.TimeFromReceipt,
		`now - duration("90s")`: event.TimeFromReceipt,
		`string(now).substring(0, 10) + "T00:00:00Z"`:         event.TimeFromReceipt,
		`body.?sent.orValue(now)`:                             event.TimeFromReceipt,
		`has(body.at) ? body.at : now`:                        event.TimeFromEvent,
		`timestamp(body.at) > now ? now : timestamp(body.at)`: event.TimeFromEvent,
		`timestamp(body.at) < now ? now : timestamp(body.at)`: event.TimeFromReceipt,
	} {
		rule := v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Time = expression })}
		m := run(t, `{"type":"t","customer":{"id":1},"at":"`+now.Add(-time.Hour).Format(time.RFC3339)+`"}`, rule).Made[0]
		require.Nil(t, m.Rejection, expression)
		require.Equal(t, want, m.Event.TimeSource, expression)
	}
}
