// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package clv predicts the future purchases of customers from their past ones: the BG/NBD model for the number of purchases and the gamma-gamma
// model for their value, both estimated by maximum likelihood, and customer lifetime value from the two.
//
// Sources: P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting your customers" the easy way: an alternative to the Pareto/NBD model,
// Marketing Science 24 (2005) 275–284; the same, Computing P(alive) using the BG/NBD model (note 021, 2008);
// P. S. Fader, B. G. S. Hardie, The gamma-gamma model of monetary value (note 025, 2013).
//
// The estimates are deterministic: customers are counted in a grid that merges exactly, sums run over its cells in the order of
// their keys, and the search has fixed starting points and one goroutine.
package clv
