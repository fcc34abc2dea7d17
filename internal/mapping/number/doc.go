// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package number implements exact decimals in CEL: values that keep all digits of a document, and their operators and literals.
package number
