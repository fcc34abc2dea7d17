// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// cases of a property: most rules show in few of them.
const cases = 1000

func checkCase(t *rapid.T, c journeytest.Case) {
	p, err := c.Progression()
	require.NoError(t, err)
	want := c.Best()
	// The scratch memory of one call must not show in the next.
	for range 2 {
		got, ok := p.Best(c.Events, c.From, c.To, c.Limit)
		require.Equal(t, want != nil, ok)
		if !ok {
			continue
		}
		require.Empty(t, c.Valid(&got))
		require.Equal(t, want.Required, got.Required, "required stages")
		require.Equal(t, want.Optional, got.Optional, "optional stages")
		require.Equal(t, want.Entry, got.Entry, "entry")
		if c.Policy.Order != journey.AnyOrder {
			require.Equal(t, want.Times, c.Times(&got), "times of the stages")
		}
	}
}

func TestOrderedEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) { checkCase(t, journeytest.DrawCase(t, journey.Ordered)) })
}

func TestStrictEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) { checkCase(t, journeytest.DrawCase(t, journey.Strict)) })
}

func TestAnyEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) { checkCase(t, journeytest.DrawCase(t, journey.AnyOrder)) })
}
