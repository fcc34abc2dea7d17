// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package money computes what customers paid: which events are orders and refunds, what they are worth in the currency that counts, and the orders of
// one person. KPIs and tables of money use it.
package money
