// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package registry lists the kinds of readers. A new one is a folder next to this one and a line here.
package registry

import (
	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/amqp"
	"github.com/journeyman-dev/journeyman/internal/pull/kafka"
	"github.com/journeyman-dev/journeyman/internal/pull/mqtt"
	"github.com/journeyman-dev/journeyman/internal/pull/nats"
	"github.com/journeyman-dev/journeyman/internal/pull/objects"
	"github.com/journeyman-dev/journeyman/internal/pull/rest"
	"github.com/journeyman-dev/journeyman/internal/pull/sql"
)

// Kinds returns the kinds of readers.
func Kinds() []pull.Kind {
	return []pull.Kind{kafka.Kind, nats.Kind, amqp.Kind, mqtt.Kind, objects.Kind, sql.Kind, rest.Kind}
}

// Of returns the kind that the spec chose; false if its transport receives requests, or people import its files.
func Of(t *v1alpha1.Transport) (pull.Kind, bool) {
	if t.Waits() {
		return pull.Kind{}, false
	}
	name, _ := t.Chosen()
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return pull.Kind{}, false
}
