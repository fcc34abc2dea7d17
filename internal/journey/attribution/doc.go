// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package attribution is the table that shares conversions, or their money, out to the touches before them: by rules that look at
// one conversion at a time, and by models that look at all paths together. docs/tables/attribution.md defines it.
package attribution
