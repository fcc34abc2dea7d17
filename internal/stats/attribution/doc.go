// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package attribution shares conversions among channels (or touchpoints) by two models that use all paths together: removal effects in a Markov
// chain, and the Shapley value. Both start from integer counts that merge over shards exactly. The models that use one path at a time (first,
// last, linear, …) need none of this and are in internal/journey/attribution.
//
// Channels are numbers from 0. The caller limits them and combines the rest into one "other".
package attribution
