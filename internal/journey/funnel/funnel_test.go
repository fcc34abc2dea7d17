// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package funnel

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

func TestTopIsOrderedAndBounded(t *testing.T) {
	counts := map[string]int64{"b": 2, "a": 2, "c": 9, "d": 1}
	require.Equal(t, []NameCount{{"c", 9}, {"a", 2}, {"b", 2}}, top(counts, 3))
	require.Len(t, top(counts, 10), 4)
}

func TestChannelsBeyondTheBoundAreOther(t *testing.T) {
	s := StageSums{channels: journey.NewTexts()}
	for i := range 5 {
		s.addChannel(s.channels.Number(fmt.Sprint("c", i)), int64(i+1), 1)
	}
	require.Equal(t, []ChannelSums{{"c4", 5, 1}, {"c3", 4, 1}, {journey.OtherName, 6, 3}}, s.Channels(2))
}

func TestWorstStage(t *testing.T) {
	f := Funnel{goal: 2, Stages: []StageSums{{Entered: 3, Converted: 2}, {Entered: 6, Converted: 4}, {Entered: 4, Converted: 0}, {}}}
	worst, ok := f.Worst()
	require.True(t, ok)
	require.Equal(t, 0, worst, "equal shares: the earliest; beyond the goal nobody is lost")
	f.Stages[1].Converted = 3
	worst, _ = f.Worst()
	require.Equal(t, 1, worst)
	_, ok = (&Funnel{goal: 1, Stages: make([]StageSums, 2)}).Worst()
	require.False(t, ok)
}
