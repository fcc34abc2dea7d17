// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestAnOutageIsNoFailureBeforeTwoMinutes(t *testing.T) {
	began := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	report := func(p store.PullReport) []store.Report { return []store.Report{{Pod: "a", Pull: &p}} }
	failing := store.PullReport{Reason: pull.Unauthorized, Message: "the brokers refuse user name or password", ProblemSince: began.UnixMicro()}
	waits := failing
	waits.Reason = pull.StoreUnavailable
	was := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSourceUnreadable, Message: "before"}
	for name, c := range map[string]struct {
		reports []store.Report
		after   time.Duration
		was     *metav1.Condition
		reason  string
	}{
		"young":             {report(failing), time.Minute, nil, v1alpha1.ReasonServing},
		"old":               {report(failing), 2 * time.Minute, nil, v1alpha1.ReasonSourceUnreadable},
		"failed before":     {report(failing), time.Minute, was, v1alpha1.ReasonSourceUnreadable},
		"ended":             {report(store.PullReport{}), time.Hour, was, ""},
		"no report yet":     {nil, time.Hour, was, v1alpha1.ReasonSourceUnreadable},
		"none ever":         {nil, time.Hour, nil, ""},
		"waits for a store": {report(waits), time.Hour, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			i := &ingestion{look: storewatch.SourceLook{Reports: c.reports}, was: c.was, now: began.Add(c.after)}
			v, decided := i.unreadable()
			require.Equal(t, c.reason != "", decided)
			require.Equal(t, c.reason, v.Reason)
			if c.was == nil && c.reason == v1alpha1.ReasonSourceUnreadable {
				require.Equal(t, "Unauthorized since 2026-11-22T10:00:00Z: the brokers refuse user name or password.", v.Message)
			}
		})
	}
}

func TestReadingIsTheSumOfThePods(t *testing.T) {
	two, three := int64(2), int64(3)
	spec := &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{}}}
	look := storewatch.SourceLook{State: store.SourceState{Watermark: 5e6}, Reports: []store.Report{
		{Pull: &store.PullReport{Partitions: 2, Lag: &two, LastReadAt: 7e6, CaughtUpAt: 6e6}},
		{Pull: &store.PullReport{Partitions: 1, Lag: &three, LastReadAt: 9e6, CaughtUpAt: 8e6}},
		{Pull: &store.PullReport{LastReadAt: 1e6}},
	}}
	five := int64(5)
	require.Equal(t, &v1alpha1.ReadingStatus{
		Partitions: 3, Lag: &five, Watermark: instant(5e6), LastReadTime: instant(9e6), CaughtUpTime: instant(6e6),
	}, reading(spec, look))
	require.Nil(t, reading(spec, storewatch.SourceLook{}).Lag, "unknown is not 0")
	require.Nil(t, reading(&v1alpha1.TouchpointSourceSpec{}, look))
}
