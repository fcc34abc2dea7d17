// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// What the tests outside of this package look at, of what is not exported.
const (
	MaxOwnValues = maxOwnValues
	LateAfter    = lateAfter
)

// FormatWindow writes a window.
var FormatWindow = formatWindow
