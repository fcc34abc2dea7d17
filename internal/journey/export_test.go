// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// FormatWindow exports formatWindow for tests.
var FormatWindow = formatWindow
