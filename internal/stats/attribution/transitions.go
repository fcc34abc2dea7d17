// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import "errors"

// MaxStates is the largest number of channels of a Markov chain.
const MaxStates = 512

// Errors of Add, Merge and the constructors.
var (
	// ErrChannel means that a channel is not below the number of channels.
	ErrChannel = errors.New("the channel is beyond the number of channels")
	// ErrSize means that a number of channels is below 1 or above the maximum, or that two numbers differ.
	ErrSize = errors.New("the number of channels is below 1, above the maximum, or not the same")
	// ErrCount means that a count is negative.
	ErrCount = errors.New("the count is negative")
)

// Transitions counts the steps of all paths: from the start to the first channel, between channels, and from the last one to conversion or to
// nothing (a null path). It needs (channels+2)² integers. Create one with NewTransitions.
//
// A channel that follows itself counts once: repeats do not change where a path ends, so they change no credit (a test shows it). A path without
// any channel cannot be attributed; its conversions are counted separately.
type Transitions struct {
	channels int
	counts   []int64 // from × to, row by row
	// Conversions is the number of paths with a channel that converted.
	Conversions int64
	// Unattributed is the number of conversions without any channel.
	Unattributed int64
}

// NewTransitions returns empty counts for a number of channels, from 1 to MaxStates. It returns ErrSize for any other number.
func NewTransitions(channels int) (*Transitions, error) {
	if channels < 1 || channels > MaxStates {
		return nil, ErrSize
	}
	return &Transitions{channels: channels, counts: make([]int64, (channels+1)*(channels+2))}, nil
}

// Rows are the start and the channels; columns are the channels, conversion and nothing.
func (t *Transitions) start() int      { return t.channels }
func (t *Transitions) conversion() int { return t.channels }
func (t *Transitions) nothing() int    { return t.channels + 1 }

func (t *Transitions) at(from, to int) *int64 { return &t.counts[from*(t.channels+2)+to] }

// Add adds a path a number of times: its channels in order of time, and whether it ended in conversion. Anything after a conversion is a new path. If
// it returns ErrChannel or ErrCount, nothing was added.
func (t *Transitions) Add(path []int, converted bool, times int64) error {
	if times < 0 {
		return ErrCount
	}
	for _, c := range path {
		if c < 0 || c >= t.channels {
			return ErrChannel
		}
	}
	if len(path) == 0 {
		if converted {
			t.Unattributed += times
		}
		return nil
	}
	from := t.start()
	for _, c := range path {
		if c != from {
			*t.at(from, c) += times
		}
		from = c
	}
	if converted {
		t.Conversions += times
		*t.at(from, t.conversion()) += times
	} else {
		*t.at(from, t.nothing()) += times
	}
	return nil
}

// Merge adds the paths of another Transitions with the same number of channels. It returns ErrSize if the numbers differ.
func (t *Transitions) Merge(other *Transitions) error {
	if t.channels != other.channels {
		return ErrSize
	}
	for i, n := range other.counts {
		t.counts[i] += n
	}
	t.Conversions += other.Conversions
	t.Unattributed += other.Unattributed
	return nil
}
