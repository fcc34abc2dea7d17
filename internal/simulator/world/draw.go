// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"math/rand/v2"
	"time"
)

// dice draws the random numbers of one person. Each person has their own, so that the life of one person does not depend on another's.
type dice struct{ *rand.Rand }

// Streams separate the draws for different purposes.
const (
	streamLife uint64 = iota + 1
	streamNoise
	streamBad
	streamBots
)

func newDice(seed, stream uint64, index int) dice {
	return dice{rand.New(rand.NewPCG(seed^(stream<<56), uint64(index)*0x9e3779b97f4a7c15+stream))}
}

// yes returns true with the probability p.
func (d dice) yes(p float64) bool { return d.Float64() < p }

// between draws an instant from <= t < to, in whole milliseconds.
func (d dice) between(from, to time.Time) time.Time {
	span := to.Sub(from).Milliseconds()
	if span <= 0 {
		return from
	}
	return from.Add(time.Duration(d.Int64N(span)) * time.Millisecond)
}

// spread holds the quantiles of a log-normal distribution of waiting times, in percent of its median, at equal steps. They are whole numbers, so that
// every machine draws the same.
var spread = []int64{5, 17, 27, 37, 48, 60, 73, 87, 100, 116, 140, 170, 210, 275, 390, 700, 1800}

// around draws a waiting time with the given median, in whole milliseconds, at least one.
func (d dice) around(median time.Duration) time.Duration {
	i := d.IntN(len(spread) - 1)
	width := spread[i+1] - spread[i]
	thousandths := spread[i]*10 + d.Int64N(width*10)
	return time.Duration(max(1, median.Milliseconds()*thousandths/1000)) * time.Millisecond
}

// count draws a number of repeats: zero or more, with the given mean, geometric.
func (d dice) count(mean float64) int {
	n := 0
	for p := mean / (1 + mean); n < 12 && d.yes(p); {
		n++
	}
	return n
}

// pick draws an index by weights.
func (d dice) pick(weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	x := d.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}
