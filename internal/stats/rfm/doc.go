// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rfm scores customers by recency, frequency and monetary value, each from 1 to 5 by quintiles, and names segments of them.
//
// Source: A. M. Hughes, Strategic database marketing (1994), for the quintiles. The names are those in common use; Segments has the table.
package rfm
