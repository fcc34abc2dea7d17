// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxUnmatched is the number of event names that a note lists.
const maxUnmatched = 5

// unmet names the stages of each map that no event of the files can enter, with the most frequent events that nothing matches, because one of these
// can be the event of the stage under another name.
func (n *names) unmet(all []*v1alpha1.JourneyMap) []string {
	if len(n.seen) == 0 || len(n.seen) == maxNames {
		return nil // some names may not have been remembered
	}
	var out []string
	for _, m := range all {
		var stages []string
		for i := range m.Spec.Stages {
			if wanted := n.missing(&m.Spec.Stages[i]); len(wanted) > 0 {
				stages = append(stages, fmt.Sprintf("%s (%s)", m.Spec.Stages[i].Name, strings.Join(wanted, ", ")))
			}
		}
		if len(stages) > 0 {
			out = append(out, fmt.Sprintf("JourneyMap %s: no event of the files is called what these stages match: %s%s",
				m.Name, strings.Join(stages, ", "), n.unmatched()))
		}
	}
	return out
}

// missing returns the names that a stage matches, if no event has any of them; none if some event can enter it.
func (n *names) missing(s *v1alpha1.Stage) (wanted []string) {
	for _, t := range s.Touchpoints {
		for _, m := range t.Match {
			if m.Event == "" || n.seen[m.Event] > 0 {
				return nil
			}
			if name := fmt.Sprintf("%q", m.Event); !slices.Contains(wanted, name) {
				wanted = append(wanted, name)
			}
		}
	}
	return wanted
}

// unmatched lists the most frequent events that nothing matches.
func (n *names) unmatched() string {
	var list []string
	for _, name := range slices.SortedFunc(maps.Keys(n.seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(n.seen[b], n.seen[a]), cmp.Compare(a, b))
	}) {
		if !n.wanted[name] {
			list = append(list, fmt.Sprintf("%q (%s)", name, value.Counted(n.seen[name], "event")))
		}
	}
	switch more := len(list) - maxUnmatched; {
	case len(list) == 0:
		return ""
	case more > 0:
		list = append(list[:maxUnmatched:maxUnmatched], fmt.Sprintf("and %d more", more))
	}
	return "; no match in the manifests names " + strings.Join(list, ", ")
}
