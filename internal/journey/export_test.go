// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// FormatWindow is what the tests outside of this package look at, of what is not exported.
var FormatWindow = formatWindow
