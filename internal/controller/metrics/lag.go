// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

var eventToStatus = desc("journeyman_event_to_status_seconds",
	"Time from the receipt of the newest event in the results to the end of the run that was the first to have it. Missing until a run has a newer event.",
	"kind")

// lag is the time from the receipt of the newest event of an object to its status.
type lag struct {
	newest  time.Time
	seconds float64
	// known is set once an event arrives that is newer than the first one seen: for that, it is unknown which run had it first.
	known bool
}

// after returns the lag after another read of the status. A run without newer events does not change it.
func (l lag) after(newest, completed time.Time) lag {
	switch {
	case l.newest.IsZero():
		return lag{newest: newest}
	case newest.After(l.newest):
		return lag{newest: newest, seconds: max(0, completed.Sub(newest).Seconds()), known: true}
	}
	return l
}

// lag reports the lag of an object, and keeps it for the next scrape.
func (g gauges) lag(kind string, o client.Object, t *v1alpha1.Trace) {
	l := g.before[o.GetUID()]
	if t.Analysis != nil && t.Analysis.CompletionTime != nil {
		if newest := newestReceived(t); !newest.IsZero() {
			l = l.after(newest, t.Analysis.CompletionTime.Time)
		}
	}
	g.lags[o.GetUID()] = l
	if l.known {
		g.send(eventToStatus, l.seconds, o, kind)
	}
}

// newestReceived returns the time of receipt of the newest event in the results.
func newestReceived(t *v1alpha1.Trace) (newest time.Time) {
	for i := range t.Sources {
		if at := t.Sources[i].NewestReceivedTime; at != nil && at.After(newest) {
			newest = at.Time
		}
	}
	return newest
}

// lags are the lags of all objects.
type lags map[types.UID]lag
