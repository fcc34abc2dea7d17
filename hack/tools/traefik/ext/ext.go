// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ext has the types that a build of Traefik may add to its dynamic configuration: none. Traefik's own package is a nested module that has no
// versions, so the module proxy does not have it.
package ext

// HTTP adds nothing to the HTTP configuration.
type HTTP struct{}

// Router adds nothing to a router.
type Router struct{}

// RouterIng adds nothing to a router of an Ingress.
type RouterIng struct{}

// ToRouter returns what it adds to the router.
func (RouterIng) ToRouter() Router { return Router{} }
