// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package match recognises events: which of them make a touchpoint of the map, which exclude an attempt or pass the filters, and of which persona
// a person is. It compiles the conditions of a spec once, reads the values of a row for them (Values), and keeps what is known about a
// person so far (Known).
package match
