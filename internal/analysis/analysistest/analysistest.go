// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analysistest holds the map that the tests of analysis jobs use.
package analysistest

import (
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Noon is the scheduled time of runs in tests.
var Noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// VisitMap is a map of two stages with a window of a day over ten days.
func VisitMap() v1alpha1.JourneyMapSpec {
	return v1alpha1.JourneyMapSpec{
		StoreRef:    v1alpha1.LocalReference{Name: "default"},
		Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "1d"},
		Analysis:    &v1alpha1.Analysis{Lookback: "10d"},
		Stages:      []v1alpha1.Stage{Stage("visit", "Visited"), Stage("buy", "Order Completed")},
	}
}

// Stage has one touchpoint, which matches one event.
func Stage(name, event string) v1alpha1.Stage {
	return v1alpha1.Stage{Name: v1alpha1.ItemName(name), Touchpoints: []v1alpha1.Touchpoint{
		{Name: v1alpha1.ItemName(name), Match: []v1alpha1.EventMatch{{Event: event}}},
	}}
}
