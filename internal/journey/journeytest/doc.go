// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journeytest is what the tests of the journey packages share: events and plans to draw and to run, and a reference for progression
// that tries everything. Only tests import it.
package journeytest
