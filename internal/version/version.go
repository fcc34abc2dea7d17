// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package version holds the version of the program, set at link time.
package version

// Version of the program, such as v0.1.0 or a commit; "dev" when it was built by hand.
var Version = "dev"
