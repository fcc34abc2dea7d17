// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "fmt"

// exclusionRule is one match of one exclusion.
type exclusionRule struct {
	number uint8
	where  conditions
}

// compileExclusionRules gives the matches by event name.
func compileExclusionRules(list []Exclusion) (byName[exclusionRule], error) {
	out := byName[exclusionRule]{}
	for i, x := range list {
		for k, m := range x.Match {
			where, err := compile(m.Where, fmt.Sprintf("spec.progression.exclusions[%d].match[%d].where", i, k))
			if err != nil {
				return nil, err
			}
			out[m.Event] = append(out[m.Event], exclusionRule{number: uint8(i), where: where})
		}
	}
	return out, nil
}

// excluding gives the set of exclusions that an event belongs to.
func excluding(rules []exclusionRule, v *Values) uint8 {
	var set uint8
	for i := range rules {
		if set&(1<<rules[i].number) == 0 && rules[i].where.allHold(v) {
			set |= 1 << rules[i].number
		}
	}
	return set
}
