// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
)

// Groups formats each group as its values, its customers and those who continued.
func Groups(groups []*breakdown.Group) []string {
	var out []string
	for _, g := range groups {
		name := strings.Join(g.Values, "+")
		if g.Other {
			name = "(rest)"
		}
		out = append(out, fmt.Sprintf("%s %d %d", name, g.Funnel.Customers, g.Funnel.Converted))
	}
	return out
}
