// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

func TestPeriod(t *testing.T) {
	day := func(d int) *metav1.Time {
		at := metav1.NewTime(time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC))
		return &at
	}
	require.Empty(t, Period(nil))
	require.Empty(t, Period(&v1alpha1.ResultPeriod{}), "what is not known is not said")
	p := &v1alpha1.ResultPeriod{AsOf: day(31), From: day(1), To: day(17)}
	require.Equal(t, "As of 2026-05-31T00:00:00Z, entries from 2026-05-01T00:00:00Z to 2026-05-17T00:00:00Z.", Period(p))
	p.To = day(1)
	require.Equal(t, "As of 2026-05-31T00:00:00Z, entries from 2026-05-01T00:00:00Z on, none of them mature.", Period(p))
	p.To, p.EventsFrom, p.EventsTo = day(2), day(3), day(4)
	require.Equal(t, "Compared with entries from 2026-05-01T00:00:00Z to 2026-05-02T00:00:00Z, events from 2026-05-03T00:00:00Z to 2026-05-04T00:00:00Z.",
		Previous(p))
	require.Empty(t, Previous(nil))
	require.Equal(t, "events up to 2026-05-04T00:00:00Z", Basis("events", time.Time{}, p.EventsTo.Time))
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ value, unit, want string }{
		{"0.3333", "ratio", "33.3%"}, {"183600", "seconds", "2 d 3 h"}, {"45.00", "EUR", "45.00 EUR"}, {"-12.5", "points", "-12.5 points"},
		{"7", "count", "7"}, {"1.5", "number", "1.5"}, {"", "ratio", ""}, {"0", "seconds", "0 s"}, {"no number", "seconds", "no number"},
	} {
		require.Equal(t, c.want, Value(c.value, c.unit), "%+v", c)
	}
	require.Equal(t, "-41.7 points", Change("-0.4167", "ratio"))
	require.Equal(t, "-1 h", Change("-3600", "seconds"))
	for _, c := range []struct{ value, limit, unit, shown, wanted string }{
		{"0.6001", "0.6", "ratio", "60.01 %", "60 %"},
		{"183600", "86400", "seconds", "2 d 3 h", "1 d"},
		{"86405", "86400", "seconds", "86405 s", "86400 s"}, // never "1 d, wanted at most 1 d"
		{"", "0.75", "ratio", "", "75 %"},
		{"20.00", "25", "EUR", "20.00 EUR", "25 EUR"},
	} {
		shown, wanted := Against(c.value, c.limit, c.unit)
		require.Equal(t, c.shown, shown, "%+v", c)
		require.Equal(t, c.wanted, wanted, "%+v", c)
	}
}
