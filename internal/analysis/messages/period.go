// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Basis formats what a number is computed from, and over what time: "events from 2026-05-01T00:00:00Z to 2026-05-31T00:00:00Z".
// A from of zero means the whole past.
func Basis(what string, from, to time.Time) string {
	if from.IsZero() {
		return fmt.Sprintf("%s up to %s", what, instant(to))
	}
	return fmt.Sprintf("%s from %s to %s", what, instant(from), instant(to))
}

// Period formats the time of results as a sentence: "As of …, entries from … to …, events from … to …." It is empty if the time is not known.
func Period(p *v1alpha1.ResultPeriod) string {
	if p == nil || p.AsOf == nil {
		return ""
	}
	text := "As of " + instant(p.AsOf.Time) + parts(p)
	return text + "."
}

// Previous formats the time that results are compared with as a sentence, or returns an empty text.
func Previous(p *v1alpha1.ResultPeriod) string {
	if p == nil || p.From == nil || p.To == nil {
		return ""
	}
	return "Compared with" + parts(p)[1:] + "."
}

// parts formats the times of entries and of events, each after a comma.
func parts(p *v1alpha1.ResultPeriod) string {
	text := ""
	switch {
	case p.From == nil || p.To == nil:
	case p.From.Equal(p.To):
		text += fmt.Sprintf(", entries from %s on, none of them mature", instant(p.From.Time))
	default:
		text += ", " + Basis("entries", p.From.Time, p.To.Time)
	}
	if known(p.EventsFrom) && known(p.EventsTo) {
		text += ", " + Basis("events", p.EventsFrom.Time, p.EventsTo.Time)
	}
	return text
}

func known(t *metav1.Time) bool { return !t.IsZero() }
