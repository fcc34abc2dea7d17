// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "time"

// Chosen returns the name of the transport that is set, as in JSON, and the Secret that it verifies its senders with: nil if there is none. The
// name is empty when nothing is set.
func (t *Transport) Chosen() (name string, secret *SecretKeyReference) {
	switch {
	case t.Webhook != nil:
		return "webhook", t.Webhook.SecretRef
	case t.Segment != nil:
		return "segment", &t.Segment.SecretRef
	case t.CloudEvents != nil:
		return "cloudEvents", t.CloudEvents.SecretRef
	}
	return "", nil
}

// DefaultReviewEvery is the longest time between two reviews of a map where the spec says nothing.
const DefaultReviewEvery = 90 * 24 * time.Hour

// ReviewDue returns the instant at which the next review of a map is due, and the field that it is counted from: a review counts to the end of
// its day in UTC. A map that was never reviewed counts from its creation, and field is empty. The instant is zero when neither is known.
func (f *MapFreshness) ReviewDue(created time.Time) (due time.Time, field string) {
	every, from := DefaultReviewEvery, created
	if f != nil {
		every = f.ReviewEvery.Or(DefaultReviewEvery)
		if day, err := time.Parse(time.DateOnly, string(f.ReviewedAt)); err == nil {
			from, field = day.AddDate(0, 0, 1), "spec.freshness.reviewedAt"
		}
	}
	if from.IsZero() {
		return time.Time{}, ""
	}
	return from.Add(every), field
}
