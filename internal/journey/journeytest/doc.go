// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journeytest holds what the tests of the journey packages share: generators of events and plans, runners, and a brute-force reference for
// progression. Only tests import it.
package journeytest
