// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package smoke checks from outside that an installed operator works. "helm test" runs it.
package smoke
