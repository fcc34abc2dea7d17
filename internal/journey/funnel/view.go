// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package funnel

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Channels returns the n channels through which the most customers entered the stage, equal ones by name. All other channels are added up as "other",
// at the end.
func (s *StageSums) Channels(n int) []ChannelSums {
	var list []ChannelSums
	other := ChannelSums{Channel: journey.OtherName}
	for number, c := range s.byChannel {
		if sums := (ChannelSums{Channel: s.channels.Text(uint32(number)), Entered: c.entered, Converted: c.converted}); sums.Channel == journey.OtherName {
			other.Entered += c.entered
			other.Converted += c.converted
		} else if c.entered > 0 {
			list = append(list, sums)
		}
	}
	slices.SortFunc(list, func(a, b ChannelSums) int {
		return cmp.Or(cmp.Compare(b.Entered, a.Entered), cmp.Compare(a.Channel, b.Channel))
	})
	for len(list) > n {
		last := list[len(list)-1]
		other.Entered += last.Entered
		other.Converted += last.Converted
		list = list[:len(list)-1]
	}
	if other.Entered > 0 {
		list = append(list, other)
	}
	return list
}

// Worst returns the stage after which the largest share of customers drops off; of equal ones, the earliest. ok is false if nobody entered. It
// ignores the goal and later stages, because customers who reached the goal are not lost. In the order Any no stage comes after another, so there is
// no worst stage.
func (f *Funnel) Worst() (stage int, ok bool) {
	if f.anyOrder {
		return 0, false
	}
	for s := range f.goal {
		this := &f.Stages[s]
		if this.Entered == 0 {
			continue
		}
		// Fractions are cross-multiplied, so rounding cannot change the result.
		if worst := &f.Stages[stage]; !ok || this.Dropped()*worst.Entered > worst.Dropped()*this.Entered {
			stage, ok = s, true
		}
	}
	return stage, ok
}

// Goal returns the index of the stage that a customer has to reach to convert.
func (f *Funnel) Goal() int { return f.goal }

// AnyOrder reports whether stages have no order. Depth and DepthNext then replace Entered and Next.
func (f *Funnel) AnyOrder() bool { return f.anyOrder }

// YoungInProgress returns the number of customers with a young attempt that has not reached the goal yet.
func (f *Funnel) YoungInProgress() int64 { return f.YoungEntered - f.YoungConverted }

// Step returns the customers of a stage and those who continued from it. In the order Any, it returns those with at least i+1 stages, and those with one more.
func (f *Funnel) Step(i int) (name string, entered, converted int64) {
	if !f.anyOrder {
		return f.Stages[i].Name, f.Stages[i].Entered, f.Stages[i].Converted
	}
	entered, converted = f.Depth[i], f.Depth[i]
	if i+1 < len(f.Depth) {
		converted = f.Depth[i+1]
	}
	return number.Whole(int64(i + 1)), entered, converted
}
