// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package registry lists the transports. A new one is a folder beside this one and a line here.
package registry

import (
	"errors"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/cloudevents"
	"github.com/journeyman-dev/journeyman/internal/transport/segment"
	"github.com/journeyman-dev/journeyman/internal/transport/webhook"
)

// ErrNone says that a spec has no transport that this program knows.
var ErrNone = errors.New("transport: set exactly one of webhook, segment and cloudEvents")

// Kinds of transport.
func Kinds() []transport.Kind {
	return []transport.Kind{webhook.Kind, segment.Kind, cloudevents.Kind}
}

// Of gives the transport that the spec chose.
func Of(t *v1alpha1.Transport) (transport.Kind, error) {
	for _, k := range Kinds() {
		if k.Used(t) {
			return k, nil
		}
	}
	return transport.Kind{}, ErrNone
}

// SecretKey is the name of the file that holds the transport's secrets; empty when it needs none.
func SecretKey(k transport.Kind, t *v1alpha1.Transport) string {
	ref := k.SecretRef(t)
	if ref == nil {
		return ""
	}
	if ref.Key == "" {
		return podconfig.DefaultSecretKey
	}
	return ref.Key
}
