// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package money knows what customers paid: which events are orders and refunds, what they are worth in the currency that counts, and
// the orders of one person. Measures and tables of money build on it.
package money
