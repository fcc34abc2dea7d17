// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package smoke asks an installed operator for a sign of life, from outside: helm test runs it.
package smoke
