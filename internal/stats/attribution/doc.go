// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package attribution shares conversions out among channels (or touchpoints) by two models that look at all paths together: removal
// effects in a Markov chain, and the Shapley value. Both start from integer counts that merge over shards exactly; the models that
// look at one path at a time (first, last, linear, …) need none of this and live with the journey.
//
// Channels are numbers from 0. Whoever gives them out bounds them, and puts what is beyond the bound into one "other".
package attribution
