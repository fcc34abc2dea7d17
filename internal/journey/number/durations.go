// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// MaxExactDurations is the number of durations up to which a median is exact. Beyond it, durations are kept
// in a histogram whose median is off by at most one part in 256.
const MaxExactDurations = 100_000

// Durations collects durations and returns their median. Whether the median is exact depends only on the number of all durations, not on how they
// were split over sums.
type Durations struct {
	// Most is the number of durations up to which a median is exact; 0 means MaxExactDurations.
	Most    int
	exact   []int64
	buckets []int64
	count   int64
	sum     stats.Total
}

// MicrosPerSecond is the number of microseconds in a second.
const MicrosPerSecond = 1_000_000

// histogramBits is the number of leading bits of a duration that a bucket distinguishes.
const histogramBits = 8

// Add adds a duration in microseconds. A negative one counts as zero.
func (d *Durations) Add(micros int64) {
	d.count++
	micros = max(0, micros)
	d.sum.Add(micros)
	if d.buckets != nil {
		d.buckets[bucketOf(micros)]++
		return
	}
	d.exact = append(d.exact, micros)
	if len(d.exact) > d.limit() {
		d.toBuckets()
	}
}

func (d *Durations) limit() int {
	if d.Most > 0 {
		return d.Most
	}
	return MaxExactDurations
}

// Merge adds the durations of another collection.
func (d *Durations) Merge(other *Durations) {
	if d.buckets == nil && d.count+other.count > int64(d.limit()) {
		d.toBuckets()
	}
	d.count += other.count
	d.sum.Merge(other.sum)
	for i, n := range other.buckets {
		d.buckets[i] += n
	}
	if d.buckets == nil {
		d.exact = append(d.exact, other.exact...)
		return
	}
	for _, micros := range other.exact {
		d.buckets[bucketOf(micros)]++
	}
}

func (d *Durations) toBuckets() {
	d.buckets = make([]int64, bucketOf(1<<63-1)+1)
	for _, micros := range d.exact {
		d.buckets[bucketOf(micros)]++
	}
	d.exact = nil
}

// Mean returns the mean in whole seconds, halves rounded up, from the exact sum. ok is false if there are no durations.
func (d *Durations) Mean() (seconds int64, ok bool) {
	if d.count == 0 {
		return 0, false
	}
	mean, ok := DivideBig(d.sum.Big(), new(big.Int).Mul(big.NewInt(d.count), big.NewInt(MicrosPerSecond)), 0)
	return mean.Scaled, ok
}

// Median returns the median in whole seconds, halves rounded up. For an even number of durations it is the mean of the middle two. ok is false if
// there are no durations.
func (d *Durations) Median() (seconds int64, ok bool) {
	if d.count == 0 {
		return 0, false
	}
	low, high := d.Rank((d.count-1)/2), d.Rank(d.count/2)
	const second = 1_000_000
	return (low + (high-low)/2 + second/2) / second, true
}

// N returns the number of durations.
func (d *Durations) N() int64 { return d.count }

// Rank returns the k-th shortest duration in microseconds, for k from 0 to N-1.
func (d *Durations) Rank(k int64) int64 {
	if d.buckets == nil {
		slices.Sort(d.exact)
		return d.exact[k]
	}
	for i, n := range d.buckets {
		if k < n {
			return middleOf(i)
		}
		k -= n
	}
	return 0
}

// Each calls f with each duration, in microseconds and in ascending order, and its count. If the durations are not exact, they are the middles of buckets.
func (d *Durations) Each(f func(micros, times int64)) {
	slices.Sort(d.exact)
	for _, micros := range d.exact {
		f(micros, 1)
	}
	for i, n := range d.buckets {
		if n > 0 {
			f(middleOf(i), n)
		}
	}
}

// bucketOf returns the bucket of a value. Values below 2^histogramBits have one bucket each; above, every doubling has 2^(histogramBits-1).
func bucketOf(v int64) int {
	shift := max(0, bits.Len64(uint64(v))-histogramBits)
	return shift<<(histogramBits-1) + int(v>>shift)
}

// middleOf returns the middle of a bucket.
func middleOf(bucket int) int64 {
	if bucket < 1<<histogramBits {
		return int64(bucket)
	}
	shift := bucket>>(histogramBits-1) - 1
	low := int64(bucket-shift<<(histogramBits-1)) << shift
	return low + (int64(1)<<shift)/2
}
