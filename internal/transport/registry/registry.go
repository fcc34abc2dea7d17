// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package registry lists the transports. A new transport is a folder next to this one and a line here.
package registry

import (
	"errors"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/amplitude"
	"github.com/journeyman-dev/journeyman/internal/transport/cloudevents"
	"github.com/journeyman-dev/journeyman/internal/transport/ga4"
	"github.com/journeyman-dev/journeyman/internal/transport/matomo"
	"github.com/journeyman-dev/journeyman/internal/transport/mixpanel"
	"github.com/journeyman-dev/journeyman/internal/transport/posthog"
	"github.com/journeyman-dev/journeyman/internal/transport/segment"
	"github.com/journeyman-dev/journeyman/internal/transport/snowplow"
	"github.com/journeyman-dev/journeyman/internal/transport/webhook"
)

// ErrNone means that a spec has no known transport.
var ErrNone = errors.New("transport: set exactly one")

// Kinds returns the transports.
func Kinds() []transport.Kind {
	return []transport.Kind{
		webhook.Kind, segment.Kind, cloudevents.Kind, posthog.Kind, mixpanel.Kind, amplitude.Kind, ga4.Kind, snowplow.Kind, matomo.Kind,
	}
}

// Of returns the transport that the spec chose.
func Of(t *v1alpha1.Transport) (transport.Kind, error) {
	name, _ := t.Chosen()
	for _, k := range Kinds() {
		if k.Name == name {
			return k, nil
		}
	}
	return transport.Kind{}, ErrNone
}
