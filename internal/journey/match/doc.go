// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package match recognises events: which of them make a touchpoint of the map, which exclude an attempt, which pass the filters, and which persona a
// person has. It compiles the conditions of a spec once, reads the values of a row for them (Values), and keeps the traits and groups of a person so
// far (Known).
package match
