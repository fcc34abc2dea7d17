// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestReadingIsTheSumOfThePods(t *testing.T) {
	none, two, three, five := int64(0), int64(2), int64(3), int64(5)
	first := store.PullReport{Partitions: 2, Lag: &two, LastReadAt: 7e6, CaughtUpAt: 6e6}
	second := store.PullReport{Partitions: 1, Lag: &three, LastReadAt: 9e6, CaughtUpAt: 8e6}
	before := &v1alpha1.ReadingStatus{Partitions: 7, Lag: &three, LastReadTime: instant(8e6), CaughtUpTime: instant(5e6)}
	for name, c := range map[string]struct {
		pods   []store.PullReport
		before *v1alpha1.ReadingStatus
		want   v1alpha1.ReadingStatus
	}{
		"two pods, and one with nothing to read": {[]store.PullReport{first, second, {LastReadAt: 1e6}}, nil,
			v1alpha1.ReadingStatus{Partitions: 3, Lag: &five, LastReadTime: instant(9e6), CaughtUpTime: instant(6e6)}},
		"one was never caught up": {[]store.PullReport{first, {Partitions: 1, Lag: &three}}, nil,
			v1alpha1.ReadingStatus{Partitions: 3, Lag: &five, LastReadTime: instant(7e6)}},
		"one does not know its lag": {[]store.PullReport{first, {Partitions: 1, CaughtUpAt: 7e6}}, nil,
			v1alpha1.ReadingStatus{Partitions: 3, LastReadTime: instant(7e6), CaughtUpTime: instant(6e6)}},
		"one with a problem does not know its lag": {[]store.PullReport{first, {Reason: pull.Unreachable}}, nil,
			v1alpha1.ReadingStatus{Partitions: 2, LastReadTime: instant(7e6), CaughtUpTime: instant(6e6)}},
		"one with a problem knows it": {[]store.PullReport{first, {Partitions: 1, Lag: &three, CaughtUpAt: 9e6, Reason: pull.StoreUnavailable}}, nil,
			v1alpha1.ReadingStatus{Partitions: 3, Lag: &five, LastReadTime: instant(7e6), CaughtUpTime: instant(6e6)}},
		"nobody has a partition": {[]store.PullReport{{Lag: &none}, {Lag: &none}}, nil, v1alpha1.ReadingStatus{}},
		"no reports":             {nil, nil, v1alpha1.ReadingStatus{}},
		"no reports any more":    {nil, before, v1alpha1.ReadingStatus{LastReadTime: instant(8e6), CaughtUpTime: instant(5e6)}},
		"new pods": {[]store.PullReport{{Partitions: 3, Lag: &five}}, before,
			v1alpha1.ReadingStatus{Partitions: 3, Lag: &five, LastReadTime: instant(8e6), CaughtUpTime: instant(5e6)}},
		"later than before": {[]store.PullReport{first, second}, before,
			v1alpha1.ReadingStatus{Partitions: 3, Lag: &five, LastReadTime: instant(9e6), CaughtUpTime: instant(6e6)}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Watermark = instant(5e6)
			look := storewatch.SourceLook{State: store.SourceState{Watermark: 5e6}, Reports: append(podsReport(c.pods...), store.Report{Pod: "of an earlier spec"})}
			require.Equal(t, &c.want, reading(&reader().Spec, look, c.before))
			slices.Reverse(look.Reports)
			require.Equal(t, &c.want, reading(&reader().Spec, look, c.before), "the order of the reports is no news")
		})
	}
	require.Nil(t, reading(&v1alpha1.TouchpointSourceSpec{}, storewatch.SourceLook{Reports: podsReport(first)}, before))
}

// The first progress is shown at once, and not with the next counters.
func TestASourceBegins(t *testing.T) {
	require.False(t, begun(nil))
	require.False(t, begun(&v1alpha1.ReadingStatus{Watermark: instant(5e6)}))
	for _, r := range []v1alpha1.ReadingStatus{{Partitions: 1}, {LastReadTime: instant(5e6)}, {CaughtUpTime: instant(5e6)}} {
		require.True(t, begun(&r))
	}
}

// An idle source is caught up at another time with each look, which is no reason to write its status.
func TestAnIdleSourceIsNotWritten(t *testing.T) {
	at := func(micros int64) *v1alpha1.ReadingStatus {
		return &v1alpha1.ReadingStatus{Partitions: 1, CaughtUpTime: instant(micros)}
	}
	require.True(t, sameReading(at(5e6), at(6e6)))
	require.False(t, sameReading(at(0), at(6e6)), "the first time is news")
	require.False(t, sameReading(nil, at(0)))
	more := at(5e6)
	more.Partitions = 2
	require.False(t, sameReading(at(5e6), more))
}

// Each pod of a queue knows the lag of the whole.
func TestTheLagOfASharedQueue(t *testing.T) {
	t.Parallel()
	two, three := int64(2), int64(3)
	for _, transport := range []v1alpha1.Transport{{NATS: &v1alpha1.NATSTransport{}}, {AMQP: &v1alpha1.AMQPTransport{}}} {
		for _, c := range []struct {
			pods []store.PullReport
			lag  *int64
		}{
			{[]store.PullReport{{Partitions: 1, Lag: &two}, {Partitions: 1, Lag: &three}, {Partitions: 1, Lag: &two}}, &three},
			{[]store.PullReport{{Partitions: 1, Lag: &two}, {Reason: pull.Unreachable}}, &two},
			{[]store.PullReport{{Partitions: 1}, {Reason: pull.Unreachable}}, nil},
			{nil, nil},
		} {
			look := storewatch.SourceLook{}
			for i := range c.pods {
				look.Reports = append(look.Reports, store.Report{Pull: &c.pods[i]})
			}
			require.Equal(t, c.lag, reading(&v1alpha1.TouchpointSourceSpec{Transport: transport}, look, nil).Lag)
		}
	}
}
