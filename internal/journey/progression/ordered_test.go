// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

func TestFirstEntry(t *testing.T) {
	events := []journey.Event{{Time: 1, Stages: 1}, {Time: 3, Stages: 2}, {Time: 5, Stages: 2}, {Time: 5, Stages: 3}, {Time: 7, Stages: 1}}
	for _, c := range []struct {
		from, to int64
		want     int
	}{{0, 10, 0}, {1, 2, 0}, {2, 10, 2}, {2, 5, -1}, {6, math.MaxInt64, 4}, {8, 10, -1}, {5, 5, -1}, {7, 3, -1}} {
		require.Equal(t, c.want, firstEntry(events, c.from, c.to), "%+v", c)
	}
	require.Equal(t, -1, firstEntry(nil, 0, 1))
}
