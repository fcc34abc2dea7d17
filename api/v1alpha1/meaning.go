// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "time"

// Chosen returns the JSON name of the transport that is set, and the Secret that it verifies senders with, or nil if it needs none. The name is empty
// if no transport is set.
func (t *Transport) Chosen() (name string, secret *SecretKeyReference) {
	switch {
	case t.Webhook != nil:
		return "webhook", t.Webhook.SecretRef
	case t.Segment != nil:
		return "segment", &t.Segment.SecretRef
	case t.CloudEvents != nil:
		return "cloudEvents", t.CloudEvents.SecretRef
	case t.PostHog != nil:
		return "posthog", &t.PostHog.SecretRef
	case t.Mixpanel != nil:
		return "mixpanel", &t.Mixpanel.SecretRef
	case t.Amplitude != nil:
		return "amplitude", &t.Amplitude.SecretRef
	case t.GA4 != nil:
		return "ga4", &t.GA4.SecretRef
	case t.Snowplow != nil:
		return "snowplow", t.Snowplow.SecretRef
	case t.Matomo != nil:
		return "matomo", t.Matomo.SecretRef
	}
	return t.reading(), nil
}

// isPublic reports whether anybody can send: the key is in the pages and apps that send, or there is none.
func (t *Transport) isPublic() bool {
	switch {
	case t.Pulls():
		return false // The system, or the cluster, decides who can write to it.
	case t.Webhook != nil:
		return t.Webhook.Unauthenticated != nil
	case t.CloudEvents != nil:
		return t.CloudEvents.Unauthenticated != nil
	case t.Matomo != nil:
		return t.Matomo.Unauthenticated != nil
	case t.GA4 != nil:
		return false // The API secret is one of servers.
	}
	name, _ := t.Chosen()
	return name != ""
}

// ChallengeKey returns the key of the Secret with the token of a challenge, or an empty text if the transport has none.
func (t *Transport) ChallengeKey() string {
	if t.Webhook == nil || t.Webhook.SecretRef == nil || t.Webhook.Handshake == nil || t.Webhook.Handshake.Challenge == nil {
		return ""
	}
	if key := t.Webhook.Handshake.Challenge.TokenKey; key != "" {
		return key
	}
	return DefaultTokenKey
}

// APIKey returns the key of the Secret with the secret of the API that follow-up reads use, or an empty text if there are none.
func (t *Transport) APIKey() string {
	if t.Webhook == nil || t.Webhook.SecretRef == nil || t.Webhook.FollowUp == nil {
		return ""
	}
	if key := t.Webhook.FollowUp.SecretKey; key != "" {
		return key
	}
	return DefaultAPIKey
}

// DefaultReviewEvery is the default of spec.freshness.reviewEvery of a map.
const DefaultReviewEvery = 90 * 24 * time.Hour

// ReviewDue returns when the next review of a map is due, and the field that this is based on. The interval starts at the end of the day of the
// last review, in UTC. If the map was never reviewed, it starts at the creation of the map, and field is empty. The time is zero if neither is known.
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
