// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"net/http"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// ga4 returns a source of the Measurement Protocol.
func ga4(s *Sample) *Source {
	out := with("ga4", v1alpha1.Transport{GA4: &v1alpha1.GA4Transport{SecretRef: *secretRef()}}, s.secret())
	out.Accepted = http.StatusNoContent
	return out
}

// snowplow returns a collector, with a key if the sample has one.
func snowplow(s *Sample) *Source {
	t := &v1alpha1.SnowplowTransport{SecretRef: secretRef()}
	if s.secret() == "" {
		t = &v1alpha1.SnowplowTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}
	}
	return with("snowplow", v1alpha1.Transport{Snowplow: t}, s.secret())
}

// matomo returns a source of the tracking API, which accepts requests of pages without a token. A wrong token is refused if there is a right one.
func matomo(s *Sample) *Source {
	t := &v1alpha1.MatomoTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}
	if s.secret() != "" {
		t.SecretRef = secretRef()
	}
	return with("matomo", v1alpha1.Transport{Matomo: t}, s.secret())
}
