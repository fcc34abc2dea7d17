// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package funnel

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Channels returns the channels through which most customers entered the stage, at most n, equal ones by name. The
// rest are taken together as "other", at the end.
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

// Worst returns the stage after which the greatest share of customers is lost, of equal ones the earliest; ok is false when nobody
// entered. Stages from the goal on are not looked at: whoever reached the goal is not lost. In the order Any no
// stage comes after another, so there is none.
func (f *Funnel) Worst() (stage int, ok bool) {
	if f.anyOrder {
		return 0, false
	}
	for s := range f.goal {
		this := &f.Stages[s]
		if this.Entered == 0 {
			continue
		}
		// Fractions are compared crosswise, so that rounding decides nothing.
		if worst := &f.Stages[stage]; !ok || this.Dropped()*worst.Entered > worst.Dropped()*this.Entered {
			stage, ok = s, true
		}
	}
	return stage, ok
}

// Goal is the number of the stage that conversion means reaching.
func (f *Funnel) Goal() int { return f.goal }

// AnyOrder reports whether stages have no order: Depth and DepthNext then tell what Entered and Next do else.
func (f *Funnel) AnyOrder() bool { return f.anyOrder }

// YoungInProgress is the number of customers with a young attempt that has not reached the goal yet.
func (f *Funnel) YoungInProgress() int64 { return f.YoungEntered - f.YoungConverted }

// Step returns the customers of a stage and those who continued from it; in the order Any those with so many stages, and with one more.
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
