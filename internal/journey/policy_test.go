// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

func TestPolicyText(t *testing.T) {
	text := journey.Policy{Order: journey.AnyOrder, Window: 14 * 24 * time.Hour, Entry: journey.First, Ties: journey.Exact, Conversions: journey.InRange}.String()
	require.Contains(t, text, "order=Any window=14d entry=First ties=Exact conversions=Range")
	require.LessOrEqual(t, len(text), 256)
	require.Equal(t, "90m", journey.FormatWindow(90*time.Minute))
	for _, p := range []journey.Policy{{}, {Order: journey.Ordered}, {Order: journey.Ordered, Window: 1}, {Order: journey.Ordered, Window: 1, Entry: journey.Best}, {Order: journey.Ordered, Window: 1, Entry: journey.Best, Ties: journey.Exact}} {
		require.Error(t, p.Validate())
	}
}
