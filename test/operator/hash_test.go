// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import "regexp"

// The names of Secrets and of first Jobs end in eight hex digits, which depend on UIDs.
var (
	hashSuffix = regexp.MustCompile("-[0-9a-f]{8}$")
	hashInText = regexp.MustCompile("-[0-9a-f]{8}\"")
)
