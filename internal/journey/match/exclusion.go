// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// ExclusionRule is one match of one exclusion.
type ExclusionRule struct {
	number uint8
	where  Conditions
}

// CompileExclusions returns the matches by event name.
func CompileExclusions(list []journey.Exclusion) (ByName[ExclusionRule], error) {
	out := ByName[ExclusionRule]{}
	for i, x := range list {
		for k, m := range x.Match {
			where, err := Compile(m.Where, fmt.Sprintf("spec.progression.exclusions[%d].match[%d].where", i, k))
			if err != nil {
				return nil, err
			}
			out[m.Event] = append(out[m.Event], ExclusionRule{number: uint8(i), where: where})
		}
	}
	return out, nil
}

// Excluding returns the set of exclusions that match an event.
func Excluding(rules []ExclusionRule, v *Values) uint8 {
	var set uint8
	for i := range rules {
		if set&(1<<rules[i].number) == 0 && rules[i].where.AllHold(v) {
			set |= 1 << rules[i].number
		}
	}
	return set
}
