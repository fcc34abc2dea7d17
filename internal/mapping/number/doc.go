// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package number is exact decimals in CEL: values that keep all digits of a document, and the operators and literals that go with them.
package number
