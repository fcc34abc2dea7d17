// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package attribution is the table that shares conversions, or their money, among the touches before them: by rules for one conversion at a time, and
// by models of all paths together. docs/tables/attribution.md defines it.
package attribution
